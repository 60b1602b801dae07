"""Ingest by tools of one process: the checks that Hitcast makes, then one row a key.

Each reads the CSV as texts, trims texts and brings them to NFC, casts (`5.0` is a whole number
too), checks what is required, ranges and patterns, tells good lines from bad ones, and keeps
the last good line of a key. Left out, to their advantage: the raw lines, reasons, extraction
dates, MERGE with what is there, and that a run may be killed.
"""

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa

from hitcast.declaration.columns import Column
from hitcast.declaration.use_case import UseCase

Peer = Callable[[Path, UseCase], tuple[pa.Table, int]]


def duckdb(source: Path, use_case: UseCase) -> tuple[pa.Table, int]:
    """The rows, and how many lines were bad."""
    import duckdb as peer

    columns = ", ".join(f'{_typed(c)} AS "{c.name}"' for c in use_case.source_columns)
    good = " AND ".join(filter(None, map(_sql, use_case.source_columns)))
    connection = peer.connect()
    connection.execute(
        f"CREATE TABLE lines AS SELECT {columns}, row_number() OVER () AS line FROM "
        f"read_csv('{source}', header=true, all_varchar=true, quote='\"', escape='\"')"
    )
    rows = connection.execute(
        f"SELECT * EXCLUDE (line) FROM lines WHERE {good} "
        f'QUALIFY row_number() OVER (PARTITION BY "{use_case.key}" ORDER BY line DESC) = 1'
    ).to_arrow_table()
    bad = connection.execute(f"SELECT count(*) FROM lines WHERE NOT ({good})").fetchone()
    return rows, int(bad[0]) if bad else 0


def polars(source: Path, use_case: UseCase) -> tuple[pa.Table, int]:
    """The rows, and how many lines were bad."""
    import polars as peer

    def typed(c: Column) -> peer.Expr:
        text = peer.col(c.name)
        if c.type == "text":
            bare = text.str.strip_chars().str.normalize("NFC")
            return peer.when(bare != "").then(bare)
        number = text.cast(peer.Float64, strict=False)
        number = peer.when(number.is_finite()).then(number)
        if c.type == "number":
            return number
        return peer.when(number == number.floor()).then(number.cast(peer.Int32, strict=False))

    lines = peer.read_csv(source, infer_schema=False).select(
        typed(c).alias(c.name) for c in use_case.source_columns
    )
    checks = []
    for c in use_case.source_columns:
        value = peer.col(c.name)
        legal = peer.lit(True)
        if c.minimum is not None:
            legal = legal & (value >= c.minimum)
        if c.maximum is not None:
            legal = legal & (value <= c.maximum)
        if c.pattern is not None:
            legal = legal & value.str.contains(rf"^(?:{c.pattern})$")
        checks.append(legal.fill_null(not c.required) & (value.is_not_null() | (not c.required)))
    good = lines.filter(peer.all_horizontal(checks))
    rows = good.unique(subset=[use_case.key], keep="last", maintain_order=False)
    return rows.to_arrow(), lines.height - good.height


def pandas(source: Path, use_case: UseCase) -> tuple[pa.Table, int]:
    """The rows, and how many lines were bad."""
    import pandas as peer

    lines = peer.read_csv(source, dtype=str, keep_default_na=False, na_values=[""])
    lines = lines[list(use_case.source_names)]
    good = peer.Series(True, index=lines.index)
    for c in use_case.source_columns:
        legal = peer.Series(True, index=lines.index)
        if c.type != "text":
            number = peer.to_numeric(lines[c.name], errors="coerce")
            whole = number if c.type == "number" else number.where(number % 1 == 0)
            lines[c.name] = whole
            legal &= lines[c.name].ge(c.minimum if c.minimum is not None else float("-inf"))
            legal &= lines[c.name].le(c.maximum if c.maximum is not None else float("inf"))
        else:
            bare = lines[c.name].str.strip().str.normalize("NFC")
            lines[c.name] = bare.where(bare != "")
        if c.pattern is not None:
            legal &= lines[c.name].str.fullmatch(c.pattern).fillna(False).astype(bool)
        good &= legal & lines[c.name].notna() | lines[c.name].isna() & (not c.required)
    rows = lines[good].drop_duplicates(use_case.key, keep="last")
    return pa.Table.from_pandas(rows, preserve_index=False), int((~good).sum())


PEERS: dict[str, Peer] = {"DuckDB": duckdb, "Polars": polars, "pandas": pandas}


def _typed(column: Column) -> str:
    """A text in its column's type, in SQL; null where it is none of that type."""
    name = f'"{column.name}"'
    if column.type == "text":
        return f"nullif(nfc_normalize(regexp_replace({name}, '^\\s+|\\s+$', '', 'g')), '')"
    number = f"try_cast({name} AS DOUBLE)"
    number = f"CASE WHEN isfinite({number}) THEN {number} END"
    if column.type == "number":
        return number
    return f"CASE WHEN {number} = floor({number}) THEN try_cast({number} AS INTEGER) END"


def _sql(column: Column) -> str:
    """What makes a value legal, in SQL that is never null; empty where all are."""
    name, parts = f'"{column.name}"', []
    if column.minimum is not None:
        parts.append(f"{name} >= {column.minimum}")
    if column.maximum is not None:
        parts.append(f"{name} <= {column.maximum}")
    if column.pattern is not None:
        parts.append(f"regexp_full_match({name}, '{column.pattern}')")
    if column.required:
        parts.append(f"{name} IS NOT NULL")
    legal = " AND ".join(parts)
    return f"coalesce({legal}, {not column.required})" if legal else ""
