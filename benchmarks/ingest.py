"""Ingest of the full-size twin: Hitcast beside DuckDB, Polars and pandas.

The peers do less: they read, type, check ranges and deduplicate into one Parquet file, without
bronze, quarantine with reasons, MERGE or versions. Run as `make bench-ingest`.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.table import print_table, run_timed
from hitcast.declaration.loading import load_use_case
from hitcast.declaration.use_case import UseCase

FULL = 1_159_764
TARGET = 45.0


def duckdb(source: Path, target: Path, use_case: UseCase) -> int:
    """CSV to deduplicated Parquet by DuckDB; returns the rows written."""
    import duckdb as peer

    types = {"text": "VARCHAR", "integer": "INTEGER", "number": "DOUBLE"}
    columns = ", ".join(
        f'try_cast("{c.name}" AS {types[c.type]}) AS "{c.name}"' for c in use_case.columns
    )
    connection = peer.connect()
    connection.execute(
        f"COPY (SELECT * FROM (SELECT {columns} FROM read_csv('{source}', header=true, "
        f"all_varchar=true, quote='\"', escape='\"')) WHERE {_in_range(use_case)} "
        f'QUALIFY row_number() OVER (PARTITION BY "{use_case.key}") = 1) '
        f"TO '{target}' (FORMAT parquet)"
    )
    found = connection.execute(f"SELECT count(*) FROM '{target}'").fetchone()
    return int(found[0]) if found else 0


def polars(source: Path, target: Path, use_case: UseCase) -> int:
    """CSV to deduplicated Parquet by Polars; returns the rows written."""
    import polars as peer

    types = {"text": peer.String, "integer": peer.Int32, "number": peer.Float64}
    rows = peer.read_csv(source, infer_schema=False).select(
        peer.col(c.name).cast(types[c.type], strict=False) for c in use_case.columns
    )
    rows = rows.filter(
        peer.all_horizontal(
            peer.col(c.name).is_between(c.minimum, c.maximum)
            for c in use_case.columns
            if c.minimum is not None and c.maximum is not None
        )
    ).unique(subset=[use_case.key], keep="last", maintain_order=False)
    rows.write_parquet(target)
    return rows.height


def pandas(source: Path, target: Path, use_case: UseCase) -> int:
    """CSV to deduplicated Parquet by pandas; returns the rows written."""
    import pandas as peer

    rows = peer.read_csv(source, dtype=str, keep_default_na=False)[list(use_case.column_names)]
    keep = peer.Series(True, index=rows.index)
    for column in use_case.columns:
        if column.minimum is not None and column.maximum is not None:
            rows[column.name] = peer.to_numeric(rows[column.name], errors="coerce")
            keep &= rows[column.name].between(column.minimum, column.maximum)
    rows = rows[keep].drop_duplicates(use_case.key, keep="last")
    rows.to_parquet(target)
    return len(rows)


PEERS: dict[str, Callable[[Path, Path, UseCase], int]] = {
    "DuckDB": duckdb,
    "Polars": polars,
    "pandas": pandas,
}


def main() -> int:
    """Generate, ingest twice, run the peers, print the table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rows", type=int, default=FULL)
    options.add_argument("--home", type=Path, help="keep it here (default: temporary)")
    given = options.parse_args()
    use_case = load_use_case()
    with tempfile.TemporaryDirectory() as scratch:
        home = given.home or Path(scratch, "home")
        source = home / "sources" / f"{use_case.name}-twin-{given.rows}-0.csv"
        rows: list[dict[str, object]] = []
        if not source.is_file():
            from hitcast.sources.twin import write_twin

            source.parent.mkdir(parents=True, exist_ok=True)
            began = time.perf_counter()
            write_twin(source, given.rows)
            rows.append(_row("generate the twin", given.rows, time.perf_counter() - began))
        job = [sys.executable, "jobs/ingest.py", "--home", home, "--twin", str(given.rows)]
        first = run_timed(job)
        rows.append(_row("Hitcast, first ingest", first.result["inserted"], first.seconds))
        again = run_timed(job)
        rows.append(_row("Hitcast, same file again", again.result["inserted"], again.seconds))
        for name, peer in PEERS.items():
            began = time.perf_counter()
            written = peer(source, Path(scratch, f"{name}.parquet"), use_case)
            rows.append(_row(f"{name}: to one Parquet file", written, time.perf_counter() - began))
    print_table(f"Ingest of {given.rows:,} generated rows", rows)
    print(f"target: first ingest, session start included, in {TARGET:.0f} s or less")
    return 0


def _row(what: str, rows: int, seconds: float) -> dict[str, object]:
    return {"what": what, "rows written": rows, "seconds": seconds}


def _in_range(use_case: UseCase) -> str:
    return " AND ".join(
        f'"{c.name}" BETWEEN {c.minimum} AND {c.maximum}'
        for c in use_case.columns
        if c.minimum is not None
    )


if __name__ == "__main__":
    sys.exit(main())
