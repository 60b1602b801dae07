"""Starting, seeing, changing and ending an experiment on a real API with two versions."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.request import Request

import pytest
from streamlit.testing.v1 import AppTest

from client import Client
from components.experiments import changing
from components.experiments.experiment import Experiment
from components.experiments.running import state_of
from hitcast.declaration.use_case import UseCase
from serving.row_models import example
from serving.versions.workers import Mark, Report
from tests.frontend.conftest import ADMIN, Api, studio_on
from tests.frontend.experiments_page import arms, labelled, opened, press
from tests.frontend.pages import words
from tests.servers import OPENER

ARMS = [{"alias": "production"}, {"alias": "staging"}]


def runs(api: Api) -> Any:
    """What the API says that runs."""
    return Client(api.url).experiment()


def ask_as(api: Api, units: range, use_case: UseCase) -> None:
    """A prediction for each of some units."""
    body = json.dumps(example(use_case, optional=False)).encode()
    for unit in units:
        headers = {"X-Unit-Id": f"user-{unit}", "Content-Type": "application/json"}
        OPENER.open(Request(f"{api.url}/predict", body, headers), timeout=10).close()


def test_an_experiment_is_started_seen_changed_and_ended(
    own_api: Api, spotify: UseCase, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = opened(studio_on(own_api.url, monkeypatch))
    assert not page.exception
    assert "No experiment runs:" in words(page)
    assert "There is no report yet" in words(page)

    page.radio(key="experiment_how").set_value("by choosing two aliases").run()
    page.text_input(key="experiment_name").set_value("autumn").run()
    assert page.selectbox(key="experiment_control").value == "production"
    labelled(page.number_input, "Weight of staging").set_value(3).run()
    labelled(page.slider, "Share of traffic").set_value(50).run()
    press(page, "start")
    assert not page.exception
    assert "autumn is kept as you see it above" in page.success[0].value
    begun = runs(own_api)
    weights = [(arm["alias"], arm["weight"]) for arm in begun["arms"]]
    assert weights == [("production", 1), ("staging", 3)]
    assert (begun["traffic"], begun["metric"], begun["smallest_difference"]) == (
        0.5, "log_loss", 0.01
    )  # fmt: skip
    told = {metric.label: metric.value for metric in page.metric}
    assert told == {"Experiment": "autumn", "State": "On", "Traffic": "50 %"}
    assert list(arms(page)["Role"]) == ["control", "treatment"]
    assert list(arms(page)["Of those in it"]) == ["25 %", "75 %"]
    assert list(arms(page)["Version"]) == [1, 2]
    assert "Shadow scored" not in arms(page).columns

    ask_as(own_api, range(40), spotify)
    with monkeypatch.context() as later:
        later.setattr(changing, "TOLD_SECONDS", 0)
        page.run()
    assert not page.success
    answered = [arm["rows"]["answered"] for arm in runs(own_api)["arms"]]
    assert list(arms(page)["Answered"]) == answered
    assert 0 < sum(answered) < 40

    labelled(page.slider, "Share of traffic").set_value(100).run()
    labelled(page.number_input, "Weight of production").set_value(2).run()
    press(page, "change")
    changed = runs(own_api)
    assert (changed["traffic"], changed["arms"][0]["weight"]) == (1.0, 2)
    assert changed["period"] > begun["period"]
    same = ("name", "metric", "smallest_difference", "salt", "starts", "ends")
    assert {name: changed[name] for name in same} == {name: begun[name] for name in same}
    assert list(arms(page)["Of all units"]) == ["40 %", "60 %"]

    press(page, "end")
    assert "tick that autumn is to end" in page.error[0].value
    assert runs(own_api) is not None
    page.checkbox(key="experiment_sure").check()
    press(page, "end")
    assert "The experiment has ended" in page.success[0].value
    assert runs(own_api) is None
    assert "No experiment runs:" in words(page)


def test_what_is_refused_changes_nothing_and_the_key_is_kept_nowhere(
    own_api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = opened(studio_on(own_api.url, monkeypatch))
    # No name, then one that conf does not declare, then a wrong key.
    press(page, "start")
    assert "No name" in page.error[0].value
    page.text_input(key="experiment_declared").set_value("nobody").run()
    press(page, "start")
    assert "There is nothing of that name" in page.error[0].value
    page.text_input(key="experiment_declared").set_value("staging-against-production").run()
    for key, told in (("wrong", "The admin key is wrong"), ("ключ", "wrong"), (" ", "No admin")):
        press(page, "start", key)
        assert not page.exception
        assert told in page.error[0].value
    assert runs(own_api) is None

    press(page, "start", f" {ADMIN} ")
    for _ in range(2):
        state = page.session_state._state._state
        assert ADMIN not in repr([dict(state.filtered_state), state])
        assert ADMIN not in repr([element.proto for element in page.get("text_input")])
        page.run()
    assert [arm["alias"] for arm in runs(own_api)["arms"]] == ["production", "staging"]
    # Somebody else has ended it and begun another meanwhile.
    client = Client(own_api.url)
    client.end_experiment(ADMIN)
    client.start_experiment(ADMIN, {"name": "other", "arms": ARMS})
    press(page, "change")
    assert "Another experiment is in the way" in page.error[0].value
    assert page.metric[0].value == "other"


def test_what_not_all_workers_follow_yet_is_told_of(
    own_home: Path, own_api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("serving.experiments.settling.PATIENCE_SECONDS", 0.5)
    slow = Mark(own_home / "model_cache" / "spotify")
    slow.tell(Report(alias="production", place="1-run"))
    page = opened(studio_on(own_api.url, monkeypatch))
    page.text_input(key="experiment_declared").set_value("staging-against-production").run()
    press(page, "start")
    assert "1 of 2 workers of this API have it so far" in page.success[0].value
    assert labelled(page.metric, "State").value == "Being prepared"
    assert "1 of 2 workers of the API have it as it is here" in words(page)
    # It has heard of it, and not yet of its end.
    slow.tell(Report(alias="production", place="1-run", experiment="a-revision"))
    page.checkbox(key="experiment_sure").check()
    press(page, "end")
    slow.close()
    assert "It takes long" in page.success[0].value
    assert "No experiment runs:" in words(page)


def test_a_broken_arm_and_shadows_are_told_of(
    studio: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = {"answered": 5, "fallback": 7, "shadow": 0, "shadow_lost": 0, "shadow_failed": 0}
    beside = {**rows, "answered": 0, "fallback": 0, "shadow": 9, "shadow_lost": 2}
    told = [("a", False, rows, None), ("b", False, rows, "no file"), ("c", True, beside, None)]
    found = {
        "arms": [
            {"alias": alias, "weight": 1.0, "shadow": shadow, "version": 1, "run_id": "r",
             "problem": problem, "rows": counts}
            for alias, shadow, counts, problem in told
        ],
        "name": "made", "traffic": 0.5, "starts": None, "ends": "2999-01-01T00:00:00Z",
        "metric": "brier", "smallest_difference": 0.02, "salt": "", "on": True, "workers": 1,
        "following": 1, "period": "2026-11-28T00:30:00.123456Z", "told_by_a_newer_api": 1,
    }  # fmt: skip
    monkeypatch.setattr(Client, "experiment", lambda _: found)
    page = opened(studio)
    assert not page.exception
    (warning,) = page.warning
    assert "The arm b (version 1) is broken:** no file." in warning.value
    assert list(arms(page)["By the default"]) == [7, 7, 0]
    assert list(arms(page)["Lost"]) == [0, 0, 2]
    assert list(arms(page)["Of all units"]) == ["25 %", "25 %", "scores 50 %"]
    # A shadow has no weight to change.
    assert [one.label for one in page.number_input] == ["Weight of a", "Weight of b"]

    running = Experiment.read(found)
    over = replace(running, on=False, ends="2020-01-01T00:00:00Z")
    assert state_of(over)[0] == "Ended"
    later = replace(running, on=False, starts="2998-01-01T00:00:00Z")
    assert (state_of(later)[0], state_of(later)[1][:11]) == ("Not on yet", "begins 2998")
    monkeypatch.setattr(Client, "experiment", lambda _: {**found, "ends": over.ends, "on": False})
    page.run()
    assert [one.label for one in page.expander] == ["Start an experiment", "End it"]
