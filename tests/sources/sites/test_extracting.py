"""Whole extractions: of two sites at once, of an API, of sites that break."""

import json
import threading
import time
from datetime import timedelta
from typing import Any

import pytest

from hitcast.errors import SourceError
from hitcast.sources.sites.crawl import IN_A_ROW
from tests.sources.sites.conftest import DAY, Run
from tests.sources.sites.verses import (
    MANY,
    ONLY,
    SHARED,
    Verse,
    first,
    listing,
    of_api,
    page,
    publish,
    second,
    shown,
    verses,
)  # fmt: skip
from tests.sources.sites.web import Reply, Web

WORDS = {word for song in (SHARED, ONLY, *MANY) for word in song.words.split() if len(word) > 4}


def expected(song: Verse, style: str) -> dict[str, Any]:
    return {
        "style": style, "singer": song.singer, "name": song.name, "album": None,
        "words": song.words,
    }  # fmt: skip


def quiet(run: Run) -> bool:
    """Whether nothing of a song's words was told."""
    told = "\n".join(run.said)
    return bool(run.said) and not any(word in told for word in WORDS)


def test_two_sites_that_have_the_same_song_give_a_line_of_it_each(
    site: Web, other: Web, run: Run
) -> None:
    publish(site, {"blorp": [SHARED, ONLY], "zindle": MANY[:2]})
    publish(other, {"blorp": [SHARED]}, as_second=True)
    told = run(verses(one=first(site.address), two=second(other.address)))
    assert sorted(run.rows("one"), key=str) == sorted(
        [
            *(expected(song, "blorp") for song in (SHARED, ONLY)),
            *(expected(song, "zindle") for song in MANY[:2]),
        ],
        key=str,
    )
    assert [list(row) for row in run.rows("one")] == [
        ["style", "singer", "name", "album", "words"]
    ] * 4
    # The other writes the singer in capitals: as it came, the key makes one of them.
    (row,) = run.rows("two")
    assert (row["singer"], row["name"]) == (SHARED.singer.upper(), SHARED.name)
    counts = {"index_pages": 2, "found": 1, "repeated": 0, "already_there": 0, "fetched": 1}
    file = str(run.folder / f"two-{DAY}.jsonl")
    assert told["sites"]["two"] == {**counts, "failed": {}, "file": file, "stopped": None}
    assert (told["fetched"], told["failed"], told["index_pages"]) == (5, 0, 4)
    assert quiet(run)
    assert f"words {len(SHARED.words)} characters #" in "\n".join(run.said)


def test_nothing_is_asked_for_unless_a_site_is_permitted(site: Web, run: Run) -> None:
    publish(site, {"blorp": [SHARED]})
    off = {**first(site.address), "permitted": False}
    del (unsaid := first(site.address))["permitted"]
    for names in ([], ["one"], ["two"]):
        with pytest.raises(SourceError, match=r"permitted: true of \['.*found false.*terms of use"):
            run(verses(one=off, two=unsaid), *names)
    with pytest.raises(SourceError, match="permitted"):
        run(verses(one=off, two=first(site.address)), "one", "two")
    with pytest.raises(SourceError, match=r"declares, \['one'\], got \['three'\]"):
        run(verses(one=off), "three")
    with pytest.raises(SourceError, match=r"conf/verses.yml declares, \[\], got none"):
        run(verses())
    assert site.asked == []
    assert not run.folder.exists()
    assert run(verses(one=off, two=first(site.address)))["sites"].keys() == {"two"}


def test_a_wrong_selector_of_one_site_is_told_before_any_is_asked(
    site: Web, other: Web, run: Run
) -> None:
    wrong = second(other.address, index={**first("")["index"], "items": "a["})
    with pytest.raises(SourceError, match="sites.two.index.items"):
        run(verses(one=first(site.address), two=wrong))
    assert site.asked == other.asked == []


