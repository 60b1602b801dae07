"""The cache, the log and all state on a disk that has no room left."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from hitcast.models.registry import Registry
from hitcast.running.home import Home
from serving.columns import Row
from serving.log import inference_log
from serving.main import create_app
from serving.versions import fetching, state
from tests.serving.conftest import ADMIN, settings_of, wait_for
from tests.serving.following import followed
from tests.serving.full_disk import fill, small_disk

KEY = {"X-API-Key": ADMIN}


@pytest.fixture
def disk(home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A disk of 1 MiB that holds a home's cache, state and log; the registry is elsewhere."""
    for module in (inference_log, state, fetching):
        monkeypatch.setattr(module, "RETRY_SECONDS", 0.2)
    with small_disk(tmp_path / "disk", "1m") as disk:
        for name in ("model_cache", "inference_log"):
            (disk / name).mkdir()
            (home.folder / name).symlink_to(disk / name)
        yield disk


def client_of(home: Home) -> TestClient:
    settings = settings_of(home=home.folder, admin_key=ADMIN, poll_seconds=0.2)
    return TestClient(create_app(settings), raise_server_exceptions=False)


def status(client: TestClient) -> str:
    return str(client.get("/readyz").json()["status"])


def test_answers_go_on_and_all_recovers_when_room_is_made(
    home: Home, disk: Path, track: Row
) -> None:
    with followed(home.folder), client_of(home) as client:

        def answers() -> str:
            answer = client.post("/predict", json=track)
            assert answer.status_code == 200
            return str(answer.headers["X-Model-Version"])

        wait_for(lambda: status(client) == "ready", "a ready API")
        filler = fill(disk)
        wait_for(lambda: "the model cache can't be written" in client.get("/readyz").text, "word")
        assert answers() == "1"
        found = client.get("/readyz")
        assert (found.status_code, found.json()["status"]) == (200, "degraded")
        assert "the inference log is off: No space left on device" in found.json()["problems"]
        assert str(home.folder) not in found.text
        wait_for(lambda: "hitcast_state_up 0.0" in client.get("/metrics").text, "the gauge")
        # Version 2 is on this machine: it could be served, but not be kept as the selected one.
        refused = client.put("/model", json={"version": 2}, headers=KEY)
        assert (refused.status_code, refused.json()["code"]) == (503, "state-unwritable")
        assert "no space left on device" in refused.json()["detail"]
        assert client.put("/model", json={"version": 3}, headers=KEY).status_code == 503
        assert client.get("/model").json()["selected"] == {"alias": "production", "version": None}
        other = client.post("/predict?version=2", json=track, headers=KEY)
        assert other.headers["X-Model-Version"] == "2"
        assert answers() == "1"
        Registry(home, "spotify").set_alias("production", 2)
        filler.unlink()
        # By itself, the alias' move included; the log takes the first answer that it has room for.
        wait_for(lambda: answers() == "2" and status(client) == "ready", "a ready API")
        wait_for(lambda: "hitcast_state_up 1.0" in client.get("/metrics").text, "the gauge")
        put = partial(client.put, "/model", json={"version": 3}, headers=KEY)
        wait_for(lambda: put().status_code == 200, "version 3, which could not be fetched before")
        assert answers() == "3"
        assert client.get("/model").json()["workers"] == 1
        assert not list(disk.rglob(".*json*")), "nothing half-written is left"


def test_a_start_on_a_full_disk_answers_with_what_is_there(
    home: Home, disk: Path, track: Row
) -> None:
    with followed(home.folder), client_of(home) as client:
        wait_for(lambda: status(client) == "ready", "a ready API")
    filler = fill(disk)
    with client_of(home) as client:
        assert client.post("/predict", json=track).status_code == 200
        assert status(client) == "degraded"
        state = client.get("/model").json()
        assert (state["workers"], state["following"]) == (1, 1)
        filler.unlink()
        with followed(home.folder):
            wait_for(
                lambda: (
                    client.post("/predict", json=track).status_code == 200
                    and status(client) == "ready"
                ),
                "a ready API",
            )


def test_a_first_start_on_a_full_disk_waits_for_room(home: Home, disk: Path) -> None:
    filler = fill(disk)
    with client_of(home) as client:
        assert client.get("/livez").status_code == 200
        found = client.get("/readyz")
        assert found.status_code == 503
        assert "no space left on device" in found.text
        filler.unlink()
        with followed(home.folder):
            wait_for(lambda: status(client) == "ready", "a ready API")
