"""The listings of one site, and what came of the items that they name."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field

from hitcast.declaration.listings import PAGE
from hitcast.sources.sites.failures import ItemError, SiteError, unforeseen
from hitcast.sources.sites.fetching import Fetcher
from hitcast.sources.sites.reading import Found, Listed, Reader


@dataclass
class Counts:
    """What came of a site.

    Attributes:
        index_pages: Pages of listings that were read.
        found: Items that they name.
        repeated: Of these, named before; the first value of the listing's column holds.
        already_there: Of these, in the file before.
        fetched: Lines that were added.
        failed: Items that gave none, by kind.
        file: The file, where there is one.
        failed_in_a_row: Of the failed, those since the last item that did not.
        stopped: Why the site was left before its end; None: it was not.
    """

    index_pages: int = 0
    found: int = 0
    repeated: int = 0
    already_there: int = 0
    fetched: int = 0
    failed: dict[str, int] = field(default_factory=dict)
    file: str | None = None
    failed_in_a_row: int = 0
    stopped: str | None = None


class Listings:
    """Reads the listings of one site, page by page, as its items are wanted."""

    def __init__(
        self,
        name: str,
        fetcher: Fetcher,
        reader: Reader,
        counts: Counts,
        say: Callable[[str], None],
    ) -> None:
        """Take what it needs.

        Args:
            name: What conf calls the site.
            fetcher: Asks it.
            reader: Reads what it answers.
            counts: Gets the pages and items.
            say: Told of each page.
        """
        self._name, self._counts, self._say = name, counts, say
        self._fetcher, self._reader = fetcher, reader
        self._seen: set[str] = set()

    def missing(self, there: Collection[str]) -> Iterator[tuple[str, Found]]:
        """The items that the file does not have, with the value of the listing they are on.

        Args:
            there: The addresses of those that it has.

        Raises:
            SiteError: if a listing can't be had.
        """
        for value, pages in self._reader.index.pages.items():
            for page in pages:
                for found in self._items(page):
                    self._counts.found += 1
                    if found.address in self._seen:
                        self._counts.repeated += 1
                        continue
                    self._seen.add(found.address)
                    if found.address in there:
                        self._counts.already_there += 1
                        # What failed before may stand between such ones, and fail again.
                        self._counts.failed_in_a_row = 0
                    else:
                        yield value, found

    def _items(self, page: str) -> Iterator[Found]:
        """The items of a listing, over all its pages."""
        read: set[str] = set()
        address: str | None = self._fetcher.site.origin + page.replace(PAGE, "1")
        while address is not None and address not in read:
            read.add(address)
            listed = self._listed(address)
            self._counts.index_pages += 1
            # Some answer a number beyond the last with the last page.
            goes_on = PAGE in page and any(f.address not in self._seen for f in listed.items)
            yield from listed.items
            following = page.replace(PAGE, str(len(read) + 1)) if goes_on else None
            address = self._fetcher.site.origin + following if following else listed.next

    def _listed(self, address: str) -> Listed:
        try:
            with unforeseen():
                listed = self._reader.listed(self._fetcher.fetch(address, self._reader.ends_with))
        except ItemError as error:
            raise SiteError(
                f"expected a listing at {address}, got: {error.told}; what was fetched stays: "
                "correct the declaration, or run it again later"
            ) from None
        self._say(f"{self._name}: {address}: {len(listed.items):,} items")
        return listed
