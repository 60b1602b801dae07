"""The section of a use case's declaration that says where extracts come from, in which form."""

import codecs
from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from hitcast.declaration.section import Section

Format = Literal["csv", "jsonl", "parquet", "arff"]
FOR: Mapping[str, tuple[Format, ...]] = {
    "delimiter": ("csv",),
    "decimal": ("csv",),
    "multiline": ("csv",),
    "encoding": ("csv", "arff"),
}
"""The formats that an option is for."""
GENERATORS = ("tracks",)
"""The generators that the package has beside the one of statistics."""
NO_DELIMITER = "\"\\'\n\r\0 ."


class KaggleSource(Section):
    """A file of a Kaggle dataset."""

    dataset: str = Field(pattern=r"^[\w.-]+/[\w.-]+$")
    file: str = Field(min_length=1)


class FromStatistics(Section):
    """Rows are drawn from statistics: a JSON file in `statistics/`, beside the declaration."""

    statistics: str = Field(pattern=r"^[\w-]+\.json$")


class Limits(Section):
    """The longest line and the largest file (unpacked) that are read, in bytes."""

    line_bytes: int = Field(default=10_000_000, ge=1_000, le=1_000_000_000)
    file_bytes: int = Field(default=100_000_000_000, ge=1)


class Source(Section):
    """Where extracts come from, how files are written, which of their columns carry nothing.

    `generator` is what makes rows where there are no real ones: one that the package has, by name,
    or statistics that rows are drawn from.
    `encoding` is UTF-8 or one that has a byte for each character; `decimal` is what stands before
    a number's fraction; with `multiline` a field in quotes may span lines.
    """

    kaggle: KaggleSource | None = None
    ignored_columns: tuple[str, ...] = ()
    generator: Literal["tracks"] | FromStatistics | None = None
    format: Format = "csv"
    delimiter: str = ","
    encoding: str = "utf-8"
    decimal: Literal[".", ","] = "."
    multiline: bool = False
    limits: Limits = Limits()

    @model_validator(mode="before")
    @classmethod
    def _encoding_has_one_name(cls, data: Any) -> Any:
        if isinstance(data, dict) and isinstance(data.get("encoding"), str):
            return {**data, "encoding": one_name(data["encoding"])}
        return data

    @field_validator("generator", mode="before")
    @classmethod
    def _generator_is_known(cls, given: Any) -> Any:
        if given in (None, *GENERATORS) or isinstance(given, Mapping | FromStatistics):
            return given
        raise ValueError(
            f"allowed: {', '.join(GENERATORS)}, or {{statistics: FILE.json}} of conf/statistics/"
        )

    @model_validator(mode="after")
    def _options_fit_the_format(self) -> "Source":
        for name, formats in FOR.items():
            if name in self.reading and self.format not in formats:
                raise ValueError(
                    f"source.{name} is for format {' and '.join(formats)}, got it with "
                    f"format {self.format}"
                )
        sign = self.delimiter
        if len(sign) != 1 or sign.isalnum() or sign in NO_DELIMITER:
            raise ValueError(
                f"source.delimiter is one character such as ',' ';' '|' or \"\\t\", got {sign!r}"
            )
        try:
            sign.encode(self.encoding)
        except UnicodeEncodeError:
            raise ValueError(
                f"source.delimiter {sign!r} is no character of {self.encoding}"
            ) from None
        return self

    @property
    def reading(self) -> Mapping[str, Any]:
        """What decides how a file is read, where it is not the default."""
        names: tuple[str, ...] = ("format", *FOR)
        defaults = {name: type(self).model_fields[name].default for name in names}
        return {
            name: getattr(self, name) for name in names if getattr(self, name) != defaults[name]
        }


def with_source(data: Mapping[str, Any]) -> dict[str, Any]:
    """A declaration of several `sources`, of which the first one is its `source`.

    Raises:
        ValueError: if both are there, or there are no sources.
    """
    # A use case that was written out as data has both, the latter empty.
    if "sources" not in data or ("source" in data and not data["sources"]):
        return dict(data)
    sources = data["sources"]
    if "source" in data or not isinstance(sources, Mapping) or not sources:
        raise ValueError("expected source, or sources by name (the first one wins), not both")
    return {**data, "source": next(iter(sources.values()))}


def one_name(encoding: str) -> str:
    """Python's own name of an encoding, which may have several.

    Raises:
        ValueError: if it is unknown, or has no byte for each character.
    """
    try:
        name = codecs.lookup(encoding).name
        fits = name in ("utf-8", "utf-8-sig") or _has_bytes_for_characters(name)
    except (LookupError, UnicodeError):
        fits = False
    if not fits:
        raise ValueError(
            "source.encoding is utf-8 or one with a byte for each character, such as cp1250, "
            f"iso-8859-2, latin-1; got {encoding!r}; convert such files first: iconv -t UTF-8"
        )
    return name.removesuffix("-sig")


def _has_bytes_for_characters(name: str) -> bool:
    """Whether each byte is a character whatever stands beside it, and ASCII's are ASCII's."""
    table = [bytes([byte]).decode(name, "replace") for byte in range(256)]
    pairs = bytes(
        byte for one in range(128, 256) for other in range(128, 256) for byte in (one, other)
    )
    text = b"\x1b$B0!\x1b(B\\u0041"
    return (
        "".join(table[:128]) == bytes(range(128)).decode("ascii")
        and text.decode(name, "replace") == text.decode("ascii")
        and pairs.decode(name, "replace") == "".join(table[byte] for byte in pairs)
    )
