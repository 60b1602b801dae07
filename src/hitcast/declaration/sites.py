"""The section of a use case's declaration that names sites whose pages hold rows.

A site is asked for nothing before somebody has written `permitted: true`.
"""

import ipaddress
from collections.abc import Collection, Mapping
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import Field, model_validator

from hitcast.declaration.listings import PAGE, Index, Taken, require_within
from hitcast.declaration.section import Section

SiteName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
"""What conf calls a site; its files begin so."""
LEAST_PAUSE = 0.1
ID = "{id}"
"""Stands in an API's address for what names an item."""


class Api(Section):
    """A documented API in JSON, which is asked in the place of pages.

    Paths lead through objects by their keys, and through arrays by numbers from 0: `data.0.name`.

    Attributes:
        address: Its host, where it is not the site's.
        index: Its listing. Where `{page}` stands in an address, pages are counted from 1 until one
            lists nothing new.
        id: The path, in a listed object, to what names the item.
        item: The address of an item, with `{id}`; None: listings have all there is.
        columns: For each column the path in the item's object.
        headers: For each header the environment variable that holds it, such as a key.
    """

    address: str | None = None
    index: Index
    id: str = Field(min_length=1)
    item: str | None = None
    columns: Mapping[str, str] = Field(min_length=1)
    headers: Mapping[str, str] = {}

    @model_validator(mode="after")
    def _addresses_fit(self) -> "Api":
        if self.address is not None:
            _require_host(self.address)
        if self.item is not None:
            require_within(self.item)
            if ID not in self.item:
                raise ValueError(f"item {self.item!r}: expected {ID} in it")
        pages = [one for several in self.index.pages.values() for one in several]
        if self.index.next is not None and any(PAGE in page for page in pages):
            raise ValueError(f"index has next, and {PAGE} in an address; allowed: one of them")
        return self


class Site(Section):
    """A site, and how rows are read from it.

    Attributes:
        permitted: Whether somebody has made sure that it may be read by a program.
        address: Its host; https, or http on this machine itself.
        index: Its pages that list items.
        item: For each column, what of an item's page is its text.
        api: Asked in the place of pages.
        pause: Seconds between two requests to the site, however many run at once.
        parallel: How many requests may wait for an answer at once.
        retries: How often what failed for the moment is asked for again.
        timeout: Seconds that an answer may take, as a whole.
        encoding: Of its pages, where what they say of themselves is wrong.
        ends_with: What every whole page has, so that one without it was cut off; None: nothing.
        page_bytes: The largest page.
        contact: An address, of the web or mail, at which the site's people reach who runs this; it
            goes along with each request.
    """

    permitted: bool = False
    address: str
    index: Index | None = None
    item: Mapping[str, Taken] = {}
    api: Api | None = None
    pause: float = Field(default=1.0, ge=0.0, le=600.0)
    parallel: int = Field(default=2, ge=1, le=8)
    retries: int = Field(default=3, ge=0, le=10)
    timeout: float = Field(default=20.0, gt=0.0, le=300.0)
    encoding: str | None = Field(default=None, min_length=1)
    ends_with: str | None = Field(default="</html>", min_length=1)
    page_bytes: int = Field(default=5_000_000, ge=1_000)
    contact: str | None = Field(default=None, pattern=r"^[!-~]+$")

    @model_validator(mode="after")
    def _holds_together(self) -> "Site":
        _require_host(self.address)
        if self.pause < LEAST_PAUSE and not is_loopback(self.origin):
            raise ValueError(f"pause {self.pause:g}: expected {LEAST_PAUSE:g} seconds at least")
        if self.encoding is not None:
            try:
                "".encode(self.encoding)
            except LookupError:
                raise ValueError(f"encoding {self.encoding!r} is unknown") from None
        if (self.index is None) != (not self.item) or (self.index is None and self.api is None):
            raise ValueError("expected index and item, or api, or all of them")
        for index, columns in self._ways():
            if index.column in columns:
                raise ValueError(f"column {index.column!r} is told by the index, and by the item")
        return self

    @property
    def origin(self) -> str:
        """The scheme and host that are asked: the API's where there is one."""
        found = urlsplit((self.api.address if self.api else None) or self.address)
        return f"{found.scheme}://{found.netloc}".lower()

    def check(self, columns: Collection[str], needed: Collection[str]) -> None:
        """Compare with the columns that extracts have, and with those that no line can do without.

        Raises:
            ValueError: if it tells another one, or lacks one that is needed.
        """
        for index, told in self._ways():
            found = {index.column, *told}
            unknown = sorted(found - set(columns))
            if unknown:
                raise ValueError(f"columns {unknown} are not declared; allowed: {list(columns)}")
            missing = [name for name in needed if name not in found]
            if missing:
                raise ValueError(f"nothing is said of {missing}, which every row needs")

    def _ways(self) -> list[tuple[Index, Collection[str]]]:
        pages = [(self.index, tuple(self.item))] if self.index else []
        return [*pages, *([(self.api.index, tuple(self.api.columns))] if self.api else [])]


def is_loopback(address: str) -> bool:
    """Whether an address of the web leads to this machine itself."""
    host = urlsplit(address).hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _require_host(address: str) -> None:
    found = urlsplit(address)
    beyond = found.path.strip("/") or found.query or found.fragment or "@" in found.netloc
    allowed = found.scheme == "https" or found.scheme == "http" and is_loopback(address)
    if not found.hostname or beyond or not allowed:
        raise ValueError(
            f"address {address!r}: expected https:// and a host alone (http on this machine itself)"
        )
