"""ARFF files as extracts: the header's attributes are the fields of the lines below `@data`.

SciPy's reader takes no texts, no names in double quotes and no comment behind an attribute, and it
turns values into numbers, so that bronze could not have lines as they came. So the header is read
here, which is names in order.
"""

import re
from pathlib import Path

from pyspark.sql import DataFrame, SparkSession

from hitcast.declaration.use_case import UseCase
from hitcast.errors import NoRowsError, SourceError
from hitcast.sources.columns import check_columns, once_each
from hitcast.sources.content import Content
from hitcast.sources.disguise import hashed
from hitcast.sources.extract import Extract
from hitcast.sources.layout import Layout
from hitcast.sources.lines import as_records, numbered_lines
from hitcast.sources.paths import content_of

NAME = r"""(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|([^\s{]+))"""
ATTRIBUTE = re.compile(
    rf"@attribute\s+{NAME}\s*(\{{|(?:numeric|real|integer|string|date)\b)", re.IGNORECASE
)


def arff_extract(path: Path, use_case: UseCase, *, source: str = "arff") -> Extract:
    """Open an ARFF file as an extract.

    Args:
        path: The file; on a platform, one that Spark and Python both see.
        use_case: Says which columns are expected; others are kept in bronze alone.
        source: Kind of source, for the counts.

    Raises:
        SourceError: if the file is no ARFF, is a sparse one, or lacks columns or data.
    """
    content = content_of(path, "arff")
    encoding, expected = use_case.source.encoding, list(use_case.source_names)
    found, above = header_of(content, encoding)
    check_columns(content.path.name, found, use_case)
    once_each(content.path.name, use_case.named(found), expected)

    def read(spark: SparkSession) -> DataFrame:
        return as_records(numbered_lines(spark, content.path), skipped=above)

    return Extract(
        source=source,
        name=str(content.path),
        checksum=content.checksum(use_case.source.limits),
        generated=False,
        layout=Layout("arff", tuple(found), encoding=encoding),
        read=read,
    )


def header_of(content: Content, encoding: str) -> tuple[list[str], int]:
    """The names of the attributes, and how many lines there are down to `@data`.

    Raises:
        SourceError: with the number of the line that is not as it should be.
    """
    names: list[str] = []
    text = content.head().decode(encoding, "replace").removeprefix("\ufeff")
    # Lines end here as they do to Spark, at CR and LF alone.
    lines = re.split(r"\r\n|\r|\n", text)
    for number, line in enumerate(map(str.strip, lines), 1):
        word = (line.lower().split() or [""])[0]
        if word == "@data":
            return names, _below(content, lines, number)
        if word == "@attribute":
            names.append(_name(line, content.path.name, number))
        elif line and not line.startswith("%") and word != "@relation":
            raise _wrong(content, number, "@relation, @attribute, @data or a comment", hashed(line))
    raise _wrong(content, len(lines), "@data in the first megabyte", "none")


def _name(line: str, file: str, number: int) -> str:
    """The name of an attribute, without quotes."""
    found = ATTRIBUTE.match(line)
    if found is None:
        raise SourceError(
            f"{file}, line {number}: expected @attribute NAME and numeric, real, integer, string, "
            # Its values, where it has some, are for nobody.
            f"date or {{values}}, found {line.split('{')[0][:80]!r}"
        )
    name = next(group for group in found.groups()[:3] if group is not None)
    return re.sub(r"\\(.)", r"\1", name)


def _below(content: Content, lines: list[str], number: int) -> int:
    """The number of lines down to `@data`, once there is data below that is not sparse."""
    data = [line.strip() for line in lines[number:]]
    first = next((line for line in data if line and not line.startswith("%")), None)
    if first is None:
        raise NoRowsError(
            f"{content.path.name}, line {number}: expected lines of data below @data, found none; "
            "get the file again"
        )
    if first.startswith("{"):
        place = number + 1 + data.index(first)
        raise SourceError(
            f"{content.path.name}, line {place}: expected values in order, found sparse ones "
            f"({hashed(first)}); write it anew, as by Weka's filter SparseToNonSparse"
        )
    return number


def _wrong(content: Content, number: int, expected: str, found: str) -> SourceError:
    return SourceError(
        f"{content.path.name}, line {number}: expected {expected}, found {found}; is it an "
        "ARFF file? See source.format in conf/"
    )
