"""An experiment on running workers: who is in it, which version answers, what stays as it is."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from hitcast.declaration.experiment import Experiment
from hitcast.models.connection import connect
from hitcast.models.registry import Registry
from hitcast.running.home import Home
from hitcast.running.unit_ids import hashed, key_of
from serving.columns import Row
from serving.experiments import live, settling
from serving.log import inference_log
from serving.versions.pruning import prune
from serving.versions.snapshot import Snapshot
from serving.versions.workers import Mark, Report
from tests.copies import copy_home
from tests.serving.conftest import settings_of, wait_for
from tests.serving.experiments.conftest import (
    ARMS,
    DECLARED,
    KEY,
    UNITS,
    VERSIONS,
    arm,
    begin,
    cached,
    events_in,
    in_log,
    started,
)
from tests.serving.following import followed

Workers = tuple[TestClient, TestClient]


def asked(client: TestClient, track: Row, unit: str, **headers: str) -> dict[str, str]:
    """The headers of an answer to a unit."""
    answer = client.post("/predict", json=track, headers={"X-Unit-Id": unit, **headers})
    assert answer.status_code == 200, answer.text
    return dict(answer.headers)


def test_every_worker_gives_each_unit_the_arm_that_the_function_says(
    workers: Workers, home: Home, track: Row
) -> None:
    one, other = workers
    assert one.get("/experiment").json() == {"experiment": None}
    assert asked(one, track, UNITS[0]).get("x-experiment") is None
    found = begin(one, traffic=0.8)
    assert (found["on"], found["workers"], found["following"]) == (True, 2, 2)
    told = [(a["alias"], a["version"], a["weight"], a["problem"]) for a in found["arms"]]
    assert told == [("production", 1, 1.0, None), ("staging", 2, 1.0, None)]
    # Whichever worker the next request comes to.
    seen = set()
    for unit in UNITS:
        for worker in (other, one):
            headers, alias = asked(worker, track, unit), arm(unit, traffic=0.8)
            seen.add(alias)
            assert headers.get("x-arm") == alias
            assert headers.get("x-experiment") == ("one" if alias else None)
            assert headers["x-model-version"] == VERSIONS[alias or "production"]
            assert headers["x-model-alias"] == (alias or "production")
    assert seen == {None, "production", "staging"}
    lines = in_log(home)[1:]
    assert len(lines) == 2 * len(UNITS)
    key = key_of(home)
    alias_of = {hashed(key, unit): arm(unit, traffic=0.8) for unit in UNITS}
    for line in lines:
        alias = alias_of[line["unit"]]
        assert line["arm"] == alias
        assert line["experiment"] == ("one" if alias else None)
        assert line["period"] == (found["period"] if alias else None)
        assert (line["format"], line["shadow"], line["fallback"]) == (3, False, False)
        assert str(line["version"]) == VERSIONS[alias or "production"]
    assert lines[0]["time"] >= datetime.fromisoformat(found["period"]).timestamp()
    rows = [a["rows"]["answered"] for a in other.get("/experiment").json()["experiment"]["arms"]]
    assert sum(rows) == sum(alias is not None for alias in map(alias_of.get, alias_of))
    ended = other.delete("/experiment", headers=KEY)
    assert (ended.status_code, ended.json()) == (200, {"experiment": None})
    assert all("x-arm" not in asked(worker, track, unit) for worker in workers for unit in UNITS)


def test_bodies_stay_as_they_are_and_who_is_outside_is_answered_as_ever(
    worker: TestClient, home: Home, track: Row
) -> None:
    Registry(home, "spotify").set_alias("test-3", 3)
    wait_for(lambda: "test-3" in worker.get("/models").json()["aliases"], "the alias")
    arms = [{"alias": "test-3"}, {"alias": "staging", "shadow": True}]
    begin(worker, arms=arms)
    inside = worker.post("/predict", json=track, headers={"X-Unit-Id": "u"})
    assert (inside.text, inside.headers["X-Arm"]) == ('{"popular": 1}', "test-3")
    for headers, path in (
        ({}, "/predict"),
        ({"X-Unit-Id": ""}, "/predict"),
        ({"X-Unit-Id": "u", "X-Source": "studio"}, "/predict"),
        ({"X-Unit-Id": "u", "X-Source": " Studio"}, "/predict"),
        ({"X-Unit-Id": "u", **KEY}, "/predict?alias=production"),
        ({"X-Unit-Id": "u", **KEY}, "/predict?version=1"),
    ):
        answer = worker.post(path, json=track, headers=headers)
        assert answer.text == '{"popular": 0}', (path, headers)
        assert not {"x-experiment", "x-arm", "x-fallback"} & answer.headers.keys()
    outside = in_log(home)[-6:]
    assert {line["experiment"] for line in outside if not line["shadow"]} == {None}
    # Another source than the studio's is traffic.
    assert asked(worker, track, "u", **{"X-Source": "studio-2"})["x-arm"] == "test-3"


def test_batches_and_protocols_are_answered_by_the_unit_s_arm(
    worker: TestClient, home: Home, track: Row
) -> None:
    Registry(home, "spotify").set_alias("test-3", 3)
    wait_for(lambda: "test-3" in worker.get("/models").json()["aliases"], "the alias")
    begin(worker, arms=[{"alias": "test-3"}, {"alias": "staging", "weight": 1e-6}])
    kinds = {str: "BYTES", int: "INT64", float: "FP64"}
    tensors = [
        {"name": name, "shape": [1], "datatype": kinds[type(value)], "data": [value]}
        for name, value in track.items()
    ]
    calls: list[tuple[str, dict[str, Any], int]] = [
        ("/predict/batch", {"instances": [track, 7, track]}, 2),
        ("/invocations", {"dataframe_records": [track, track]}, 2),
        ("/v2/models/spotify/infer", {"inputs": tensors}, 1),
    ]
    for path, body, rows in calls:
        before = len(in_log(home))
        headers = {"X-Unit-Id": "u", "traceparent": "x"}
        answer = worker.post(path, json=body, headers=headers)
        assert answer.status_code == 200, answer.text
        assert (answer.headers["X-Arm"], answer.headers["X-Model-Version"]) == ("test-3", "3")
        assert answer.headers["X-Model-Alias"] == "test-3"
        lines = in_log(home)[before:]
        assert [(line["arm"], line["version"]) for line in lines] == [("test-3", 3)] * rows
        plain = worker.post(path, json=body)
        assert "X-Arm" not in plain.headers
        assert plain.headers["X-Model-Version"] == "1"
        named = worker.post(path + "?alias=test-3", json=body, headers=KEY)
        if "infer" not in path:
            keys = [list(part) for part in named.json()["predictions"]]
            assert [list(part) for part in answer.json()["predictions"]] == keys
    other = worker.post(
        "/v2/models/spotify/versions/2/infer", json={"inputs": tensors},
        headers={"X-Unit-Id": "u", **KEY},
    )  # fmt: skip
    assert (other.headers["X-Model-Version"], other.headers.get("X-Arm")) == ("2", None)


def test_versions_stay_pinned_wherever_aliases_move_and_over_restarts(
    home: Home, track: Row, tmp_path: Path
) -> None:
    registry = Registry(home, "spotify")
    unit = next(unit for unit in UNITS if arm(unit) == "staging")
    with followed(home.folder):
        with started(home, kept_versions=1) as client:
            first = begin(client)
            registry.set_alias("staging", 3)
            wait_for(lambda: client.get("/models").json()["aliases"]["staging"] == 3, "the move")
            assert asked(client, track, unit)["x-model-version"] == "2"
            # Asking for others takes no arm out of memory.
            client.post("/predict?version=3", json=track, headers=KEY)
            api: Any = client.app.state.api  # type: ignore[attr-defined]
            assert "2" in {place.partition("-")[0] for place in api.switch.warm._held}
            again = begin(client)
            assert (again["period"], again["arms"][1]["version"]) == (first["period"], 2)
        connect(home, create=False)
        from mlflow import MlflowClient

        MlflowClient().delete_model_version("spotify", "2")
        with started(home) as client:
            wait_for(lambda: len(client.get("/models").json()["versions"]) == 2, "the deletion")
            # Nobody names it any more, and it was used long ago.
            for _ in range(2):
                prune(cached(home), Snapshot.load(cached(home)))
            found = client.get("/experiment").json()["experiment"]
            assert (found["on"], found["period"]) == (True, first["period"])
            assert found["arms"][1]["problem"] is None
            headers = asked(client, track, unit)
            assert (headers["x-model-version"], headers["x-arm"]) == ("2", "staging")
            assert client.get("/readyz").json()["status"] == "ready"
        # The first request after a start finds all arms loaded.
        with started(home, log_ship_to=str(tmp_path / "shipped")) as client:
            assert asked(client, track, unit)["x-arm"] == "staging"
            assert client.delete("/experiment", headers=KEY).status_code == 200
        segments = (tmp_path / "shipped/experiments").glob("*.jsonl")
        events = [json.loads(text)["event"] for s in segments for text in s.read_text().split()]
        assert sorted(events) == ["asked", "begun", "ended"]
        with started(home) as client:
            assert client.get("/experiment").json() == {"experiment": None}


def test_the_same_again_changes_nothing_and_other_weights_begin_a_period(
    workers: Workers, home: Home, track: Row
) -> None:
    one, other = workers
    first = begin(one)
    assert begin(other)["period"] == first["period"]
    heavy = [{"alias": "production"}, {"alias": "staging", "weight": 9}]
    second = begin(other, arms=heavy)
    assert second["period"] > first["period"]
    assert (second["workers"], second["following"]) == (2, 2)
    moved = [unit for unit in UNITS if arm(unit) != arm(unit, arms=heavy)]
    assert moved
    for unit in UNITS:
        for worker in workers:
            assert asked(worker, track, unit)["x-arm"] == arm(unit, arms=heavy)
    assert {line["period"] for line in in_log(home)} == {second["period"]}
    assert other.delete("/experiment", headers=KEY).status_code == 200
    assert one.delete("/experiment", headers=KEY).status_code == 200
    # One line a change, whoever made it; of what changed nothing, none.
    assert events_in(home) == [
        ("asked", "one", None),
        ("begun", "one", first["period"]),
        ("changed", "one", second["period"]),
        ("ended", "one", second["period"]),
    ]
    lines = in_log(home, "experiment_log")
    assert lines[2].keys() == {
        "format", "time", "model", "event", "experiment", "period", "declared", "versions",
    }  # fmt: skip
    assert (lines[2]["format"], lines[2]["model"]) == (1, "spotify")
    assert lines[2]["versions"] == {"production": 1, "staging": 2}
    declared = Experiment.model_validate({**DECLARED, "arms": heavy})
    assert Experiment.model_validate(lines[2]["declared"]) == declared


@pytest.mark.parametrize(
    ("body", "status", "code", "told"),
    [
        ({**DECLARED, "name": "two"}, 409, "experiment-runs", "the experiment one runs"),
        ({**DECLARED, "salt": "x"}, 409, "experiment-runs", "other salt"),
        ({**DECLARED, "metric": "brier"}, 409, "experiment-runs", "other metric"),
        ({**DECLARED, "arms": ARMS[::-1]}, 409, "experiment-runs", "other arms"),
        ({"name": "nowhere"}, 404, "unknown-experiment", "staging-against-production"),
        ({**DECLARED, "name": "../spotify"}, 422, "invalid", "name"),
        ({**DECLARED, "traffic": "0.5"}, 422, "invalid", "traffic"),
        ({**DECLARED, "weights": []}, 422, "invalid", "weights"),
        ({"name": "one", "arms": ARMS[:1]}, 422, "invalid", "arms"),
        ({**DECLARED, "arms": ARMS * 2}, 422, "invalid", "each alias once"),
        ({**DECLARED, "ends": 7}, 422, "invalid", "ends"),
        ({**DECLARED, "ends": "2020-01-01T00:00:00Z"}, 422, "invalid", "a time to come"),
        ({**DECLARED, "starts": "0001-01-01T00:00:00+09:00"}, 422, "invalid", "starts"),
        ([], 422, "invalid", ""),
    ],
)
def test_what_can_t_be_is_refused_and_changes_nothing(
    running: TestClient, body: Any, status: int, code: str, told: str
) -> None:
    before = running.get("/experiment").json()
    answer = running.put("/experiment", json=body, headers=KEY)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert told in answer.json()["detail"]
    assert running.get("/experiment").json() == before


@pytest.fixture(scope="module")
def running(registered: Home, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """One worker in whose experiment nothing changes; a module's tests share it."""
    home = copy_home(registered.folder, tmp_path_factory.mktemp("running") / "home")
    with followed(home.folder), started(home) as client:
        begin(client)
        yield client


