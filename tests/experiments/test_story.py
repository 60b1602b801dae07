"""One experiment as it is run for real: trained, tried on users, collected, judged, promoted.

Users ask for the popularity of tracks and say later what came of it, by a rule that this file knows
and that the older version has not seen. Every process is the one that users start.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import requests
from pyspark.sql import SparkSession

from hitcast.declaration.experiment import Experiment
from hitcast.declaration.use_case import UseCase
from hitcast.experiments.arms import arm_of
from hitcast.experiments.differences import Rows, difference
from hitcast.models.registry import Registry
from hitcast.running.home import Home
from hitcast.sources.twin import generate_tracks
from hitcast.tables.lakehouse import Lakehouse
from tests.conftest import ROOT
from tests.jobs.commands import activated, last_line, run
from tests.planted import planted_tracks
from tests.serving.conftest import ADMIN, Serve, serve, wait_for

pytestmark = [pytest.mark.spark, pytest.mark.nightly]
__all__ = ["serve"]  # The fixture.
REQUESTS, USERS, SEED = 20_000, 4_000, 18
FLIPPED, SILENT = 0.1, 0.1
"""Shares of outcomes that are other than the rule says, and of predictions that nobody tells of."""
DECLARED = {
    "name": "story",
    "arms": [{"alias": "production"}, {"alias": "staging"}],
    "metric": "log_loss",
    "smallest_difference": 0.02,
}


@dataclass
class Seen:
    """What a user saw of one answer, and what came of it; None: nobody told."""

    user: str
    arm: str
    probability: float
    prediction_id: str
    happens: int
    outcome: int | None


def told(what: str, found: Any) -> None:
    """Show a step's result, as the closing note has it."""
    sys.stdout.write(f"{what}: {json.dumps(found, default=str)}\n")
    sys.stdout.flush()


def test_two_versions_are_tried_on_users_and_the_better_one_is_promoted(
    spark: SparkSession, spotify: UseCase, serve: Serve, tmp_path: Path
) -> None:
    home = Home(tmp_path / "home")
    two_versions(home, tmp_path)
    registry = Registry(home, spotify.name)
    assert registry.aliases() == {"production": 1, "staging": 2}
    settings = {"admin_key": ADMIN, "log_segment_seconds": "2"}
    with serve(home.folder, "--workers", "2", **settings) as server:
        server.wait_until("ready")
        url = f"http://127.0.0.1:{server.port}"
        state = called("PUT", f"{url}/experiment", json=DECLARED).json()["experiment"]
        assert (state["on"], state["following"]) == (True, 2)
        begun = time.monotonic()
        seen = ask_and_tell(url, spotify)
        seconds = time.monotonic() - begun
        told("asked and told", {"seconds": round(seconds, 1), **Counter(s.arm for s in seen)})
        assert called("DELETE", f"{url}/experiment").json() == {"experiment": None}
        wait_for(lambda: not waiting(home, "*.open"), "closed segments")
        collected_with_a_kill(home, spark, spotify)
        report = last_line(run("spark-submit", "jobs/experiment.py", "--name", "story", *at(home)))
        told("report", report)
        judged_as_seen(report, seen)
        promoted = last_line(run("python", "jobs/promote.py", "--experiment", "story", *at(home)))
        told("promoted", promoted)
        assert registry.aliases()["production"] == 2
        wait_for(lambda: requests.get(f"{url}/model").json()["version"] == 2, "the new version")
        told("rolled back", last_line(run("python", "jobs/promote.py", "--rollback", *at(home))))
        wait_for(lambda: requests.get(f"{url}/model").json()["version"] == 1, "the old version")
    history = Lakehouse(spark, home.lakehouse, spotify.name).table("alias_history").read()
    rows = [row.asDict() for row in history.orderBy("at").collect()]
    told("alias_history", rows)
    assert "better on live traffic: experiment story" in json.dumps(rows, default=str)


def at(home: Home) -> list[str]:
    """The job's home."""
    return ["--home", str(home.folder)]


def two_versions(home: Home, folder: Path) -> None:
    """Version 1, of the generated world, in production; 2, of one with the rule, in staging."""
    words = ["--candidates", "logistic_regression", "--trials", "1", "--folds", "2", *at(home)]
    for number, tracks in enumerate((generate_tracks(3000, seed=3), planted_tracks()), start=1):
        path = folder / f"{number}.csv"
        tracks.to_csv(path)
        day = f"2026-0{number}-01"
        ingest = ["jobs/ingest.py", "--csv", str(path), "--extraction-date", day, *at(home)]
        run("spark-submit", *ingest)
        extra = ["--no-promote"] if number > 1 else []
        trained = last_line(run("spark-submit", "jobs/train.py", *words, *extra))
        shown = ("version", "aliases", "rows", "test")
        told(f"trained {number}", {name: trained[name] for name in shown})


