"""Keys that the data lacks: made of a row's values."""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field

from hitcast.declaration.sections import Section

Step = Literal["casefold", "accents", "punctuation"]
EVERY = "all"


class HashedKey(Section):
    """A key that is a hash of a row's values: rows of equal values are one.

    A row that has none of these values is no row: it ends in quarantine.

    Attributes:
        hash: The columns that it is made of; `all` of them.
        normalise: What texts lose before: the difference of small and capital letters, accents,
            punctuation. "Águas de Março!" and "aguas de marco" are one song then.
        column: What the key is called in tables.
    """

    hash: Literal["all"] | tuple[str, ...] = Field(min_length=1)
    normalise: tuple[Step, ...] = ()
    column: str = "row_key"

    def of(self, columns: list[str]) -> list[str]:
        """The columns that the key is made of, out of those that are declared."""
        return columns if self.hash == EVERY else list(self.hash)


def with_key_column(data: Mapping[str, Any]) -> dict[str, Any]:
    """A declaration whose `key` is to be made, as one that has a column of that role.

    Raises:
        ValueError: if `key` is neither a name nor a way to make one, or names unknown columns.
    """
    if not isinstance(data.get("key"), Mapping):
        return dict(data)
    made, columns = HashedKey.model_validate(data["key"]), list(data.get("columns") or ())
    names = [column["name"] for column in columns if isinstance(column, Mapping)]
    unknown = sorted(set(made.of(names)) - set(names))
    if unknown:
        raise ValueError(f"key.hash names {unknown}; allowed: all, or some of {names}")
    if made.column in names:
        raise ValueError(
            f"key.column {made.column!r} is a column of the data; name the key by it "
            f"(key: {made.column}), or call the one that is made otherwise"
        )
    key = {
        "name": made.column,
        "role": "key",
        "type": "text",
        "required": True,
        "meaning": f"Hash of {', '.join(made.of(names))}",
    }
    return {**data, "key": made.column, "made_key": made, "columns": [key, *columns]}
