"""How a site is asked: robots.txt first, in its pace, again where that helps, nowhere else."""

import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from hitcast.declaration.sites import Site
from hitcast.sources.sites import fetching
from hitcast.sources.sites.asking import Answer
from hitcast.sources.sites.failures import EndedError, ItemError, SiteError
from hitcast.sources.sites.fetching import Fetcher
from tests.servers import free_port
from tests.sources.sites.verses import first, page
from tests.sources.sites.web import Reply, Web, web


def fetcher(site: Web, **changes: Any) -> Fetcher:
    return Fetcher(Site.model_validate(first(site.address, **changes)), {})


def kind_of(one: Fetcher, path: str, ends_with: str | None = None) -> str:
    with pytest.raises(ItemError) as caught:
        one.fetch(one.site.origin + path, ends_with)
    return caught.value.kind


@pytest.mark.parametrize("status", [404, 410])
def test_without_robots_txt_all_is_allowed(site: Web, status: int) -> None:
    site.pages |= {"/robots.txt": Reply("Disallow: /", status), "/a": Reply("a")}
    one = fetcher(site)
    one.obey_robots()
    assert one.fetch(f"{site.address}/a").body == b"a"


@pytest.mark.parametrize(
    "reply",
    [
        Reply(status=500), Reply(status=403), Reply(status=401), Reply(status=429),
        Reply("User-agent: *\n", cut_at=3), Reply(status=204),
        Reply(status=302, headers={"Location": "https://other.example.org/robots.txt"}),
        Reply(page("Not found")), Reply("\n<html>Not found", type="text/plain"),
    ],
)  # fmt: skip
def test_robots_txt_that_can_not_be_had_is_a_stop(site: Web, reply: Reply) -> None:
    site.pages["/robots.txt"] = reply
    with pytest.raises(SiteError, match=r"robots\.txt"):
        fetcher(site, retries=1).obey_robots()


def test_what_robots_txt_forbids_is_not_asked_for_by_way_of_a_redirect_either(site: Web) -> None:
    site.pages |= {
        "/robots.txt": Reply("User-agent: *\nDisallow: /no\nCrawl-delay: 0.01", type="text/plain"),
        "/yes": Reply(status=301, headers={"Location": "/no/page"}),
        "/no/page": Reply("never"),
    }
    one = fetcher(site)
    one.obey_robots()
    assert kind_of(one, "/no/page") == kind_of(one, "/yes") == "robots"
    assert site.paths == ["/robots.txt", "/yes"]
    assert one.pace.seconds == 0.01
    assert site.asked[0].headers["User-Agent"].startswith("hitcast/")


def test_redirects_are_followed_within_the_site_alone(site: Web, other: Web) -> None:
    other.pages["/a"] = Reply("elsewhere")
    site.pages |= {
        "/a": Reply(status=302, headers={"Location": "b?c=1"}),
        "/b?c=1": Reply("found"),
        "/away": Reply(status=307, headers={"Location": f"{other.address}/a"}),
        "/round": Reply(status=302, headers={"Location": "/round"}),
        "/nowhere": Reply("x", status=304),
    }
    one = fetcher(site)
    found = one.fetch(f"{site.address}/a")
    assert (found.body, found.address) == (b"found", f"{site.address}/b?c=1")
    assert kind_of(one, "/away") == kind_of(one, "/round") == "elsewhere"
    assert site.times("/round") == 6
    assert kind_of(one, "/nowhere") == "status"
    assert other.asked == []


@pytest.mark.parametrize(
    ("status", "kind"), [(404, "gone"), (410, "gone"), (403, "refused"), (400, "status")]
)
def test_what_will_not_change_is_asked_for_once(site: Web, status: int, kind: str) -> None:
    site.pages["/a"] = Reply("Vorrel", status)
    assert kind_of(fetcher(site), "/a") == kind
    assert site.paths == ["/a"]


@pytest.mark.parametrize(
    "trouble", [Reply(status=503), Reply(status=500), Reply("abc</html>", cut_at=2), Reply("cut")]
)
def test_what_may_pass_is_asked_for_again(site: Web, trouble: Reply) -> None:
    site.pages["/a"] = lambda before: trouble if before < 2 else Reply("whole </HTML>")
    one = fetcher(site, retries=2)
    assert one.fetch(f"{site.address}/a", "</html>").body == b"whole </HTML>"
    site.pages["/a"] = trouble
    assert kind_of(one, "/a", "</html>") in ("status", "cut_off")
    assert site.times("/a") == 6


@pytest.fixture
def held() -> Iterator[threading.Event]:
    """Lets go what was held until then."""
    event = threading.Event()
    yield event
    event.set()


