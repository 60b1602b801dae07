"""Layouts: what the records of one extract have in common.

Bronze keeps records as they came, so what a file's header and the declaration said has to outlast
both. A format is a reader, which gives raw records, and a function that splits them (`split`).
"""

import json
from dataclasses import asdict, dataclass, fields
from typing import Any


@dataclass(frozen=True)
class Layout:
    """How the records of one extract are split.

    Attributes:
        format: `csv`, `arff` or `jsonl` (a line as read), `json` (a row as one object).
        fields: For CSV and ARFF the names of the fields, in order, as the header has them.
        delimiter: For CSV what stands between fields.
        encoding: Of a line's bytes, by Python's name.
        decimal: For CSV what stands before a number's fraction.
        multiline: For CSV whether a record may span lines.
    """

    format: str
    fields: tuple[str, ...] = ()
    delimiter: str = ","
    encoding: str = "utf-8"
    decimal: str = "."
    multiline: bool = False

    @property
    def places(self) -> dict[str, int]:
        """The place of each field by its name, from 0; the first one's where a name comes again."""
        return {name: place for place, name in reversed(list(enumerate(self.fields)))}

    def as_text(self) -> str:
        """The layout as one line of JSON, which `layout_of` reads; without the usual values."""
        usual = {field.name: field.default for field in fields(self)[2:]}
        told = {k: v for k, v in asdict(self).items() if k not in usual or v != usual[k]}
        return json.dumps(told, ensure_ascii=False)


def layout_of(text: str) -> Layout:
    """The layout that `Layout.as_text` wrote, now or before there were other ones."""
    told: dict[str, Any] = json.loads(text)
    return Layout(**{**told, "fields": tuple(told["fields"])})
