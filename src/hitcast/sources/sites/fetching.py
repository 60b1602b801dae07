"""Pages of one site: in its pace, as its robots.txt allows, asked for again where that may help."""

import threading
from collections.abc import Mapping
from urllib.parse import urljoin, urlsplit

import requests

from hitcast.declaration.sites import Site
from hitcast.sources.sites.asking import Answer, ask, new_session
from hitcast.sources.sites.failures import (
    CUT_OFF,
    ELSEWHERE,
    GONE,
    REFUSED,
    ROBOTS,
    STATUS,
    ItemError,
    PassingError,
    SiteError,
)
from hitcast.sources.sites.pace import Pace
from hitcast.sources.sites.robots import Robots, robots_of

REDIRECTS = 5
LONGEST_WAIT = 600.0
"""Seconds: a site that wants to be left alone for longer is, by ending."""
LONGEST_BACKOFF = 60.0


class Fetcher:
    """Asks one site; any thread may call it.

    Attributes:
        site: The site's declaration.
        pace: What all requests to it wait for.
        robots: What may be asked for; everything until `obey_robots` was called.
    """

    def __init__(self, site: Site, headers: Mapping[str, str]) -> None:
        self.site = site
        self.pace = Pace(site.pause)
        self.robots = Robots()
        self._headers = headers
        self._sessions = threading.local()

    def obey_robots(self) -> None:
        """Read the site's robots.txt, and keep to it from now on.

        Raises:
            SiteError: if there is no telling what it allows.
        """
        address = f"{self.site.origin}/robots.txt"
        try:
            answer = self.fetch(address)
        except ItemError as error:
            if error.kind == GONE:
                return
            told = f"expected {address}, or 404 where there is none, got: {error.told}"
            raise SiteError(
                f"{told}; without it nothing may be asked for: try again later"
            ) from None
        text = answer.body.decode("utf-8", "replace")
        if answer.type == "text/html" or text.lstrip("\ufeff \t\r\n").startswith("<"):
            raise SiteError(
                f"expected rules at {address}, got a web page; ask the "
                "site's people what may be read"
            )
        self.robots = robots_of(text)
        self.pace.seconds = max(self.pace.seconds, self.robots.delay)

    def fetch(self, address: str, ends_with: str | None = None) -> Answer:
        """An address of the site.

        Args:
            address: Within the site, or it is refused.
            ends_with: What a whole page has; None: nothing.

        Raises:
            ItemError: if robots.txt forbids it, it leads elsewhere, is not there, is too large, or
                is still in trouble after all retries.
            SiteError: if the site wants no more requests for now.
            EndedError: if the run ends meanwhile.
        """
        for attempt in range(self.site.retries):
            try:
                return self._follow(address, ends_with)
            except PassingError as error:
                self._back_off(error, attempt)
        try:
            return self._follow(address, ends_with)
        except PassingError as error:
            if error.kind == REFUSED:
                told = f"{error.told} for {address}, after {self.site.retries} retries"
                raise SiteError(f"{told}; raise pause in conf/, and try again later") from None
            raise

    def within(self, address: str) -> bool:
        """Whether an address is of this site."""
        found = urlsplit(address)
        return f"{found.scheme}://{found.netloc}".lower() == self.site.origin

    def _follow(self, address: str, ends_with: str | None) -> Answer:
        for _ in range(REDIRECTS + 1):
            if not self.within(address):
                raise ItemError(ELSEWHERE, f"leads to another host, {urlsplit(address).netloc!r}")
            if not self.robots.allows(address):
                raise ItemError(ROBOTS, "robots.txt forbids it")
            self.pace.turn()
            answer = ask(self._session, address, self.site)
            if not 300 <= answer.status < 400 or "Location" not in answer.headers:
                return _usable(answer, ends_with)
            address = urljoin(address, answer.headers["Location"])
        raise ItemError(ELSEWHERE, f"more than {REDIRECTS} redirects")

    def _back_off(self, error: PassingError, attempt: int) -> None:
        """Wait before the next attempt, twice as long each time; as long as the site says."""
        seconds = min(LONGEST_BACKOFF, self.pace.seconds * 2 ** (attempt + 1))
        if error.wait is not None and error.wait > LONGEST_WAIT:
            told = f"{error.told}, and wants to be left alone for {error.wait:,.0f} seconds"
            raise SiteError(f"{told}; run it again after that")
        seconds = max(seconds, error.wait or 0.0)
        if error.whole:
            self.pace.hold(seconds)
        else:
            self.pace.sleep(seconds)

    @property
    def _session(self) -> requests.Session:
        if not hasattr(self._sessions, "one"):
            self._sessions.one = new_session(self.site, self._headers)
        session: requests.Session = self._sessions.one
        return session


def _usable(answer: Answer, ends_with: str | None) -> Answer:
    """The answer, if it is one.

    Raises:
        ItemError: if it is none.
    """
    status, told = answer.status, f"the site answers {answer.status}"
    if status == 200:
        is_page = not answer.type or "html" in answer.type
        if is_page and ends_with and ends_with.lower().encode() not in answer.body.lower():
            wanted = f"the page lacks {ends_with!r}; see ends_with in conf/"
            raise PassingError(CUT_OFF, wanted, whole=False)
        return answer
    if status == 429:
        raise PassingError(REFUSED, told, wait=answer.wait, whole=True)
    if status >= 500:
        raise PassingError(STATUS, told, wait=answer.wait, whole=True)
    if status in (404, 410):
        raise ItemError(GONE, told)
    raise ItemError(REFUSED if status in (401, 403, 451) else STATUS, told)