@pytest.mark.parametrize("drip", [False, True])
def test_a_slow_page_is_left_and_asked_for_again(
    site: Web, held: threading.Event, drip: bool
) -> None:
    slow = Reply("a" * 100, drip=0.05) if drip else Reply("a", held=held)
    site.pages["/a"] = lambda before: Reply("quick") if before else slow
    # A busy machine may be slow once more.
    one = fetcher(site, timeout=0.4, retries=5)
    assert one.fetch(f"{site.address}/a").body == b"quick"
    assert site.times("/a") >= 2
    site.pages["/b"] = slow
    assert kind_of(fetcher(site, timeout=0.2, retries=0), "/b") == "silent"


def test_a_site_that_is_not_there_is_told() -> None:
    port = free_port()
    nobody = Site.model_validate(first(f"http://127.0.0.1:{port}", retries=1))
    with pytest.raises(SiteError, match="can't be reached"):
        Fetcher(nobody, {}).obey_robots()


def test_a_page_that_is_too_large_is_left_unread(site: Web) -> None:
    site.pages["/a"] = Reply("a" * 100_000)
    assert kind_of(fetcher(site, page_bytes=50_000), "/a") == "too_large"
    assert site.paths == ["/a"]


def test_a_site_that_asks_for_time_gets_it(site: Web) -> None:
    busy = Reply(status=429, headers={"Retry-After": "1"})
    site.pages["/a"] = lambda before: Reply("now") if before else busy
    assert fetcher(site, retries=1).fetch(f"{site.address}/a").body == b"now"
    assert site.asked[1].at - site.asked[0].at >= 1


@pytest.mark.parametrize("told", ["", "soon", "-1", "1.5", "\u0663", "Wed, 99 Oct"])
def test_a_site_may_say_how_long_in_seconds_or_by_a_date(told: str) -> None:
    def wait(told: str) -> float | None:
        return Answer("", 503, {"Retry-After": told}, b"").wait

    assert wait(told) is None
    assert wait("120") == 120
    assert wait("Wed, 21 Oct 2015 07:28:00 GMT") == 0
    later = wait(format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True))
    assert later is not None
    assert 3000 < later <= 3600


def test_a_site_that_goes_on_refusing_is_left(site: Web) -> None:
    site.pages["/a"] = Reply(status=429)
    with pytest.raises(SiteError, match="429.*raise pause"):
        fetcher(site, retries=1).fetch(f"{site.address}/a")
    assert site.times("/a") == 2
    site.pages["/b"] = Reply(status=503, headers={"Retry-After": "86400"})
    with pytest.raises(SiteError, match="left alone for 86,400 seconds"):
        fetcher(site, retries=3).fetch(f"{site.address}/b")
    assert site.times("/b") == 1


def test_the_pause_holds_for_all_requests_together(site: Web) -> None:
    """By the server's clock: no busy machine makes that shorter."""
    site.pages |= {f"/{n}": Reply("a") for n in range(4)}
    one, begun = fetcher(site, pause=0.1), time.monotonic()
    threads = [threading.Thread(target=one.fetch, args=(f"{site.address}/{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    times = sorted(asked.at for asked in site.asked)
    assert all(at - begun >= number * 0.1 for number, at in enumerate(times))


def test_who_waits_is_let_go_when_the_site_is_done_with(site: Web) -> None:
    site.pages["/a"] = Reply("a")
    one = fetcher(site, pause=600)
    one.fetch(f"{site.address}/a")
    threading.Timer(0.1, one.pace.end).start()
    with pytest.raises(EndedError):
        one.fetch(f"{site.address}/a")
    assert site.times("/a") == 1


def test_waits_grow_up_to_a_limit(site: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    site.pages["/a"] = Reply("cut")
    one = fetcher(site, pause=0.0, retries=10)
    one.pace.seconds = 1.0
    monkeypatch.setattr(one.pace, "turn", lambda: None)
    monkeypatch.setattr(one.pace, "sleep", waited.append)
    assert kind_of(one, "/a", "</html>") == "cut_off"
    assert waited == [2, 4, 8, 16, 32, *[fetching.LONGEST_BACKOFF] * 5]


def test_a_key_goes_to_no_other_host(other: Web) -> None:
    with web() as site:
        site.pages["/a"] = Reply(status=302, headers={"Location": f"{other.address}/b"})
        one = Fetcher(Site.model_validate(first(site.address)), {"X-Key": "s3cret"})
        assert kind_of(one, "/a") == "elsewhere"
        assert site.asked[0].headers["X-Key"] == "s3cret"
        assert other.asked == []
