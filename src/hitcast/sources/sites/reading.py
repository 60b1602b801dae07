"""What is read from a site's answers, whether they are pages or an API's."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from hitcast.declaration.listings import Index
from hitcast.sources.sites.asking import Answer

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Found:
    """An item that a listing leads to.

    Attributes:
        address: What names it, for good; and where it is, unless the listing has all of it.
        row: What the listing has of it; None: it has to be asked for.
    """

    address: str
    row: Row | None = None


@dataclass(frozen=True)
class Listed:
    """What a page of a listing leads to: items, and the next page, if there is one."""

    items: Sequence[Found]
    next: str | None


class Reader(Protocol):
    """Reads the answers of one site.

    Attributes:
        index: The listing.
        ends_with: What each whole answer has; None: nothing.
    """

    index: Index
    ends_with: str | None

    def listed(self, answer: Answer) -> Listed:
        """What a page of the listing leads to.

        Raises:
            ItemError: if it is no such page.
        """

    def item(self, answer: Answer) -> Row:
        """The columns of an item's page; None where there is nothing.

        Raises:
            ItemError: if it is no such page.
        """
