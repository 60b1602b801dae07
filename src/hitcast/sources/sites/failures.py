"""What can go wrong with one item, and with a site as a whole.

Neither says anything of what stood in a page.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from hitcast.errors import SourceError

GONE, REFUSED, ROBOTS = "gone", "refused", "robots"
ELSEWHERE, SILENT, UNREACHABLE, STATUS = "elsewhere", "silent", "unreachable", "status"
TOO_LARGE, CUT_OFF, NO_PAGE = "too_large", "cut_off", "no_page"
ENCODING, INCOMPLETE = "encoding", "incomplete"


class ItemError(Exception):
    """One address gave nothing that can be used.

    Attributes:
        kind: What it is counted as.
        told: What happened, in words.
    """

    def __init__(self, kind: str, told: str) -> None:
        super().__init__(told)
        self.kind, self.told = kind, told


class PassingError(ItemError):
    """What may be over in a moment.

    Attributes:
        wait: Seconds after which the site wants to be asked again; None: it does not say.
        whole: Whether it is the site that has trouble, and not this address alone.
    """

    def __init__(self, kind: str, told: str, *, wait: float | None = None, whole: bool) -> None:
        super().__init__(kind, told)
        self.wait, self.whole = wait, whole


class SiteError(SourceError):
    """A site is to be left alone for now."""


class EndedError(Exception):
    """The site is done with: nothing more is asked for."""


@contextmanager
def unforeseen() -> Iterator[None]:
    """Take whatever nobody foresaw for a page that can't be read, without its own words.

    One page does not end the rest, and what libraries say of it may quote it.

    Raises:
        ItemError: in the place of it.
    """
    try:
        yield
    except (ItemError, SiteError, EndedError):
        raise
    except Exception as error:
        raise ItemError(NO_PAGE, f"can't be read ({type(error).__name__})") from None
