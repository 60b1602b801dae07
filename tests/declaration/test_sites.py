"""What a declaration may say of sites."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from hitcast.declaration.loading import load_use_case
from hitcast.declaration.sites import Site
from tests.conftest import ROOT
from tests.sources.sites.verses import first, of_api, verses

HOST = "https://first.example.org"


def refusal(**changes: Any) -> str:
    with pytest.raises(ValidationError) as caught:
        Site.model_validate({**first(HOST, pause=1.0), **changes})
    return str(caught.value)


def test_a_site_is_off_and_slow_unless_conf_says_otherwise() -> None:
    told = first(HOST)
    del told["permitted"], told["pause"]
    site = Site.model_validate(told)
    assert (site.permitted, site.pause, site.retries) == (False, 1.0, 3)
    assert verses().sites == {}
    assert verses(one=told).sites["one"] == site
    assert type(site).model_validate(site.model_dump()) == site


@pytest.mark.parametrize(
    "address",
    [
        "http://first.example.org", "ftp://first.example.org", "https://first.example.org/songs",
        "https://me:key@first.example.org", "https://first.example.org?x", "first.example.org", "",
        "http://127.0.0.1.example.org", "https://",
    ],
)  # fmt: skip
def test_an_address_is_a_host_over_https(address: str) -> None:
    assert "https:// and a host alone" in refusal(address=address)


@pytest.mark.parametrize("host", ["127.0.0.1:80", "localhost:8000", "[::1]:80"])
def test_this_machine_itself_may_be_asked_at_once_and_without_https(host: str) -> None:
    assert Site.model_validate(first(f"http://{host}")).origin == f"http://{host}"


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"pause": 0.05}, "0.1 seconds at least"),
        ({"pause": -1}, "greater than or equal to 0"),
        ({"parallel": 9}, "less than or equal to 8"),
        ({"encoding": "utf-8000"}, "unknown"),
        ({"contact": "me and you"}, "pattern"),
        ({"index": None}, "index and item, or api"),
        ({"item": {}}, "index and item, or api"),
        ({"index": None, "item": {}}, "index and item, or api"),
        ({"item": {"style": "b", "words": "p"}}, "'style' is told by the index, and by the item"),
        ({"selectors": {}}, "Extra inputs"),
    ],
)
def test_what_does_not_hold_together_is_refused(changes: dict[str, Any], told: str) -> None:
    assert told in refusal(**changes)


@pytest.mark.parametrize("pages", [{}, {"blorp": []}, {"blorp": "//x"}, {"blorp": "https://x/y"}])
def test_listings_are_within_the_site(pages: dict[str, Any]) -> None:
    assert "expected an address" in refusal(index={**first(HOST)["index"], "pages": pages})


def test_an_api_has_a_place_for_the_id_and_one_way_to_go_on() -> None:
    api = of_api(HOST)["api"]
    assert "{id} in it" in refusal(api={**api, "item": "/song"})
    assert "allowed: one of them" in refusal(api={**api, "index": {**api["index"], "next": "n"}})
    elsewhere = {**api, "address": "https://API.example.org"}
    site = Site.model_validate({**first(HOST, pause=1.0), "api": elsewhere})
    assert site.origin == "https://api.example.org"
    alone = {"address": HOST, "api": api}
    assert Site.model_validate(alone).origin == HOST


@pytest.mark.parametrize(
    ("item", "told"),
    [
        ({"singer": "a", "name": "b", "words": "c", "lyrics": "d"}, r"'lyrics'.*not declared"),
        ({"singer": "a", "name": "b"}, r"sites.one: nothing is said of \['words'\]"),
        ({"name": "b", "words": "c"}, r"nothing is said of \['singer'\]"),
        ({"singer": "a", "name": "b", "words": "c", "row_key": "d"}, "not declared"),
    ],
)  # fmt: skip
def test_a_site_tells_declared_columns_and_those_that_every_row_needs(
    item: dict[str, str], told: str
) -> None:
    with pytest.raises(ValidationError, match=told):
        verses(one=first(HOST, pause=1.0, item=item))


def test_a_site_has_a_name_that_files_can_have() -> None:
    for name in ("One", "../x", "a-b", "1"):
        with pytest.raises(ValidationError, match="pattern"):
            verses(**{name: first(HOST, pause=1.0)})


def test_the_whole_declaration_that_the_docs_show_is_one(tmp_path: Path) -> None:
    shown = (ROOT / "docs/extract.md").read_text(encoding="utf-8")
    text = shown.split("```yaml\n")[1].split("```")[0]
    (tmp_path / "verses.yml").write_text(text, encoding="utf-8")
    sites = load_use_case("verses", folder=tmp_path).sites
    assert {name: site.permitted for name, site in sites.items()} == {
        "first": False, "second": False,
    }  # fmt: skip
    assert sites["second"].origin == "https://api.second.example.org"


@pytest.mark.parametrize("conf", sorted((ROOT / "conf").glob("*.yml")), ids=lambda path: path.stem)
def test_no_site_that_comes_with_the_project_is_permitted(conf: Path) -> None:
    told = yaml.safe_load(conf.read_text(encoding="utf-8")).get("sites", {})
    assert not any(site.get("permitted") for site in told.values())