def test_an_api_comes_before_pages(site: Web, run: Run) -> None:
    publish(site, {"blorp": MANY[:3]})
    songs = [{"id": n} for n in range(5)]
    for number in (1, 2, 3):
        some = {"data": {"songs": songs[2 * number - 2 : 2 * number] or songs[-1:]}}
        address = f"/api?style=blorp&page={number}"
        site.pages[address] = Reply(json.dumps(some), type="application/json")
    site.pages["/api?style=blorp&page=4"] = Reply('{"data": {"songs": []}}')
    for n in range(5):
        told = {"by": [{"called": f"Zelk{n}"}], "name": n, "words": MANY[n].words}
        site.pages[f"/api/song/{n}"] = Reply(json.dumps(told))
    told = run(verses(one=of_api(site.address)))
    assert sorted(row["name"] for row in run.rows("one")) == [0, 1, 2, 3, 4]
    assert run.rows("one")[0].keys() == {"style", "singer", "name", "words"}
    assert all(path.startswith(("/api", "/robots.txt")) for path in site.paths)
    assert (told["found"], told["index_pages"], told["fetched"]) == (5, 4, 5)
    assert quiet(run)


def test_listings_are_followed_page_by_page_and_a_ring_of_them_ends(site: Web, run: Run) -> None:
    publish(site, {"blorp": MANY, "zindle": MANY[:1]})
    site.pages["/style/blorp"] = listing(MANY[:5], "/style/blorp?p=2")
    site.pages["/style/blorp?p=2"] = listing(MANY[4:], "/style/blorp")
    told = run(verses(one=first(site.address)))
    assert len(run.rows("one")) == len(MANY)
    # The first listing that names an item gives its value.
    assert {row["style"] for row in run.rows("one")} == {"blorp"}
    assert (told["repeated"], told["index_pages"], told["fetched"]) == (2, 3, len(MANY))
    assert max(site.times(song.path) for song in MANY) == 1


def test_a_value_may_have_several_listings(site: Web, run: Run) -> None:
    publish(site, {"blorp": [SHARED, ONLY]})
    site.pages |= {"/a": listing([SHARED]), "/b": listing([ONLY])}
    index = {**first("")["index"], "pages": {"blorp": ["/a", "/b"]}}
    run(verses(one=first(site.address, index=index)))
    assert [row["style"] for row in run.rows("one")] == ["blorp", "blorp"]


def test_broken_pages_are_counted_by_kind_and_the_rest_comes(
    site: Web, other: Web, run: Run
) -> None:
    publish(site, {"blorp": MANY[:9], "zindle": [SHARED]})
    broken: dict[str, Reply] = {
        "incomplete": Reply(page("<h1><b class='singer'>Zelk</b></h1><p>Brastik removed</p>")),
        "cut_off": Reply(shown(MANY[1]).raw[:-30]),
        "encoding": Reply(shown(MANY[2]).raw.replace(b"wopple", b"w\xf6pple")),
        "elsewhere": Reply(status=302, headers={"Location": f"{other.address}/song"}),
        "gone": Reply("Brastik", 404),
        "no_page": Reply("Brastik", type="image/png"),
        "too_large": Reply(b"x" * 40_000),
        "robots": Reply("never"),
        "status": Reply(status=500),
    }
    for song, reply in zip(MANY, broken.values(), strict=False):
        site.pages[song.path] = reply
    site.pages["/robots.txt"] = Reply(f"User-agent: *\nDisallow: {MANY[7].path}", type="text/plain")
    told = run(verses(one=first(site.address, page_bytes=30_000, retries=1)))
    assert told["sites"]["one"]["failed"] == dict.fromkeys(broken, 1)
    assert (told["failed"], told["found"], told["fetched"]) == (9, 10, 1)
    assert run.rows("one") == [expected(SHARED, "zindle")]
    assert (site.times(MANY[7].path), other.asked) == (0, [])
    assert f"one: {site.address}{MANY[4].path}: failed, the site answers 404" in run.said
    assert any("nothing was found for ['name', 'words']" in line for line in run.said)
    assert quiet(run)
    # What failed is asked for again, another day's run begins anew.
    site.pages[MANY[4].path] = shown(MANY[4])
    told = run(verses(one=first(site.address, page_bytes=30_000, retries=0)))
    assert (told["already_there"], told["fetched"], told["failed"]) == (1, 1, 8)
    assert len(run.rows("one")) == 2


