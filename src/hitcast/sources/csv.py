"""CSV files as extracts: the header checked, lines as they came, nothing lost.

Fields are separated by commas, quoted by `"`, and a quote within quotes is doubled (RFC 4180),
but for one thing: a field can't span lines. Both pieces of such a line end in quarantine. Lines
end in LF, CRLF or CR; blank lines are no rows.
"""

import csv
import hashlib
from pathlib import Path

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from hitcast.declaration.use_case import UseCase
from hitcast.errors import SourceError
from hitcast.sources.columns import check_columns, short
from hitcast.sources.extract import Extract
from hitcast.sources.layout import Layout

CHUNK = 1 << 20
PACKED = {".gz", ".bz2", ".zip", ".zst", ".xz", ".7z", ".lz4", ".snappy", ".deflate"}


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
        layout=Layout("csv", tuple(found)),
        read=lambda spark: _lines(spark, path),
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
    expected = list(use_case.source_names)
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
            f"found {short(found)} in its first line"
        )
    check_columns(path.name, found, use_case)
    twice = sorted({name for name in expected if found.count(name) > 1})
    if twice:
        raise SourceError(
            f"{path.name} has the columns {twice} more than once: expected {expected}, "
            f"found {short(found)}; remove or rename one"
        )
    if not has_lines:
        raise SourceError(
            f"{path.name} has no lines below its header: expected rows with {expected}, "
            f"found {short(found)} alone; get the extract again"
        )
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


def _checksum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _lines(spark: SparkSession, path: Path) -> DataFrame:
    """One row per line of the file that is not blank, without the header."""
    # A name with brackets or stars in it is one file, not a pattern.
    lines = spark.read.option("__globPaths__", "false").text(str(path))
    return (
        # One file's partitions are its pieces in order, so these numbers ascend in its order.
        lines.select(F.monotonically_increasing_id().alias("line_id"), "value")
        .where((F.col("line_id") > 0) & (F.trim("value") != ""))
        .select("line_id", F.col("value").cast("binary").alias("raw_line"))
    )
