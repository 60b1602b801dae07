"""One site, from its listings to the lines of its file."""

from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from itertools import islice
from typing import Any

from hitcast.sources.disguise import hashed
from hitcast.sources.sites.failures import INCOMPLETE, ItemError, SiteError, unforeseen
from hitcast.sources.sites.fetching import Fetcher
from hitcast.sources.sites.kept import Kept
from hitcast.sources.sites.listings import Counts, Listings
from hitcast.sources.sites.reading import Found, Reader, Row

IN_A_ROW = 20
"""Items that failed one after the other: more would be asked for in vain."""


class Crawl:
    """Reads one site into its file."""

    def __init__(
        self,
        name: str,
        fetcher: Fetcher,
        reader: Reader,
        needed: Sequence[str],
        say: Callable[[str], None],
    ) -> None:
        """Take what it needs.

        Args:
            name: What conf calls the site.
            fetcher: Asks it.
            reader: Reads what it answers.
            needed: Columns without which an item is none.
            say: Told of each item, without its texts.
        """
        self.counts = Counts()
        self._name, self._needed, self._say = name, needed, say
        self._fetcher, self._reader = fetcher, reader
        self._listings = Listings(name, fetcher, reader, self.counts, say)

    def run(self, kept: Kept, limit: int | None = None) -> None:
        """Ask for all items that the file does not have.

        Args:
            kept: The file.
            limit: The most items to ask for; None: all.

        Raises:
            SiteError: if robots.txt or a listing can't be had, or too many items fail in a row.
            EndedError: if the run ends meanwhile.
        """
        pending: dict[Future[Row], Found] = {}
        parallel = self._fetcher.site.parallel
        with ThreadPoolExecutor(parallel, thread_name_prefix=self._name) as pool:
            try:
                self._obey_robots()
                for value, found in islice(self._listings.missing(kept.items), limit):
                    pending[pool.submit(self._row, value, found)] = found
                    if len(pending) >= parallel:
                        self._take(pending, kept)
                while pending:
                    self._take(pending, kept)
            finally:
                self.end()
                # What is on its way comes, and is kept too.
                for future, found in pending.items():
                    if not future.cancel() and future.exception() is None:
                        self._keep(found, future.result(), kept)
        kept.done = True

    def _obey_robots(self) -> None:
        self._fetcher.obey_robots()
        delay = self._fetcher.robots.delay
        if delay > self._fetcher.site.pause:
            self._say(f"{self._name}: robots.txt asks for {delay:g} seconds between two requests")

    def end(self) -> None:
        """Ask for nothing more."""
        self._fetcher.pace.end()

    def _row(self, value: str, found: Found) -> Row:
        """An item's row, in the order of the declaration."""
        row = found.row
        if row is None:
            with unforeseen():
                answer = self._fetcher.fetch(found.address, self._reader.ends_with)
                row = self._reader.item(answer)
        missing = [name for name in self._needed if name in row and row[name] in (None, "")]
        if missing:
            told = f"nothing was found for {missing}; see what conf/ says of them"
            raise ItemError(INCOMPLETE, told)
        return {self._reader.index.column: value, **row}

    def _take(self, pending: dict[Future[Row], Found], kept: Kept) -> None:
        """Keep what has come, once something has.

        Raises:
            SiteError: if too many items have failed one after the other.
        """
        for future in wait(pending, return_when=FIRST_COMPLETED).done:
            found = pending.pop(future)
            try:
                row = future.result()
            except ItemError as error:
                self._note(found, error)
            else:
                self._keep(found, row, kept)

    def _keep(self, found: Found, row: Row, kept: Kept) -> None:
        kept.add(found.address, row)
        self.counts.fetched += 1
        self.counts.failed_in_a_row = 0
        told = ", ".join(f"{column} {_disguised(value)}" for column, value in row.items())
        self._say(f"{self._name}: {found.address}: {told}")

    def _note(self, found: Found, error: ItemError) -> None:
        self.counts.failed[error.kind] = self.counts.failed.get(error.kind, 0) + 1
        self.counts.failed_in_a_row += 1
        self._say(f"{self._name}: {found.address}: failed, {error.told}")
        if self.counts.failed_in_a_row >= IN_A_ROW:
            raise SiteError(
                f"{IN_A_ROW} items failed one after the other, the last one so: {error.told}; "
                "correct the declaration, or run it again later"
            )


def _disguised(value: Any) -> str:
    return "nothing" if value is None else hashed(value if isinstance(value, str) else repr(value))