def test_a_site_most_of_whose_items_fail_is_left_and_the_other_goes_on(
    site: Web, other: Web, run: Run
) -> None:
    dead = [f"/song/{number}" for number in range(10 * IN_A_ROW)]
    publish(site, {"blorp": [SHARED]})
    site.pages["/style/zindle"] = listing(dead)
    publish(other, {"blorp": MANY}, as_second=True)
    told = run.stopped(verses(one=first(site.address, parallel=1), two=second(other.address)))
    assert told["sites"]["one"]["failed"] == {"gone": IN_A_ROW}
    assert f"{IN_A_ROW} items failed one after the other" in told["sites"]["one"]["stopped"]
    assert told["sites"]["two"]["stopped"] is None
    assert run.rows("one") == [expected(SHARED, "blorp")]
    assert len(run.rows("two")) == len(MANY)
    assert len(site.asked) <= IN_A_ROW + 5


@pytest.mark.parametrize("path", ["/robots.txt", "/style/zindle"])
def test_a_stop_keeps_what_was_fetched_and_the_next_run_goes_on_with_it(
    site: Web, run: Run, path: str
) -> None:
    publish(site, {"blorp": MANY[:3], "zindle": MANY[3:5]})
    whole = site.pages[path]
    site.pages[path] = Reply(status=500)
    use_case = verses(one=first(site.address, retries=0))
    told = run.stopped(use_case)
    assert path in told["sites"]["one"]["stopped"]
    fetched = told["fetched"]
    assert fetched == (0 if path == "/robots.txt" else 3)
    assert (run.folder / f"one-{DAY}.jsonl").exists() == bool(fetched)
    site.pages[path] = whole
    # A day later: the file is still that of the day on which it was begun.
    told = run(use_case, day=DAY + timedelta(days=1))
    assert (told["already_there"], told["fetched"]) == (fetched, 5 - fetched)
    day = DAY if fetched else DAY + timedelta(days=1)
    assert sorted(row["name"] for row in run.rows("one", day)) == [song.name for song in MANY[:5]]
    told = run(use_case, day=DAY + timedelta(days=2))
    assert (told["already_there"], told["fetched"]) == (0, 5)


def test_a_listing_that_robots_txt_forbids_is_a_stop(site: Web, run: Run) -> None:
    publish(site, {"blorp": [SHARED]})
    site.pages["/robots.txt"] = Reply("User-agent: hitcast\nDisallow: /style", type="text/plain")
    told = run.stopped(verses(one=first(site.address)))
    assert "robots.txt forbids it" in told["sites"]["one"]["stopped"]
    assert site.paths == ["/robots.txt"]


def test_no_more_than_the_limit_are_asked_for(site: Web, run: Run) -> None:
    publish(site, {"blorp": MANY, "zindle": [SHARED]})
    told = run(verses(one=first(site.address)), limit=3)
    assert (told["fetched"], told["found"], told["index_pages"]) == (3, 3, 1)
    told = run(verses(one=first(site.address)), limit=20)
    assert (told["already_there"], told["fetched"]) == (3, 10)
    assert max(site.times(song.path) for song in MANY) == 1


