"""CSV files as extracts: the header checked, records as they came, nothing lost.

Fields are separated by what is declared, quoted by `"`, and a quote within quotes is doubled (RFC
4180). A field spans lines only where `multiline` is declared; else both pieces of such a line end
in quarantine. Lines end in LF, CRLF or CR; blank lines are no rows.
"""

import csv
from pathlib import Path

from pyspark.sql import DataFrame, SparkSession

from hitcast.declaration.source import Source
from hitcast.declaration.use_case import UseCase
from hitcast.errors import NoRowsError, SourceError
from hitcast.sources.columns import check_columns, once_each
from hitcast.sources.content import Content
from hitcast.sources.disguise import hashed, listed, listed_if_known
from hitcast.sources.extract import Extract
from hitcast.sources.glue import first_record, glued
from hitcast.sources.layout import Layout
from hitcast.sources.lines import as_records, numbered_lines
from hitcast.sources.paths import content_of

DELIMITERS = ",;\t|"
KINDS = {
    b"PAR1": "Parquet",
    b"PK": "a zip archive, as Excel's files are",
    b"\xff\xfe": "UTF-16",
    b"\xfe\xff": "UTF-16",
    b"BZh": "what bzip2 packed",
    b"\xd0\xcf\x11\xe0": "a file of Excel's",
}


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
        use_case: Says which columns are expected, which carry nothing, how the file is written.
        source: Kind of source, for the counts.
        generated: Whether the rows were generated.

    Returns:
        The extract; its header has been read, its lines are read when asked for. All that can be
        refused is refused here, before a Spark session is started or a table touched.

    Raises:
        SourceError: if the file can't be read, is no CSV, has no lines or lacks columns.
    """
    written = Source() if generated else use_case.source
    content = content_of(path, "csv")
    head = content.head()
    separator = "\n" if b"\n" in head or b"\r" not in head else "\r"
    found = _header(content, head, separator, written, use_case)
    delimiter, encoding = written.delimiter, written.encoding
    layout = Layout(
        "csv", tuple(found), delimiter, encoding, written.decimal, multiline=written.multiline
    )

    def read(spark: SparkSession) -> DataFrame:
        if not written.multiline:
            return as_records(numbered_lines(spark, content.path), skipped=1)
        lines = numbered_lines(spark, content.path, separator)
        return glued(lines, delimiter, encoding, separator, written.limits.line_bytes)

    return Extract(
        source=source,
        name=str(content.path),
        checksum=content.checksum(written.limits),
        generated=generated,
        layout=layout,
        read=read,
    )


def _header(
    content: Content, head: bytes, separator: str, written: Source, use_case: UseCase
) -> list[str]:
    """The names in the first record, stripped, once they are known to be enough."""
    name, expected = content.path.name, list(use_case.source_names)
    first = head.splitlines()[0] if head else b""
    if written.multiline:
        first = first_record(head, written.delimiter, written.encoding, separator)
    found = _names(first, name, written, expected)
    if not set(expected) & set(use_case.named(found)):
        raise SourceError(
            f"{name} is not a CSV file with the expected columns: expected a header with "
            f"{expected}, found {listed_if_known(found, expected)} in its first line ("
            f"{hashed(first)}){_other_delimiter(first, written, use_case)}"
        )
    check_columns(name, found, use_case, are_names=False)
    once_each(name, use_case.named(found), expected)
    if not content.goes_on_behind(len(first)):
        raise NoRowsError(
            f"{name} has no lines below its header: expected rows with {expected}, "
            f"found {listed(found)} alone; get the extract again"
        )
    return found


def _names(first: bytes, name: str, written: Source, expected: list[str]) -> list[str]:
    """The names in a first record.

    Raises:
        SourceError: if it is empty or is not text.
    """
    try:
        text = first.decode(written.encoding).removeprefix("\ufeff")
        found = [field.strip() for field in _fields(text, written.delimiter)]
    except (UnicodeDecodeError, csv.Error):
        raise SourceError(
            f"{name} is not a CSV file in {written.encoding.upper()}: expected a header with "
            f"{expected}, found bytes that are no text{_kind(first)}; what a file of another "
            "format or encoding is, source.format and source.encoding say in conf/"
        ) from None
    if not any(found):
        raise SourceError(
            f"{name} is empty or starts with a blank line: expected a header with "
            f"{expected}, found no columns"
        )
    return found


def _fields(text: str, delimiter: str) -> list[str]:
    return next(csv.reader(text.splitlines(keepends=True), delimiter=delimiter), [])


def _other_delimiter(first: bytes, written: Source, use_case: UseCase) -> str:
    """A hint where the fields are separated by something else than declared."""
    text = first.decode(written.encoding, "replace").removeprefix("\ufeff")
    for sign in DELIMITERS:
        there = use_case.named([field.strip(' "') for field in text.split(sign)])
        if known := [name for name in there if name in use_case.source_names]:
            return f"; {listed(known)} are there, separated by {sign!r}: declare source.delimiter"
    return ""


def _kind(start: bytes) -> str:
    """What bytes are that are no text, as far as their first ones say."""
    return next((f" but {kind}" for sign, kind in KINDS.items() if start.startswith(sign)), "")