def test_an_alias_that_is_not_there_is_told_as_for_models(worker: TestClient) -> None:
    body = {**DECLARED, "arms": [{"alias": "production"}, {"alias": "nobody"}]}
    answer = worker.put("/experiment", json=body, headers=KEY)
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown-version")
    assert worker.get("/experiment").json() == {"experiment": None}
    assert worker.put("/experiment", json=DECLARED).status_code == 401
    assert worker.delete("/experiment").status_code == 401
    # One of conf/, and a field in the place of its own.
    given = {"name": "staging-against-production", "traffic": 0.25}
    found = worker.put("/experiment", json=given, headers=KEY).json()["experiment"]
    assert (found["name"], found["traffic"]) == ("staging-against-production", 0.25)
    assert found["smallest_difference"] == 0.005
    # What is left out stays as it runs, and is not what conf/ says.
    given = {"name": found["name"], "ends": "2999-01-01T00:00:00Z"}
    found = worker.put("/experiment", json=given, headers=KEY).json()["experiment"]
    assert (found["traffic"], found["ends"]) == (0.25, "2999-01-01T00:00:00Z")


def test_it_begins_and_ends_by_the_clock(worker: TestClient, home: Home, track: Row) -> None:
    now = datetime.now(UTC)
    found = begin(worker, starts=(now + timedelta(hours=1)).isoformat())
    assert (found["on"], "x-arm" in asked(worker, track, "u")) == (False, False)
    soon = datetime.now(UTC) + timedelta(seconds=3)
    begin(worker, starts=None, ends=soon.isoformat())
    assert "x-arm" in asked(worker, track, "u")
    wait_for(lambda: "x-arm" not in asked(worker, track, "u"), "its end", seconds=10)
    assert datetime.now(UTC) >= soon
    assert worker.get("/experiment").json()["experiment"]["on"] is False
    wait_for(lambda: "hitcast_experiment_on 0.0" in worker.get("/metrics").text, "the gauge")
    # What is over gives way to another.
    assert begin(worker, name="two")["on"]
    told = [(event, name) for event, name, _ in events_in(home)]
    ended = [("changed", "one"), ("ended", "one")]
    assert told == [("asked", "one"), ("begun", "one"), *ended, ("asked", "two"), ("begun", "two")]


