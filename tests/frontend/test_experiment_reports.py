"""What jobs found about experiments, as the page tells it."""

import copy
import functools
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from client import Client
from components.experiments.names import signed, with_interval
from components.experiments.reading import UnreadableError
from components.experiments.report import Report
from components.experiments.running import NONE
from hitcast.declaration.use_case import UseCase
from refusals import RefusedError
from tests.experiments.gathered import WITH_SHADOW
from tests.frontend.conftest import studio_on
from tests.frontend.experiments_page import (
    everything,
    keep,
    labelled,
    opened,
    report,
    table,
    verdict,
)
from tests.frontend.pages import charts, words
from tests.placed import small_app
from tests.servers import free_port, hosted

Show = Callable[[Mapping[str, Any]], AppTest]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, spotify: UseCase) -> Iterator[tuple[str, Path]]:
    """An API, of which only its reports are asked, and its home."""
    home = tmp_path_factory.mktemp("reports")
    with hosted(small_app(home, spotify), "/livez", free_port(), alone=True) as url:
        yield url, home


@pytest.fixture
def show(place: tuple[str, Path], monkeypatch: pytest.MonkeyPatch) -> Show:
    """The page on a home that has these reports, oldest first."""

    def shown(reports: Mapping[str, Any]) -> AppTest:
        keep(place[1], reports)
        page = opened(studio_on(place[0], monkeypatch))
        assert not page.exception
        return page

    return shown


@pytest.fixture(scope="module")
def good() -> dict[str, Any]:
    """A treatment that is better."""
    return report(gain=0.1, planned=8_000)


def test_a_report_is_told_with_verdict_pictures_and_figures(
    show: Show, good: dict[str, Any]
) -> None:
    page = show({"trial": good})
    assert verdict(page) == "Better"
    told = everything(page)
    assert "staging: between" in told.replace("\\", "")
    assert "staging less production: difference in log loss (lower is better)" in told
    assert "real rows, as of 2026-01-09" in told
    assert [picture.split(":")[0] for picture in charts(page)] == [
        "staging less production, log_loss, 5 looks", "Predictions on 2 days"
    ]  # fmt: skip
    arms = table(page, "")
    assert list(arms.columns) == ["production (control)", "staging"]
    of = good["arms"]["staging"]
    assert arms["staging"]["Units"] == f"{of['units']:,}"
    assert arms["staging"]["Area under PR"].startswith("0.4100 (")
    line = table(page, "Metric").loc["Log loss (decides)"]
    low = of["differences"]["log_loss"]["sequence_low"]
    assert line["Sequence"].startswith(f"−{-low:.4f} to ")
    assert "With the 8,000 that are planned the power is" in told
    assert "Look daily" in told
    assert not page.error
    spec = json.loads(page.get("vega_lite_chart")[0].proto.spec)
    last = good["over_time"][-1]
    top = 1.5 * max(4 * good["smallest_difference"], abs(last["low"]), abs(last["high"]))
    domains = [layer["encoding"]["y"].get("scale", {}).get("domain") for layer in spec["layer"]]
    assert domains == [[-top, top]] * len(domains)


def test_the_verdict_is_the_report_s_own_and_not_worked_out_again(
    show: Show, good: dict[str, Any]
) -> None:
    arms = {**good["arms"], "staging": {**good["arms"]["staging"], "verdict": "worse"}}
    page = show({"trial": {**good, "verdict": "worse", "winners": [], "arms": arms}})
    assert verdict(page) == "Worse"
    own = everything(page).replace(NONE, "").replace("lower is better", "")
    assert "better" not in own.lower()


def test_a_broken_split_is_told_above_the_verdict(show: Show) -> None:
    page = show({"trial": report(gain=0.1, share=0.4)})
    (error,) = page.error
    assert "so no verdict holds" in error.value
    assert "production 2,4" in error.value
    assert verdict(page) == "No verdict"
    order = [element.type for element in page.main if element.type in ("error", "metric")]
    assert order.index("error") == 0