def called(method: str, url: str, **given: Any) -> requests.Response:
    """An admin call that has to succeed."""
    answer = requests.request(method, url, headers={"X-API-Key": ADMIN}, timeout=60, **given)
    assert answer.status_code == 200, answer.text
    return answer


def ask_and_tell(url: str, use_case: UseCase) -> list[Seen]:
    """20,000 requests of 4,000 users, four at a time, each of whom tells what came of them."""
    random = np.random.default_rng(SEED)
    tracks = generate_tracks(3000, seed=11)
    easier = tracks["genre"].rank(method="dense").to_numpy() % 2
    rule = (tracks["energy"] + 0.05 * easier > 0.85).to_numpy()
    names = [c.name for c in use_case.features]
    rows = json.loads(tracks[names].to_json(orient="records"))
    users, picked = random.integers(0, USERS, REQUESTS), random.integers(0, len(rows), REQUESTS)
    happens = rule[picked] ^ (random.random(REQUESTS) < FLIPPED)
    heard = random.random(REQUESTS) >= SILENT

    def work(part: Sequence[int]) -> Iterator[Seen]:
        with requests.Session() as session:
            session.trust_env = False
            for n in part:
                yield one(session, n)

    def one(session: requests.Session, n: int) -> Seen:
        user = f"user-{users[n]}"
        ask = {"params": {"detail": "true"}, "json": rows[picked[n]], "timeout": 60}
        answer = session.post(f"{url}/predict", headers={"X-Unit-Id": user}, **ask)
        assert answer.status_code == 200, answer.text
        said = answer.json()
        found = int(happens[n])
        seen = Seen(
            user, answer.headers["X-Arm"], said["probability"],
            answer.headers["X-Prediction-ID"], found, found if heard[n] else None,
        )  # fmt: skip
        if heard[n]:
            body = {"prediction_id": seen.prediction_id, "outcome": found}
            assert session.post(f"{url}/feedback", json=body, timeout=60).status_code == 202
        return seen

    parts = [range(start, REQUESTS, 4) for start in range(4)]
    with ThreadPoolExecutor(4) as pool:
        return [seen for part in pool.map(lambda part: list(work(part)), parts) for seen in part]


def waiting(home: Home, pattern: str = "*.jsonl") -> list[Path]:
    """Segments that no run has moved."""
    return [*home.inference_log.glob(pattern), *home.feedback_log.glob(pattern)]


def collected_with_a_kill(home: Home, spark: SparkSession, use_case: UseCase) -> None:
    """Collect, killed when the first lines are in the table and before their segments are moved."""
    table = home.lakehouse / use_case.name / "inference_log"
    command = [sys.executable, str(ROOT / "jobs/collect.py"), *at(home)]
    process = subprocess.Popen(command, cwd=ROOT, env=activated(), start_new_session=True)
    while process.poll() is None and not (table / f"_delta_log/{1:020d}.json").exists():
        time.sleep(0.005)
    os.killpg(process.pid, signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    left = len(waiting(home))
    assert left, "the run had ended when it was to be killed"
    again = last_line(run("python", "jobs/collect.py", *at(home)))
    told("killed, then collected", {"segments left by the kill": left, **again})
    assert again["inference_log"]["known"] > 0
    assert not waiting(home)
    for name in ("inference_log", "feedback"):
        rows = Lakehouse(spark, home.lakehouse, use_case.name).table(name).read()
        assert rows.count() == rows.select("segment", "line").distinct().count()


def judged_as_seen(report: dict[str, Any], seen: Sequence[Seen]) -> None:
    """The report says of the arms what the users have seen of them."""
    declared = Experiment.model_validate(DECLARED)
    for one in seen:
        arm = arm_of(declared, one.user)
        assert arm is not None
        assert one.arm == arm.alias
    for alias, arm in report["arms"].items():
        own = [one for one in seen if one.arm == alias]
        heard = sum(one.outcome is not None for one in own)
        assert (arm["predictions"], arm["with_outcome"]) == (len(own), heard)
        assert arm["units"] == len({one.user for one in own})
    frame = pd.DataFrame([vars(one) for one in seen if one.outcome is not None])
    right = np.where(frame["outcome"] == 1, frame["probability"], 1 - frame["probability"])
    sums = frame.assign(loss=-np.log(right), count=1.0).groupby("user", as_index=False)
    by_user = sums.agg(loss=("loss", "sum"), count=("count", "sum"), arm=("arm", "first"))
    treated = (by_user["arm"] == "staging").to_numpy()
    expected = difference(
        Rows(
            np.arange(len(by_user)), np.zeros(len(by_user), int), treated,
            by_user["loss"].to_numpy(), by_user["count"].to_numpy(),
        )
    )  # fmt: skip
    found = report["differences"]["staging"]
    assert found["difference"] == pytest.approx(expected.value, abs=1e-9)
    assert (report["verdict"], found["sequence_high"] < 0) == ("better", True)
