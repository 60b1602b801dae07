"""Two workers on one home, and what their log says."""

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from hitcast.declaration.experiment import Experiment
from hitcast.experiments.arms import arm_of
from hitcast.running.home import Home
from serving.main import create_app
from tests.serving.conftest import ADMIN, settings_of, wait_for
from tests.serving.following import followed

KEY = {"X-API-Key": ADMIN}
ARMS = [{"alias": "production"}, {"alias": "staging"}]
DECLARED: dict[str, Any] = {"name": "one", "arms": ARMS}
UNITS = [f"user-{number}" for number in range(12)]
VERSIONS = {"production": "1", "staging": "2", "test-3": "3"}
Start = Callable[..., AbstractContextManager[TestClient]]


@contextmanager
def started(home: Home, **settings: Any) -> Iterator[TestClient]:
    """A worker on a home, ready."""
    given = settings_of(home=home.folder, admin_key=ADMIN, **settings)
    with TestClient(create_app(given), raise_server_exceptions=False) as client:
        wait_for(lambda: client.get("/readyz").status_code == 200, "a ready API")
        yield client


@pytest.fixture
def workers(home: Home) -> Iterator[tuple[TestClient, TestClient]]:
    """Two workers on one home, ready."""
    with followed(home.folder), started(home) as one, started(home) as other:
        yield one, other


@pytest.fixture
def worker(home: Home) -> Iterator[TestClient]:
    """One worker, ready."""
    with followed(home.folder), started(home) as one:
        yield one


def begin(client: TestClient, **changes: Any) -> dict[str, Any]:
    """Start an experiment, or change it; what is told of it."""
    answer = client.put("/experiment", json={**DECLARED, **changes}, headers=KEY)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()["experiment"]
    return found


def arm(unit: str, **changes: Any) -> str | None:
    """The alias of a unit's arm, worked out here."""
    found = arm_of(Experiment.model_validate({**DECLARED, **changes}), unit)
    return found.alias if found else None


def in_log(home: Home, name: str = "inference_log") -> list[Any]:
    """The lines of a log, in order of time."""
    paths = (home.folder / name).glob("*.jsonl*")
    lines = [json.loads(line) for path in paths for line in path.read_text().splitlines()]
    return sorted(lines, key=lambda line: line["time"])


def events_in(home: Home) -> list[tuple[str, str, str | None]]:
    """What happened to which experiment, and the period that the line names."""
    lines = in_log(home, "experiment_log")
    return [(line["event"], line["experiment"], line["period"]) for line in lines]


def cached(home: Home) -> Path:
    """The cache folder of the model."""
    return home.folder / "model_cache" / "spotify"