def test_a_worker_that_is_not_ready_keeps_all_from_it(
    home: Home, track: Row, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settling, "PATIENCE_SECONDS", 1.0)
    with followed(home.folder), started(home) as client:
        slow = Mark(cached(home))
        slow.tell(Report(alias="production", place="1-run"))
        answer = client.put("/experiment", json=DECLARED, headers=KEY)
        assert (answer.status_code, answer.headers["Location"]) == (202, "/experiment")
        found = answer.json()["experiment"]
        assert (found["on"], found["period"]) == (False, None)
        assert (found["workers"], found["following"]) == (2, 1)
        assert "x-arm" not in asked(client, track, "u")
        slow.close()
        wait_for(lambda: "x-arm" in asked(client, track, "u"), "the experiment")
        assert client.put("/experiment", json=DECLARED, headers=KEY).status_code == 200


def test_a_broken_arm_s_units_are_answered_by_the_default_and_marked(
    home: Home, track: Row
) -> None:
    unit = next(unit for unit in UNITS if arm(unit) == "staging")
    with followed(home.folder), started(home) as client:
        begin(client)
        registry = Registry(home, "spotify")
        registry.set_alias("staging", 1)
        wait_for(lambda: client.get("/models").json()["aliases"]["staging"] == 1, "the move")
    # Its files break, and the registry is not there to bring others.
    for path in (cached(home) / "versions").glob("2-*/model.onnx"):
        path.write_bytes(b"no graph")
    (home.folder / "mlflow.db").rename(home.folder / "hidden.db")
    with started(home) as client:
        headers = asked(client, track, unit)
        assert (headers["x-arm"], headers["x-fallback"]) == ("staging", "default")
        assert (headers["x-model-version"], headers["x-model-alias"]) == ("1", "production")
        line = in_log(home)[-1]
        assert (line["arm"], line["fallback"], line["version"]) == ("staging", True, 1)
        other = next(unit for unit in UNITS if arm(unit) == "production")
        assert "x-fallback" not in asked(client, track, other)
        ready = client.get("/readyz").json()
        assert ready["status"] == "degraded"
        assert any("arm staging (version 2)" in problem for problem in ready["problems"])
        _, broken = client.get("/experiment").json()["experiment"]["arms"]
        assert "not what was copied" in broken["problem"]
        assert (broken["rows"]["fallback"], broken["rows"]["answered"]) == (1, 0)
        told = 'hitcast_experiment_rows_total{arm="staging",experiment="one",result="fallback"} 1.0'
        assert told in client.get("/metrics").text
        # Brought again, it takes over by itself.
        (home.folder / "hidden.db").rename(home.folder / "mlflow.db")
        with followed(home.folder):
            wait_for(lambda: "x-fallback" not in asked(client, track, unit), "the arm")
        assert asked(client, track, unit)["x-model-version"] == "2"


