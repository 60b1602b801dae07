"""Shadows score what others answered: beside, within bounds, and never in an answer's way."""

import asyncio
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from hitcast.models.registry import Registry
from hitcast.running.home import Home
from serving.columns import Row
from serving.experiments import shadows as module
from serving.experiments.choosing import Part, Shadow
from serving.experiments.shadows import Shadowed, Shadows
from serving.rows import Batch
from tests.serving.conftest import wait_for
from tests.serving.experiments.conftest import KEY, begin, in_log, started
from tests.serving.following import followed

SHADOWED = [{"alias": "production"}, {"alias": "staging", "shadow": True}]


def rows_of(client: TestClient) -> dict[str, int]:
    """What became of the shadow's rows."""
    found: dict[str, int] = client.get("/experiment").json()["experiment"]["arms"][1]["rows"]
    return found


def test_a_shadow_s_lines_name_the_answers_that_they_are_beside(
    worker: TestClient, home: Home, track: Row
) -> None:
    begin(worker, arms=SHADOWED)
    headers = {"X-Unit-Id": "u", "X-Source": "shop", "X-Request-ID": "r"}
    one = worker.post("/predict", json=track, headers=headers)
    assert one.headers["X-Arm"] == "production"
    batch = {"instances": [track, 7, {**track, "energy": 0.1}]}
    many = worker.post("/predict/batch", json=batch, headers=headers)
    worker.post("/predict", json=track)
    wait_for(lambda: rows_of(worker)["shadow"] == 3, "three rows scored beside")
    lines = in_log(home)
    beside = {line["prediction_id"]: line for line in lines if line["shadow"]}
    answers = {line["prediction_id"]: line for line in lines if not line["shadow"]}
    ids = [one.headers["X-Prediction-ID"]]
    ids += [f"{many.headers['X-Prediction-ID']}-{place}" for place in (0, 2)]
    assert beside.keys() == set(ids)
    for name in ids:
        line, answer = beside[name], answers[name]
        assert (line["version"], line["alias"], line["arm"]) == (2, "staging", "staging")
        assert (answer["version"], answer["arm"]) == (1, "production")
        assert line["probability"] > answer["probability"]
        same = ("place", "unit", "source", "request_id", "period", "experiment", "row", "time")
        assert [line[name] for name in same] == [answer[name] for name in same]
        assert line["latency_ms"] > 0
    # What shadows say is no prediction that anybody got.
    told = worker.get("/metrics").text
    assert 'hitcast_predictions_total{alias="staging"' not in told


def test_an_overload_is_dropped_and_counted_and_delays_nobody(
    home: Home, track: Row, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = threading.Event()
    with followed(home.folder), started(home, shadow_rows=10) as client:
        begin(client, arms=SHADOWED)
        api: Any = client.app.state.api  # type: ignore[attr-defined]
        served = api.experiments.arms.loaded["staging"]
        score = served.score_beside

        def slowly(batch: Batch) -> Any:
            free.wait(60)
            return score(batch)

        monkeypatch.setattr(served, "score_beside", slowly)
        begun = time.monotonic()
        for _ in range(30):
            answer = client.post("/predict", json=track, headers={"X-Unit-Id": "u"})
            assert answer.status_code == 200
        large = client.post(
            "/predict/batch", json={"instances": [track] * 11}, headers={"X-Unit-Id": "u"}
        )
        assert large.status_code == 200
        assert time.monotonic() - begun < 30
        assert (rows_of(client)["shadow_lost"], rows_of(client)["shadow"]) == (20 + 11, 0)
        wait_for(lambda: "hitcast_shadow_waiting_rows 10.0" in client.get("/metrics").text, "them")
        free.set()
        wait_for(lambda: rows_of(client)["shadow"] == 10, "those that had room")
        assert len([line for line in in_log(home) if line["shadow"]]) == 10


def test_a_shadow_that_fails_or_is_broken_breaks_no_answer(
    worker: TestClient, home: Home, track: Row, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin(worker, arms=SHADOWED)
    api: Any = worker.app.state.api  # type: ignore[attr-defined]

    def fails(_: Batch) -> None:
        raise RuntimeError("a fault")

    monkeypatch.setattr(api.experiments.arms.loaded["staging"], "score_beside", fails)
    answer = worker.post("/predict", json=track, headers={"X-Unit-Id": "u"})
    assert (answer.status_code, answer.headers.get("X-Fallback")) == (200, None)
    wait_for(lambda: rows_of(worker)["shadow_failed"] == 1, "the failure")
    assert not [line for line in in_log(home) if line["shadow"]]


def test_what_waits_is_scored_before_the_end(home: Home, track: Row) -> None:
    Registry(home, "spotify")
    with followed(home.folder), started(home) as client:
        begin(client, arms=SHADOWED)
        for _ in range(50):
            client.post("/predict", json=track, headers={"X-Unit-Id": "u"})
        assert client.delete("/experiment", headers=KEY).status_code == 200
    lines = in_log(home)
    assert len([line for line in lines if line["shadow"]]) == 50
    assert not list((home.folder / "inference_log").glob("*.open"))


def test_what_is_not_scored_by_the_end_is_lost_and_counted(
    monkeypatch: pytest.MonkeyPatch, track: Row, tmp_path: Path
) -> None:
    monkeypatch.setattr(module, "CLOSE_SECONDS", 0.2)
    counted: Counter[str] = Counter()
    free, kept = threading.Event(), []

    class Stuck:
        number = 2

        def score_beside(self, _: Batch) -> None:
            free.wait(60)

    stuck: Any = Stuck()
    shadow = Shadow("staging", stuck, Part("one", "staging", "now", True))
    batch = Batch([track], range(1), {})
    shadowed = Shadowed([shadow], {}, "id", batch, [track], is_one=True)

    async def run() -> None:
        def count(_: Shadow, result: str, rows: int) -> None:
            counted[result] += rows

        found = Shadows(100, lambda *given: kept.append(given), count)
        for _ in range(5):
            found.put(shadowed)
        assert found.waiting == 5
        begun = time.monotonic()
        await found.close()
        assert time.monotonic() - begun < 5
        found.put(shadowed)
        free.set()

    asyncio.run(run())
    assert counted == {"shadow_lost": 6}
    assert kept == []
    assert not list(tmp_path.iterdir())