def test_items_are_asked_for_beside_each_other(site: Web, run: Run) -> None:
    """The first answer comes once the third was asked for: one at a time would never get there."""
    publish(site, {"blorp": MANY[:3]})
    held = threading.Event()

    def last(_: int) -> Reply:
        held.set()
        return shown(MANY[2])

    for song in MANY[:2]:
        site.pages[song.path] = Reply(shown(song).raw, held=held)
    site.pages[MANY[2].path] = last
    told = run(verses(one=first(site.address, parallel=3)))
    assert (told["fetched"], held.is_set()) == (3, True)
    assert run.rows("one")[0].keys() == expected(SHARED, "blorp").keys()


def test_a_page_that_nobody_foresaw_fails_alone_and_is_not_quoted(
    site: Web, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    from hitcast.sources.sites import pages

    def fail(element: Any, **_: Any) -> str:
        raise ValueError(element.get_text())

    publish(site, {"blorp": [SHARED]})
    monkeypatch.setattr(pages, "text_of", fail)
    assert run(verses(one=first(site.address)))["sites"]["one"]["failed"] == {"no_page": 1}
    assert quiet(run)


def test_what_failed_among_items_that_are_there_does_not_end_the_next_run(
    site: Web, run: Run
) -> None:
    dead, live = [f"/song/{n}" for n in range(2 * IN_A_ROW)], MANY[:10]
    publish(site, {"blorp": live, "zindle": [SHARED]})
    mixed = [path for n, song in enumerate(live) for path in (song.path, *dead[4 * n : 4 * n + 4])]
    site.pages |= {"/style/blorp": listing(mixed), SHARED.path: Reply("", 404)}
    use_case = verses(one=first(site.address))
    assert (run(use_case)["fetched"], run(use_case)["fetched"]) == (10, 0)
    site.pages[SHARED.path] = shown(SHARED)
    told = run(use_case)
    assert (told["fetched"], told["already_there"], told["failed"]) == (1, 10, len(dead))


def test_more_values_may_be_declared_later_but_lines_stay_of_one_shape(site: Web, run: Run) -> None:
    publish(site, {"blorp": [SHARED], "zindle": [ONLY]})
    index = first("")["index"]
    fewer = {**index, "pages": {"blorp": "/style/blorp"}}
    run(verses(one=first(site.address, index=fewer)))
    told = run(verses(one=first(site.address, pause=0.001)))
    assert (told["already_there"], told["fetched"]) == (1, 1)
    assert any("going on with" in line and "1 items" in line for line in run.said)
    item = {**first("")["item"], "album": "h2"}
    told = run.stopped(verses(one=first(site.address, item=item)))
    assert "conf/ has had lines look otherwise" in told["sites"]["one"]["stopped"]


def test_a_longer_pause_that_robots_txt_asks_for_is_kept_and_told(site: Web, run: Run) -> None:
    publish(site, {"blorp": [SHARED]})
    site.pages["/robots.txt"] = Reply("User-agent: *\nCrawl-delay: 0.05", type="text/plain")
    begun = time.monotonic()
    run(verses(one=first(site.address)))
    # Two listings and an item after the first request: two pauses at least.
    assert site.asked[-1].at - begun >= 2 * 0.05
    assert "one: robots.txt asks for 0.05 seconds between two requests" in run.said


def test_a_broken_answer_is_quoted_by_no_library_either(
    site: Web, run: Run, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    publish(site, {"blorp": [*MANY[:3], SHARED]})
    lost = {"Location": "http://["}
    broken = {"X-A": "b\r\nBrastik wopple underglim"}
    xml = b"<?xml version='1.0'?>\n" + shown(MANY[2]).raw
    replies = [Reply(status=302, headers=lost), Reply("Brastik", headers=broken), Reply(xml)]
    for song, reply in zip(MANY, replies, strict=False):
        site.pages[song.path] = reply
    told = run(verses(one=first(site.address, retries=0, timeout=1)))
    assert (told["fetched"], told["failed"]) == (2, 2)
    assert told["sites"]["one"]["failed"]["no_page"] == 1
    assert quiet(run)
    assert caplog.records == []
    assert capfd.readouterr() == ("", "")