@pytest.mark.parametrize("path", ["/predict", "/predict/batch"])
def test_an_arm_that_raises_is_answered_for_by_the_default(
    home: Home, track: Row, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    body: Any = track if path == "/predict" else {"instances": [track]}
    unit = next(unit for unit in UNITS if arm(unit) == "staging")
    with followed(home.folder), started(home) as client:
        begin(client)
        api: Any = client.app.state.api  # type: ignore[attr-defined]
        served = api.experiments.arms.loaded["staging"]

        def fails(*_: object) -> None:
            raise RuntimeError("a fault")

        monkeypatch.setattr(served.scorer, "probabilities", fails)
        answer = client.post(path, json=body, headers={"X-Unit-Id": unit})
        assert answer.status_code == 200
        assert (answer.headers["X-Arm"], answer.headers["X-Fallback"]) == ("staging", "default")
        assert answer.headers["X-Model-Version"] == "1"
        assert in_log(home)[-1]["fallback"] is True
        assert "it raised RuntimeError" in client.get("/readyz").text
        # Who names it is told that it fails.
        named = client.post("/predict?alias=staging", json=track, headers=KEY)
        assert named.status_code == 500


def test_one_exported_scorer_has_no_arms(registered: Home, tmp_path: Any) -> None:
    folder = Registry(registered, "spotify").download_scorer(1, tmp_path / "copy")
    (folder / "version.json").write_text('{"version": 1, "run_id": "r"}')
    home = Home(tmp_path / "home")
    with started(home, scorer=folder) as client:
        for call in (
            client.put("/experiment", json=DECLARED, headers=KEY),
            client.delete("/experiment", headers=KEY),
        ):
            assert (call.status_code, call.json()["code"]) == (404, "no-registry")
        assert client.get("/experiment").json() == {"experiment": None}


def test_a_file_that_is_no_experiment_is_told_and_answers_go_on(
    worker: TestClient, home: Home, track: Row, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inference_log, "RETRY_SECONDS", 0.0)
    (cached(home) / "experiment.json").write_text("{")
    wait_for(lambda: "can't be read" in worker.get("/readyz").text, "word of it")
    assert "x-arm" not in asked(worker, track, "u")
    # Nor is a log that can't be written in anybody's way.
    (home.folder / "experiment_log").write_text("in the way")
    assert begin(worker)["on"], "another one takes its place"
    assert "the experiment log is off" in worker.get("/readyz").text
    (home.folder / "experiment_log").unlink()
    wait_for(lambda: worker.get("/readyz").json()["status"] == "ready", "the log")
    assert [event for event, _, _ in events_in(home)] == ["asked", "begun"]


def test_the_lead_is_longer_than_the_pause_between_two_looks() -> None:
    from serving.background import LOOK_SECONDS

    assert 2 * LOOK_SECONDS < live.LEAD_SECONDS
    assert settings_of().shadow_rows == 1000
