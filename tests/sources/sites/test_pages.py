"""What is read from pages and from an API's answers, as they came."""

import json
import string
from typing import Any

import pytest
from bs4 import BeautifulSoup
from hypothesis import given, settings
from hypothesis import strategies as st

from hitcast.declaration.sites import Site
from hitcast.errors import SourceError
from hitcast.sources.sites.api import ApiReader, headers_of
from hitcast.sources.sites.asking import Answer, user_agent
from hitcast.sources.sites.failures import ItemError
from hitcast.sources.sites.pages import PageReader
from hitcast.sources.sites.texts import text_of
from tests.sources.sites.verses import (
    MANY,
    ONLY,
    SHARED,
    first,
    listing,
    of_api,
    page,
    second,
    shown,
    shown_second,
)
from tests.sources.sites.web import HTML, Reply

HOST = "https://first.example.org"


def site(**changes: Any) -> Site:
    return Site.model_validate(first(HOST, pause=1.0) | changes)


def answer(reply: Reply, path: str = "/song/1", type: str = HTML) -> Answer:
    return Answer(HOST + path, 200, {"Content-Type": type}, reply.raw)


def item(body: str | bytes, type: str = HTML, **changes: Any) -> dict[str, Any]:
    return dict(PageReader("one", site(**changes)).item(answer(Reply(body), type=type)))


def kind_of(body: str | bytes, type: str = HTML) -> str:
    with pytest.raises(ItemError) as caught:
        item(body, type)
    return caught.value.kind


@pytest.mark.parametrize("song", [SHARED, ONLY])
def test_a_song_is_read_from_pages_of_either_kind(song: Any) -> None:
    told = {"singer": song.singer, "name": song.name, "words": song.words, "album": None}
    assert item(shown(song).raw) == told
    of_second = Site.model_validate(second(HOST, pause=1.0))
    row = PageReader("two", of_second).item(answer(shown_second(song)))
    # Lines that stand in elements of their own have no empty ones between them.
    lines = song.words.replace("\n\n", "\n")
    assert row == {"singer": song.singer.upper(), "name": song.name, "words": lines}


@pytest.mark.parametrize(
    ("written", "seen"),
    [
        ("one<br>two<br/>\n  three", "one\ntwo\nthree"),
        ("<p>one</p>\n\n<p>two<br></p>", "one\n\ntwo"),
        ("<div>one</div><div>two<br></div> three", "one\ntwo\nthree"),
        ("one<br><br>two", "one\n\ntwo"),
        ("  one\n   two \t three ", "one two three"),
        ("<pre>one  two\r\n   three</pre>", "one  two\n   three"),
        ("a<b>b</b><i> c</i><!-- d --><script>e</script><style>f</style>", "ab c"),
        ("a&nbsp;b &amp;amp; &lt;3", "a\xa0b &amp; <3"),
        ("<ul><li>one<li>two</ul>", "one\ntwo"),
        ("a\x01b\x02c\x03d", "abcd"),
        ("", ""),
    ],
)
def test_a_text_is_what_people_see(written: str, seen: str) -> None:
    element = BeautifulSoup(f"<div id='x'>{written}</div>", "html.parser").select_one("#x")
    assert element is not None
    assert text_of(element, breaks=True) == seen
    assert text_of(element, breaks=False) == " ".join(seen.replace("\xa0", "~").split()).replace(
        "~", "\xa0"
    )


@settings(max_examples=30, deadline=None)
@given(st.lists(st.text(string.ascii_letters + " '?!", min_size=1).filter(str.strip), min_size=1))
def test_lines_come_as_they_were_written(lines: list[str]) -> None:
    written = "<br>\n".join(lines)
    element = BeautifulSoup(f"<div>{written}</div>", "html.parser").div
    assert element is not None
    seen = text_of(element, breaks=True).split("\n")
    assert seen == [" ".join(line.split()) for line in lines]


def test_a_listing_leads_to_items_once_each_and_to_the_next_page() -> None:
    links = [
        "/song/a",
        "song/b?x=1",
        "/song/a#lines",
        "https://other.example.org/c",
        "",
        "http://[",
    ]
    links += ["http://first.example.org/d", "/song/e f"]
    read = PageReader("one", site()).listed(answer(listing(links, "?page=2"), "/style/blorp"))
    assert [found.address.removeprefix(HOST) for found in read.items] == [
        "/song/a", "/style/song/b?x=1", "https://other.example.org/c", "/style/blorp", "/d",
        "/song/e%20f",
    ]  # fmt: skip
    assert read.next == f"{HOST}/style/blorp?page=2"
    assert PageReader("one", site()).listed(answer(listing([]))).next is None


WORDS = "Ça brastik «œil» naïf"


