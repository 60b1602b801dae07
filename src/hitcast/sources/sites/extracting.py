"""All sites of a use case at once, each into a file of its own."""

import json
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from hitcast.declaration.sites import Site
from hitcast.declaration.use_case import UseCase
from hitcast.errors import SourceError, StoppedError
from hitcast.sources.sites.api import ApiReader, headers_of
from hitcast.sources.sites.crawl import Crawl
from hitcast.sources.sites.failures import EndedError
from hitcast.sources.sites.fetching import Fetcher
from hitcast.sources.sites.kept import kept
from hitcast.sources.sites.listings import Counts
from hitcast.sources.sites.pages import PageReader

Say = Callable[[str], None]


@dataclass(frozen=True)
class Extraction:
    """What is asked for.

    Attributes:
        folder: Where the files go.
        day: What a file that is begun is called by.
        limit: The most items of each site that are asked for; None: all.
        say: Told of each listing and item, without their texts.
    """

    folder: Path
    day: date
    limit: int | None
    say: Say

    def of(self, use_case: UseCase, names: Sequence[str] = ()) -> dict[str, Any]:
        """Read sites, at once.

        Args:
            use_case: Declares them.
            names: Which ones; empty: all that are permitted.

        Returns:
            The counts, by site and in all.

        Raises:
            SourceError: if a site is unknown, not permitted, or declared wrongly; nothing was asked
                for then.
            StoppedError: if a site was left before its end; it has the counts. What was fetched
                stays.
        """
        sites = permitted(use_case, names)
        crawls = {name: self._crawl(name, site, use_case) for name, site in sites.items()}
        with ThreadPoolExecutor(len(sites)) as pool:
            try:
                found = [
                    pool.submit(self._run, crawl, name, sites[name])
                    for name, crawl in crawls.items()
                ]
                for future in found:
                    future.result()
            finally:
                # An interrupt comes here: nobody waits for the pause that is left.
                for crawl in crawls.values():
                    crawl.end()
        counts = {name: crawl.counts for name, crawl in crawls.items()}
        told = _told(counts)
        stopped = [f"{name}: {one.stopped}" for name, one in counts.items() if one.stopped]
        if stopped:
            raise StoppedError("; ".join(stopped), told)
        return told

    def _crawl(self, name: str, site: Site, use_case: UseCase) -> Crawl:
        fetcher = Fetcher(site, headers_of(name, site.api))
        reader = ApiReader(site.origin, site.api) if site.api else PageReader(name, site)
        return Crawl(name, fetcher, reader, use_case.needed, self.say)

    def _run(self, crawl: Crawl, name: str, site: Site) -> None:
        try:
            with kept(self.folder, name, self.day, shape_of(site)) as file:
                if file.items:
                    self.say(f"{name}: going on with {file.file}, {len(file.items):,} items")
                try:
                    crawl.run(file, self.limit)
                finally:
                    crawl.counts.file = str(file.file) if file.length else None
        except EndedError:
            crawl.counts.stopped = "it was interrupted"
        except SourceError as error:
            crawl.counts.stopped = str(error)
            self.say(f"{name}: stopped: {error}")


def permitted(use_case: UseCase, names: Sequence[str] = ()) -> dict[str, Site]:
    """The sites that are named, or all that are permitted.

    Raises:
        SourceError: if there are none, or one that is named is unknown or not permitted.
    """
    conf, known = f"conf/{use_case.name}.yml", list(use_case.sites)
    unknown = [name for name in names if name not in use_case.sites]
    if unknown or not known:
        raise SourceError(f"expected sites that {conf} declares, {known}, got {unknown or 'none'}")
    found = {n: s for n, s in use_case.sites.items() if s.permitted and (not names or n in names)}
    refused = [name for name in names or known if name not in found]
    if refused and (names or not found):
        raise SourceError(
            f"expected permitted: true of {refused} in {conf}, found false; read the site's terms "
            "of use and what docs/extract.md asks before you set it"
        )
    return found


def shape_of(site: Site) -> str:
    """What decides how a site's lines look, as text."""
    index = site.api.index if site.api else site.index
    if site.api:
        told = site.api.model_dump(mode="json", include={"address", "id", "item", "columns"})
    else:
        told = site.model_dump(mode="json", include={"item"})
    column = index.column if index else None
    return json.dumps([site.address, column, told], sort_keys=True)


def _told(counts: Mapping[str, Counts]) -> dict[str, Any]:
    names = ("index_pages", "found", "repeated", "already_there", "fetched")
    sums = {name: sum(getattr(one, name) for one in counts.values()) for name in names}
    failed = sum(sum(one.failed.values()) for one in counts.values())
    sites = {name: asdict(one) for name, one in counts.items()}
    for one in sites.values():
        del one["failed_in_a_row"]
    return {"sites": sites, **sums, "failed": failed}
