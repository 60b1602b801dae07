"""A home with three versions of a hand-made model, an app in this process, and real servers."""

import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from hitcast.declaration.use_case import UseCase
from hitcast.models.registry import Registry
from hitcast.portable.insights import Insights, Profile
from hitcast.running.home import Home
from serving.columns import Row
from serving.main import create_app
from serving.row_models import example
from serving.settings import Settings
from tests.conftest import ROOT
from tests.copies import copy_home, new_home
from tests.jobs.commands import BIN, activated
from tests.servers import OPENER, free_port, running
from tests.small_models import make_track_scorer, register_folder

BIASES = {1: -2.0, 2: 0.0, 3: 2.0}
ADMIN = "admin-key"


def insights_of(use_case: UseCase) -> Insights:
    """Profiles in which only energy differs from the example, and two reference tracks."""
    row = example(use_case)
    numbers = tuple(c.name for c in use_case.features if c.type != "text")
    quantiles = {name: [0.0, 0.25, 0.5, 0.75, 1.0] for name in numbers}
    typical = {name: float(row[name]) for name in numbers} | {"energy": 0.25}
    profile = Profile(100, 0.1, typical, quantiles, quantiles)
    references: dict[str, list[object]] = {name: [row[name], row[name]] for name in numbers}
    references["energy"] = [0.1, 0.6]
    references |= {"artist_name": ["Far", "Near"], "track_name": ["a", "b"], "popularity": [90, 60]}
    shown = ("artist_name", "track_name", "popularity")
    return Insights(
        "genre", numbers, shown, profile, {"pop": profile}, {"pop": references}, ("Daft Punk",)
    )


def settings_of(**values: Any) -> Settings:
    """Settings that no `.env` file has a part in."""
    return Settings(**{"_env_file": None, **values})


def make_home(folder: Path, use_case: UseCase) -> Home:
    """Versions 1 to 3: P = sigmoid(bias + energy); production is 1, staging 2."""
    home = Home(folder)
    for number, bias in BIASES.items():
        place = make_track_scorer(folder / str(number) / "scorer", use_case, bias)
        insights_of(use_case).save(place)
        row = example(use_case, optional=False)
        assert register_folder(home, use_case.name, place, row) == number
    registry = Registry(home, use_case.name)
    registry.set_alias("production", 1)
    registry.set_alias("staging", 2)
    return home


@pytest.fixture(scope="session")
def registered(tmp_path_factory: pytest.TempPathFactory, spotify: UseCase) -> Home:
    """A home that tests only read."""
    return make_home(new_home(tmp_path_factory.mktemp("serving")).folder, spotify)


@pytest.fixture
def home(registered: Home, tmp_path: Path) -> Home:
    """A copy of that home, which a test may break."""
    return copy_home(registered.folder, tmp_path / "home")


@pytest.fixture(scope="package")
def client(registered: Home) -> Iterator[TestClient]:
    """The app in this process, its poller in another, ready."""
    settings = settings_of(home=registered.folder, admin_key=ADMIN, poll_seconds=0.2)
    with TestClient(create_app(settings), raise_server_exceptions=False) as found:
        wait_for(lambda: found.get("/readyz").json()["status"] == "ready", "a ready API")
        yield found


@pytest.fixture
def track(spotify: UseCase) -> Row:
    """A track that can be scored."""
    return example(spotify, optional=False)


def lines_being_written(home: Path) -> list[Any]:
    """The lines of the one segment of a home's log that is open."""
    (segment,) = (home / "inference_log").glob("*.open")
    return [json.loads(line) for line in segment.read_text().splitlines()]


def wait_for(holds: Callable[[], bool], what: str, seconds: float = 60) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"expected {what} within {seconds} s"
        time.sleep(0.05)


class Server:
    """A real API process."""

    def __init__(self, port: int, pid: int, log: Path) -> None:
        self.port, self.pid, self.log = port, pid, log

    def get(self, path: str) -> tuple[int, str]:
        """Status and body of a GET request."""
        from urllib.error import HTTPError

        try:
            with OPENER.open(f"http://127.0.0.1:{self.port}{path}", timeout=10) as found:
                return found.status, found.read().decode()
        except HTTPError as error:
            return error.code, error.read().decode()

    def wait_until(self, status: str) -> None:
        """Wait until `/readyz` tells a status."""
        wait_for(lambda: f'"{status}"' in self.get("/readyz")[1], f"the status {status}")


Serve = Callable[..., AbstractContextManager[Server]]


@pytest.fixture
def serve(tmp_path: Path) -> Serve:
    """Starts `uvicorn serving.main:app` on a home."""

    @contextmanager
    def start(home: Path, *options: str, **settings: str) -> Iterator[Server]:
        port = free_port()
        command = [str(BIN / "uvicorn"), "serving.main:app", "--port", str(port), *options]
        environment = activated(
            HITCAST_HOME=str(home),
            HITCAST_POLL_SECONDS="0.3",
            JAVA_HOME="/nowhere",
            **{f"HITCAST_{name.upper()}": value for name, value in settings.items()},
        )
        environment["PATH"] = f"{BIN}:{os.environ['PATH']}"
        log = tmp_path / f"api-{port}.log"
        ping = f"http://127.0.0.1:{port}/livez"
        with running(command, ping, log=log, environment=environment, folder=ROOT) as process:
            yield Server(port, process.pid, log)

    return start