@pytest.mark.parametrize(
    ("encoding", "type", "meta"),
    [
        ("utf-8", HTML, ""),
        ("utf-8-sig", "text/html", ""),
        ("utf-8", "text/html", ""),
        ("cp1252", "text/html; charset=iso-8859-1", ""),
        ("cp1252", "text/html", "<meta charset='windows-1252'>"),
        ("utf-8", HTML, "<meta charset='latin-1'>"),
        ("utf-16", "application/xhtml+xml; charset=utf-16", ""),
        ("utf-8", "text/html; charset=utf-8000", ""),
    ],
)
def test_a_page_is_read_in_the_encoding_that_it_names(encoding: str, type: str, meta: str) -> None:
    text = page(f"{meta}<h1>x</h1><div class='words'>{WORDS}</div>")
    assert item(text.encode(encoding), type)["words"] == WORDS


def test_a_wrong_encoding_fails_where_it_spoils_what_is_taken_and_conf_can_tell_better() -> None:
    body = page(f"<div class='words'>{WORDS}</div>").encode("cp1252")
    assert kind_of(body) == "encoding"
    assert item(body, encoding="cp1252")["words"] == WORDS
    beside = page("<div class='words'>Vorrel</div><i>\u00e9</i>").encode("cp1252")
    assert item(beside)["words"] == "Vorrel"


def test_a_page_without_what_is_looked_for_has_nothing_of_it() -> None:
    assert item(page("<p>closed</p>")) == dict.fromkeys(("singer", "name", "album", "words"))
    assert kind_of("%PDF", "application/pdf") == "no_page"
    deep = page("<div class='words'>" + "<b>" * 5000 + "x")
    assert kind_of(deep) == "no_page"


def test_what_is_no_selector_is_told_by_its_place_before_anything_is_asked_for() -> None:
    with pytest.raises(SourceError, match=r"sites\.one\.item\.words: expected a CSS selector"):
        PageReader("one", site(item={"words": "div >"}))


def test_an_api_is_read_by_paths() -> None:
    api = Site.model_validate(of_api(HOST) | {"pause": 1.0}).api
    assert api is not None
    reader = ApiReader(HOST, api)
    told = {"data": {"songs": [{"id": 1}, {"id": "a/b"}]}}
    listed = reader.listed(answer(Reply(json.dumps(told)), type="application/json"))
    assert [found.address for found in listed.items] == [
        f"{HOST}/api/song/{n}" for n in (1, "a%2Fb")
    ]
    song = {"by": [{"called": "Zelk"}], "name": 7, "words": "Frunnel\n\nost"}
    assert reader.item(answer(Reply(json.dumps(song)))) == {
        "singer": "Zelk", "name": 7, "words": "Frunnel\n\nost",
    }  # fmt: skip
    assert reader.item(answer(Reply('{"by": {"0": 1}, "name": [2]}'))) == {
        "singer": None, "name": [2], "words": None,
    }  # fmt: skip
    for broken in ("[" * 100_000, "Vorrel", "", '{"data": {"songs": {}}}', '{"data": 1}'):
        with pytest.raises(ItemError) as caught:
            reader.listed(answer(Reply(broken)))
        assert "Vorrel" not in str(caught.value)


def test_an_api_whose_listing_has_everything_is_asked_for_nothing_else() -> None:
    index = {"column": "style", "pages": {"blorp": "/api"}, "items": "0", "next": "1"}
    declared = Site.model_validate(
        of_api(HOST, index=index, item=None, columns={"words": "words", "name": "id"})
        | {"pause": 1.0}
    )
    assert declared.api is not None
    listed = ApiReader(HOST, declared.api).listed(
        answer(Reply(json.dumps([[{"id": n.name, "words": n.words} for n in MANY[:2]], "/api?2"])))
    )
    assert [found.row for found in listed.items] == [
        {"words": song.words, "name": song.name} for song in MANY[:2]
    ]
    assert listed.items[0].address == f"{HOST}/#Frunnel%200"
    assert listed.next == f"{HOST}/api?2"


def test_a_key_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    declared = of_api(HOST, headers={"Authorization": "VERSES_KEY"}) | {"pause": 1.0}
    api = Site.model_validate(declared).api
    with pytest.raises(SourceError, match=r"VERSES_KEY.*sites\.one\.api\.headers"):
        headers_of("one", api)
    monkeypatch.setenv("VERSES_KEY", "Bearer s3cret")
    assert headers_of("one", api) == {"Authorization": "Bearer s3cret"}
    assert headers_of("one", None) == {}


def test_the_user_agent_names_the_project_and_who_runs_it() -> None:
    assert user_agent(site()).startswith("hitcast/")
    told = user_agent(site(contact="https://example.org/me"))
    assert told.endswith(" (+https://example.org/me)")
