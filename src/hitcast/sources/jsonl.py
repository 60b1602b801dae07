"""Files of JSON Lines as extracts: one object a line, in UTF-8.

A key that is null, or not there, is nothing; objects and arrays stay JSON's text. Lines that are no
objects end in quarantine.
"""

import json
from pathlib import Path

from hitcast.declaration.use_case import UseCase
from hitcast.errors import NoRowsError, SourceError
from hitcast.sources.columns import check_columns
from hitcast.sources.content import CHUNK
from hitcast.sources.disguise import hashed
from hitcast.sources.extract import Extract
from hitcast.sources.layout import Layout
from hitcast.sources.lines import as_records, numbered_lines
from hitcast.sources.paths import content_of

LOOKED_AT = 1000
"""Lines whose keys are the columns, before all are read."""
KINDS = {
    list: "an array",
    str: "a text",
    int: "a number",
    float: "a number",
    bool: "a truth value",
    type(None): "null",
}


def jsonl_extract(path: Path, use_case: UseCase, *, source: str = "jsonl") -> Extract:
    """Open a file of JSON Lines as an extract.

    Args:
        path: The file; on a platform, one that Spark and Python both see.
        use_case: Says which columns are expected. Those that are not required may be missing:
            many programs leave out what is null.
        source: Kind of source, for the counts.

    Raises:
        SourceError: if the file can't be read, has no objects in its first lines, or these lack
            columns.
    """
    content = content_of(path, "jsonl")
    found = _keys(content.head(), content.path.name, use_case)
    may_lack = [name for name in use_case.source_names if name not in use_case.needed]
    # Objects by somebody's name have that for a key.
    check_columns(content.path.name, found, use_case, may_lack=may_lack, are_names=False)
    return Extract(
        source=source,
        name=str(content.path),
        checksum=content.checksum(use_case.source.limits),
        generated=False,
        layout=Layout("jsonl"),
        read=lambda spark: as_records(numbered_lines(spark, content.path)),
    )


def _keys(head: bytes, name: str, use_case: UseCase) -> list[str]:
    """The keys of the first lines' objects, each once.

    Raises:
        SourceError: if there is no object among them.
    """
    lines = head.removeprefix(b"\xef\xbb\xbf").splitlines()
    whole = lines if len(head) < CHUNK or len(lines) < 2 else lines[:-1]
    records = [_object(line) for line in whole[:LOOKED_AT]]
    keys = list(dict.fromkeys(key for record in records if record for key in record))
    if not any(record is not None for record in records):
        number, first = next(((n, x) for n, x in enumerate(whole, 1) if x.strip()), (1, b""))
        kind = SourceError if first or len(head) >= CHUNK else NoRowsError
        raise kind(
            f"{name}, line {number}: expected a JSON object a line with the keys "
            f"{list(use_case.source_names)}, found {_told(first)} and no object below; see "
            "source.format in conf/"
        )
    return keys


def _told(line: bytes) -> str:
    """What a line is that is no object, without its words."""
    if not line:
        return "nothing"
    try:
        kind = KINDS[type(json.loads(line))]
    except ValueError:
        kind = "an object of several lines" if line.strip() == b"{" else "no JSON"
    return f"{kind} ({hashed(line)})"


def _object(line: bytes) -> dict[str, object] | None:
    try:
        found = json.loads(line)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None
