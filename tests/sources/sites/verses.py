"""Songs that nobody sang, in words that nobody has, on two sites that show them differently."""

import html
import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from hitcast.declaration.use_case import UseCase
from tests.sources.sites.web import Reply, Web


class Verse(NamedTuple):
    """One song."""

    singer: str
    name: str
    words: str

    @property
    def path(self) -> str:
        """Where a site has it."""
        return "/song/" + "-".join(re.findall("[a-z0-9]+", f"{self.singer} {self.name}".lower()))


SHARED = Verse(
    "Quorl Vamp", "Ombligar", "Vorrel ombligar, teska nu\ndaan flimmer quost\n\nHarrow zin"
)
ONLY = Verse("Tib & Pelk", "Snarv <3", "Snarv snarv, ollupi\n'glent' ostragan \"miv\"")
MANY = [Verse(f"Zelk{n}", f"Frunnel {n}", f"Brastik wopple {n}\nunderglim {n}") for n in range(12)]


def declared(**sites: Mapping[str, Any]) -> dict[str, Any]:
    """A declaration of rows that are such songs."""
    text = {"type": "text", "meaning": "-"}
    return {
        "name": "verses",
        "title": "Verses",
        "entity": "verse",
        "source": {"format": "jsonl"},
        "key": {"hash": ["singer", "name"], "normalise": ["casefold"]},
        "label": {"column": "style", "classes": ["blorp", "zindle"], "positive": "blorp",
            "output": "kind"},
        "split": {"salt": "verses", "test_percent": 20},
        "columns": {
            "singer": {**text, "role": "identity"},
            "name": {**text, "role": "identity"},
            "style": {**text, "role": "label", "required": True},
            "words": {**text, "role": "feature", "required": True, "private": True},
            "album": {**text, "role": "identity"},
        },
        "training": {
            "metric": "accuracy", "folds": 2, "search": "grid", "trials": 1, "tuning_rows": 100,
            "partitions": 1,
        },
        "candidates": {"logistic_regression": {"encoding": "one_hot", "scaling": "standard"}},
        "sites": sites,
    }  # fmt: skip


def verses(**sites: Mapping[str, Any]) -> UseCase:
    """The use case of such songs."""
    return UseCase.model_validate(declared(**sites))


def first(address: str, **changes: Any) -> dict[str, Any]:
    """A site that has each song's lines in one element, with breaks."""
    return {
        "permitted": True,
        "address": address,
        "index": {
            "column": "style",
            "pages": {"blorp": "/style/blorp", "zindle": "/style/zindle"},
            "items": "ul.songs a",
            "next": "a[rel=next]",
        },
        "item": {
            "singer": "h1 .singer",
            "name": "h1 .name",
            "album": "p.album",
            "words": {"select": ".words", "breaks": True},
        },
        "pause": 0.0,
        "timeout": 5,
        **changes,
    }


def second(address: str, **changes: Any) -> dict[str, Any]:
    """A site that has singer and name in attributes, and lines in many elements."""
    return first(address) | {
        "item": {
            "singer": {"select": "meta[name=by]", "attribute": "content"},
            "name": {"select": "meta[name=of]", "attribute": "content"},
            "words": {"select": "div.verse", "breaks": True, "every": True},
        },
        **changes,
    }


def of_api(address: str, **changes: Any) -> dict[str, Any]:
    """A site whose API has what its pages have."""
    api = {
        "index": {
            "column": "style",
            "pages": {"blorp": "/api?style=blorp&page={page}"},
            "items": "data.songs",
        },
        "id": "id",
        "item": "/api/song/{id}",
        "columns": {"singer": "by.0.called", "name": "name", "words": "words"},
        **changes,
    }
    return first(address, api=api)


def page(body: str) -> str:
    """A whole page."""
    head = "<head><title>Zindle Songs</title><style>p {color: red}</style></head>"
    return f"<!DOCTYPE html>\n<html>{head}<body>{body}</body>\n</html>\n"


def listing(songs: Sequence[Verse | str], following: str | None = None) -> Reply:
    """A page that lists songs, or addresses."""
    links = [song if isinstance(song, str) else song.path for song in songs]
    items = "".join(f"<li><a href='{html.escape(link)}#top'>x</a></li>" for link in links)
    more = f"<a rel='next' href='{following}'>more</a>" if following else ""
    return Reply(page(f"<ul class='songs'>{items}</ul>{more}<a href='/imprint'>imprint</a>"))


def shown(song: Verse) -> Reply:
    """A song's page on the first site."""
    paragraphs = [html.escape(part).replace("\n", "<br>\n") for part in song.words.split("\n\n")]
    words = "".join(f"<p>{part}</p>\n" for part in paragraphs)
    title = f"<span class='singer'>{html.escape(song.singer)}</span>"
    title += f" <b class='name'>{html.escape(song.name)}</b>"
    return Reply(page(f"<h1>{title}</h1><div class='words'><!-- ad -->{words}</div>"))


def shown_second(song: Verse) -> Reply:
    """A song's page on the second site, which writes names in its own way."""
    metas = f"<meta name='by' content='{html.escape(song.singer.upper())}'>"
    metas += f"<meta name='of' content='{html.escape(song.name)}'>"
    lines = "".join(f"<div class='verse'>{html.escape(x)}</div>" for x in song.words.split("\n"))
    return Reply(page(f"{metas}{lines}<div class='ad'>buy</div>"))


def publish(site: Web, songs: Mapping[str, Sequence[Verse]], *, as_second: bool = False) -> None:
    """Put songs on a site, listed by style, with a robots.txt that forbids nothing of it."""
    site.pages["/robots.txt"] = Reply("User-agent: *\nDisallow: /admin\n", type="text/plain")
    for style in ("blorp", "zindle"):
        site.pages[f"/style/{style}"] = listing(songs.get(style, ()))
    for song in (one for several in songs.values() for one in several):
        site.pages[song.path] = shown_second(song) if as_second else shown(song)