def test_what_can_t_be_read_is_told_beside_the_rest_newest_first(
    show: Show, good: dict[str, Any]
) -> None:
    shadow = report(WITH_SHADOW, shadow_gain=0.03)
    lost = {
        "older": {**good, "name": "older", "format": 0},
        "short": {name: good[name] for name in good if name != "arms"} | {"name": "short"},
        "odd": {**good, "name": "*odd*", "units": "many"},
        "late": {**good, "name": "late", "at": "yesterday"},
        "flat": {**good, "name": "flat", "traffic": [1]},
        "other": {"hello": "world"},
    }
    newest = {**shadow, "name": "newest", "at": "2026-02-01T00:00:00+00:00", "generated": True}
    page = show({"trial": good, **lost, "newest": newest})
    (choice,) = [box for box in page.selectbox if box.label == "Report"]
    assert [option.split(",")[0] for option in choice.options] == ["newest", "trial"]
    assert verdict(page) == "Better"
    assert "staging: **not yet** · test-1 (shadow): **better**" in everything(page).replace(
        "\\", ""
    )
    assert "From generated rows" in words(page)
    assert len(charts(page)) == 3
    warnings = [warning.value for warning in page.warning]
    assert len(warnings) == len(lost)
    assert any("older can't be read:** expected format 1, got 0" in w for w in warnings)
    assert any("short can't be read:** arms is missing" in w for w in warnings)
    choice.set_value(choice.options[1]).run()
    assert len(charts(page)) == 2


def test_an_api_without_a_registry_has_reports_all_the_same(
    show: Show, good: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: Client) -> dict[str, Any]:
        raise RefusedError(404, [(None, "this API serves one exported scorer")])

    monkeypatch.setattr(Client, "models", refuse)
    page = show({"trial": good})
    assert "this API serves one exported scorer" in page.error[0].value
    assert verdict(page) == "Better"
    assert not page.expander


def test_what_nobody_knows_is_told_as_that(show: Show) -> None:
    known = report(classes=3, units=30)
    unknown = _without_numbers(known)
    page = show({"trial": unknown})
    assert verdict(page) == "Not yet"
    told = everything(page)
    assert labelled(page.metric, "Units").value == "not known"
    assert "The difference is not known yet" in told
    assert "how many it takes is not known yet" in told
    assert "nan" not in told.lower().replace("finance", "") and "none" not in told.lower()
    # Of more classes than two none is the positive one.
    names = set(table(page, "").index)
    assert "Right answers" in names
    assert not {"Positive answers", "Positive outcomes", "Precision", "Recall"} & names


def test_whatever_a_file_holds_is_read_or_told_as_unreadable(good: dict[str, Any]) -> None:
    odd: tuple[Any, ...] = (None, [], "x", True, 1e308, 10**400, KeyError)
    found, read, refused = copy.deepcopy(good), 0, 0
    for path in _paths(good):
        *outer, last = path
        inner = functools.reduce(lambda part, name: part[name], outer, found)
        before = inner[last]
        for value in odd:
            inner[last] = value
            if value is KeyError and isinstance(inner, dict):
                del inner[last]
            try:
                Report.read(found)
                read += 1
            except UnreadableError as error:
                assert len(str(error)) < 120
                refused += 1
            inner[last] = before
    assert Report.read(found) == Report.read(good)
    assert min(read, refused) > 100


def _paths(found: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The place of each value, of lists the first alone."""
    inner = found.items() if isinstance(found, dict) else []
    for name, value in list(enumerate(found[:1])) if isinstance(found, list) else inner:
        yield (*path, name)
        yield from _paths(value, (*path, name))


def test_figures_are_told_with_as_many_digits_as_say_something() -> None:
    told = {
        None: "not known", 0.0: "0", 0.3: "+0.3000", -0.0512345: "−0.05123", 12345.6: "+12346",
        -9.689e-05: "−0.000097", 2e-9: "+2e−09",
    }  # fmt: skip
    assert {value: signed(value) for value in told} == told
    assert with_interval(0.5, None, None) == "0.5000"
    assert with_interval(None, 0.1, 0.2) == "not known"


def _without_numbers(found: Any, name: str = "") -> Any:
    """The same with all that may be null being null."""
    if isinstance(found, dict):
        return {key: _without_numbers(value, key) for key, value in found.items()}
    if isinstance(found, list):
        return [_without_numbers(value, name) for value in found]
    kept = isinstance(found, bool | str) or name in ("format", "smallest_difference", "versions")
    return found if kept else None
