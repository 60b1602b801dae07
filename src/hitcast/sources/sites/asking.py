"""One request, and its answer within limits of time and size."""

import importlib.metadata
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import Message
from email.utils import parsedate_to_datetime

import requests
from urllib3.exceptions import HTTPError

from hitcast.declaration.sites import Site, is_loopback
from hitcast.sources.sites.failures import (
    CUT_OFF,
    SILENT,
    TOO_LARGE,
    UNREACHABLE,
    ItemError,
    PassingError,
)
from hitcast.sources.sites.robots import PRODUCT

CHUNK = 1 << 16


@dataclass(frozen=True)
class Answer:
    """What came.

    Attributes:
        address: What was asked for.
        status: HTTP's.
        headers: Names in any case.
        body: Unpacked.
    """

    address: str
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def type(self) -> str:
        """The kind of content, such as `text/html`; empty where it is not said."""
        return self._content_type.get_content_type() if "Content-Type" in self.headers else ""

    @property
    def charset(self) -> str | None:
        """The encoding that the header names."""
        return self._content_type.get_content_charset()

    @property
    def wait(self) -> float | None:
        """Seconds after which the site wants to be asked again; None: it does not say."""
        told = self.headers.get("Retry-After", "").strip()
        if told.isascii() and told.isdigit():
            return float(told[:9])
        try:
            return max(0.0, (parsedate_to_datetime(told) - datetime.now(UTC)).total_seconds())
        except (ValueError, TypeError):
            return None

    @property
    def _content_type(self) -> Message:
        message = Message()
        message["Content-Type"] = self.headers.get("Content-Type", "")
        return message


def user_agent(site: Site) -> str:
    """What the project says it is: name, version, and where to reach those who run it."""
    try:
        found = importlib.metadata.metadata(PRODUCT)
    except importlib.metadata.PackageNotFoundError:  # Run from a folder that nobody installed.
        name, pages = PRODUCT, []
    else:
        name = f"{PRODUCT}/{found['Version']}"
        pages = [told.rpartition(", ")[2] for told in found.get_all("Project-URL") or ()]
    contact = site.contact or next(iter(pages), None)
    return f"{name} (+{contact})" if contact else name


def new_session(site: Site, headers: Mapping[str, str]) -> requests.Session:
    """A session that says who asks; to this machine itself it goes by no proxy."""
    # Of a broken header it tells all that follows, and that may be the page.
    logging.getLogger("urllib3").setLevel(logging.CRITICAL)
    session = requests.Session()
    session.headers.update({"User-Agent": user_agent(site), **headers})
    session.trust_env = not is_loopback(site.origin)
    return session


def ask(session: requests.Session, address: str, site: Site) -> Answer:
    """Ask once; redirects are not followed.

    Raises:
        PassingError: if there is no whole answer in time.
        ItemError: if it is too large.
    """
    begun = time.monotonic()
    try:
        with session.get(
            address, timeout=site.timeout, stream=True, allow_redirects=False
        ) as response:
            body = bytearray()
            # As it comes: to wait for a whole chunk could take any time, however short the breaks.
            while data := response.raw.read1(CHUNK, decode_content=True):
                body += data
                if len(body) > site.page_bytes:
                    told = f"expected {site.page_bytes:,} bytes at most, found more"
                    raise ItemError(TOO_LARGE, f"{told}; see page_bytes in conf/")
                if time.monotonic() - begun > site.timeout:
                    raise requests.ReadTimeout
            return Answer(address, response.status_code, response.headers, bytes(body))
    except (requests.RequestException, HTTPError, OSError) as error:
        raise _trouble(error, site.timeout) from None


def _trouble(error: Exception, seconds: float) -> PassingError:
    """What went wrong, without words of the library's, which may quote what came."""
    name = type(error).__name__
    if isinstance(error, requests.Timeout) or "Timeout" in name:
        return PassingError(SILENT, f"no whole answer within {seconds:g} seconds", whole=False)
    if isinstance(error, HTTPError):
        return PassingError(CUT_OFF, f"the answer was cut off ({name})", whole=False)
    return PassingError(UNREACHABLE, f"can't be reached ({name})", whole=False)
