"""CSV files as extracts: the header checked, lines split into text columns, nothing lost.

Fields are separated by commas, quoted by `"`, and a quote within quotes is doubled (RFC 4180),
but for one thing: a field can't span lines. Both pieces of such a line end in quarantine. Lines
end in LF, CRLF or CR; blank lines are no rows.
"""

import csv
import hashlib
from collections.abc import Sequence
from pathlib import Path

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from hitcast.declaration.use_case import UseCase
from hitcast.errors import SourceError
from hitcast.running.job import say
from hitcast.sources.extract import Extract

CHUNK = 1 << 20
PACKED = {".gz", ".bz2", ".zip", ".zst", ".xz", ".7z", ".lz4", ".snappy", ".deflate"}
QUOTED = '"(?:[^"]|"")*"'
UNCLOSED = '(?:^|,)"(?:[^"]|"")*$'


def csv_extract(
    path: Path,
    use_case: UseCase,
    *,
    source: str = "csv",
    generated: bool = False,
) -> Extract:
    """Open a CSV file as an extract.

    Args:
        path: The file; on a platform, one that Spark and Python both see (`/Volumes/...`).
        use_case: Says which columns are expected, and which carry nothing.
        source: Kind of source, for the counts.
        generated: Whether the rows were generated.

    Returns:
        The extract; its header has been read, its lines are read when asked for. All that can be
        refused is refused here, before a Spark session is started or a table touched.

    Raises:
        SourceError: if the file can't be read, is no CSV, has no lines or lacks columns.
    """
    path = _readable(path)
    found = _header(path, use_case)
    checksum = _checksum(path)
    return Extract(
        source=source,
        name=str(path),
        checksum=checksum,
        generated=generated,
        read=lambda spark: _lines(spark, path, found, use_case.column_names),
    )


def _readable(path: Path) -> Path:
    if not path.exists():
        raise SourceError(f"expected a CSV file at {path}, found none; check the path")
    if not path.is_file():
        raise SourceError(f"expected a CSV file at {path}, found a folder; name a file in it")
    path = path.resolve()
    if path.name.startswith(("_", ".")) or ":" in path.name:
        raise SourceError(
            f"expected a CSV file, got {path.name}: Spark reads no name that starts with _ or . or "
            "holds a colon; rename it"
        )
    if path.suffix.lower() in PACKED:
        raise SourceError(f"expected a CSV file, got {path.name}, which is packed; unpack it first")
    return path


def _header(path: Path, use_case: UseCase) -> list[str]:
    """The names in the first line, stripped, once they are known to be enough."""
    expected = list(use_case.column_names)
    try:
        with path.open("rb") as file:
            start = file.read(CHUNK)
            first = start.splitlines()[0] if start else b""
            file.seek(len(first))
            has_lines = any(chunk.strip() for chunk in iter(lambda: file.read(CHUNK), b""))
    except OSError as error:
        raise SourceError(f"{path} can't be read ({error.strerror}); check its rights") from None
    found = _names(first, path, expected)
    missing = [name for name in expected if name not in found]
    if len(missing) == len(expected):
        raise SourceError(
            f"{path.name} is not a CSV file with the expected columns: expected {expected}, "
            f"found {_short(found)} in its first line"
        )
    if missing:
        raise SourceError(
            f"{path.name} lacks the columns {missing}: expected {expected}, found {_short(found)}"
        )
    twice = sorted({name for name in expected if found.count(name) > 1})
    if twice:
        raise SourceError(
            f"{path.name} has the columns {twice} more than once: expected {expected}, "
            f"found {_short(found)}; remove or rename one"
        )
    if not has_lines:
        raise SourceError(
            f"{path.name} has no lines below its header: expected rows with {expected}, "
            f"found {_short(found)} alone; get the extract again"
        )
    unknown = [n for n in found if n not in expected and n not in use_case.source.ignored_columns]
    if unknown:
        say(f"note: {path.name} has columns that are not declared, ignored: {_short(unknown)}")
    return found


def _names(first: bytes, path: Path, expected: list[str]) -> list[str]:
    """The names in a first line.

    Raises:
        SourceError: if the line is empty or is not text.
    """
    try:
        text = first.decode("utf-8-sig")
        found = [name.strip() for name in next(csv.reader([text]), [])]
    except (UnicodeDecodeError, csv.Error):
        raise SourceError(
            f"{path.name} is not a CSV file in UTF-8: expected a header with {expected}, found "
            f"bytes that are no text ({first[:12]!r}...)"
        ) from None
    if not any(found):
        raise SourceError(
            f"{path.name} is empty or starts with a blank line: expected a header with "
            f"{expected}, found no columns"
        )
    return found


def _short(names: Sequence[str]) -> str:
    """Names as they are listed in an error: a file that is no CSV may have a very long one."""
    clipped = [name if len(name) <= 40 else name[:40] + "..." for name in names]
    return str(clipped if len(clipped) <= 60 else [*clipped[:60], "..."])


def _checksum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _lines(
    spark: SparkSession, path: Path, found: Sequence[str], columns: Sequence[str]
) -> DataFrame:
    """One row per line of the file that is not blank, without the header."""
    schema = ", ".join([*(f"c{i} string" for i in range(len(found))), "broken string"])
    options = {"escape": '"', "columnNameOfCorruptRecord": "broken"}
    # A name with brackets or stars in it is one file, not a pattern.
    lines = spark.read.option("__globPaths__", "false").text(str(path))
    value = F.col("value")
    split = (
        # One file's partitions are its pieces in order, so these numbers ascend in its order.
        lines.select("value", F.monotonically_increasing_id().alias("line_id"))
        .where((F.col("line_id") > 0) & (F.trim(value) != ""))
        .select("value", "line_id", F.from_csv(value, schema, options).alias("field"))
        .select("value", "line_id", "field.*")
        .withColumn("line_defects", _defects(len(found)))
    )
    whole = F.col("broken").isNull()
    return split.select(
        "line_id",
        F.xxhash64("value").alias("line_hash"),
        *(F.when(whole, F.col(f"c{found.index(name)}")).alias(name) for name in columns),
        "line_defects",
        F.when(F.col("line_defects").isNotNull(), value.cast("binary")).alias("raw_line"),
    )


def _defects(fields: int) -> Column:
    """What keeps a line from being split into `fields` fields; null where nothing does."""
    value = F.col("value")
    broken = F.col("broken").isNotNull()
    text = ~F.is_valid_utf8(value)
    # An open quote takes in the rest of the line, which shows only where the last field opens it.
    unclosed = (
        value.contains('"') & (F.regexp_count(value, F.lit('"')) % 2 == 1) & value.rlike(UNCLOSED)
    )
    got = F.regexp_count(F.regexp_replace(value, QUOTED, ""), F.lit(",")) + 1
    number = F.concat(F.lit(f"line: expected {fields} fields, got "), got.cast("string"))
    reasons = F.array_compact(
        F.array(
            F.when(text, F.lit("line: expected UTF-8, got bytes that are not")),
            F.when(unclosed, F.lit("line: expected quotes in pairs, got one that stays open")),
            F.when(broken & ~unclosed, number),
        )
    )
    return F.when(text | broken | unclosed, reasons)
