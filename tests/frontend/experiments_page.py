"""The Experiments page, as tests use it, and reports as the job writes them, without Spark."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from streamlit.testing.v1 import AppTest

from hitcast.declaration.experiment import Arm
from hitcast.experiments.comparing import Contest
from hitcast.experiments.findings import findings
from hitcast.running.home import Home
from tests.experiments.gathered import TWO, experiment, gathered
from tests.frontend.conftest import ADMIN
from tests.frontend.pages import charts, words


def opened(page: AppTest) -> AppTest:
    """The page, opened by its address."""
    return page.switch_page("views/experiments.py").run()


def press(page: AppTest, what: str, key: str = ADMIN) -> AppTest:
    """Enter a key in one of the forms (`start`, `change`, `end`) and press its button."""
    page.text_input(key=f"experiment_{what}_key").set_value(key)
    return page.button(key=f"experiment_{what}_now").click().run()


def labelled(elements: Any, label: str) -> Any:
    """The one of some controls that has a label; keys of fields change with what runs."""
    (found,) = [element for element in elements if element.label == label]
    return found


def table(page: AppTest, first: str) -> Any:
    """The table whose first column is this, by that column."""
    (found,) = [frame.value for frame in page.dataframe if frame.value.columns[0] == first]
    return found.set_index(first)


def arms(page: AppTest) -> Any:
    """The table of what runs, by arm."""
    return table(page, "Arm")


def report(
    arms: tuple[Arm, ...] = TWO, *, classes: int = 2, planned: int | None = None, **made: Any
) -> dict[str, Any]:
    """What the job says of made-up users; `made` as `gathered` has it."""
    contest = Contest(experiment(arms), gathered(**made), classes, planned=planned)
    found = findings(contest, use_case="any", title="Any title", generated=False)
    told: dict[str, Any] = json.loads(json.dumps(found, allow_nan=False))
    return told


def keep(home: Path, reports: Mapping[str, Any]) -> None:
    """Let these be all reports in a home, oldest first."""
    folder = Home(home).experiment_reports("spotify")
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    for time, (name, found) in enumerate(reports.items()):
        path = folder / f"{name}.json"
        path.write_text(json.dumps(found))
        os.utime(path, (time, time))


def verdict(page: AppTest) -> str:
    """The verdict on the page."""
    return str(labelled(page.metric, "Verdict").value)


def everything(page: AppTest) -> str:
    """All texts, tables and charts of a page."""
    tables = [frame.value.to_csv(index=False) for frame in page.dataframe]
    notes = [str(metric.proto.delta_description) for metric in page.metric]
    return "\n".join([words(page), *tables, *charts(page), *notes])
