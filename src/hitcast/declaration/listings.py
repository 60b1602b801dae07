"""The parts of a site's declaration: what is taken of a page, and which pages list items."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, field_validator, model_validator

from hitcast.declaration.section import Section

PAGE = "{page}"
"""Stands in an API's address for the number of a page, from 1."""


class Taken(Section):
    """What of a page is a column's text.

    Attributes:
        select: A CSS selector; the first element that it finds.
        attribute: That attribute of the element, in the place of its text.
        breaks: Whether lines and paragraphs stay apart; else white space is one blank.
        every: Whether all elements that the selector finds count, a line each at least.
    """

    select: str = Field(min_length=1)
    attribute: str | None = Field(default=None, min_length=1)
    breaks: bool = False
    every: bool = False

    @model_validator(mode="before")
    @classmethod
    def _a_text_is_the_selector(cls, data: Any) -> Any:
        return {"select": data} if isinstance(data, str) else data


def _several(given: Any) -> Any:
    return (given,) if isinstance(given, str) else given


class Index(Section):
    """Pages that list items by the values of a column.

    Attributes:
        column: The column that the listing tells, such as the label's.
        pages: For each of its values, the address of its first page within the site, or several.
        items: What leads to the items: a selector of links; of an API, the path to their array.
        next: What leads to the next page: a selector of a link; of an API, the path to an address.
    """

    column: str
    pages: Mapping[str, Annotated[tuple[str, ...], BeforeValidator(_several)]]
    items: str = Field(min_length=1)
    next: str | None = Field(default=None, min_length=1)

    @field_validator("pages")
    @classmethod
    def _addresses_are_within(cls, pages: Mapping[str, tuple[str, ...]]) -> Any:
        if not pages or not all(pages.values()):
            raise ValueError("expected an address for each value, and one value at least")
        for address in (one for several in pages.values() for one in several):
            require_within(address)
        return pages


def require_within(address: str) -> None:
    """Refuse an address that does not begin at a site's root.

    Raises:
        ValueError: with what is expected.
    """
    if not address.startswith("/") or address.startswith("//"):
        raise ValueError(f"{address!r}: expected an address within the site, from / on")
