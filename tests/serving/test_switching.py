"""Switching the default: all workers of a machine, and what goes before what."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from hitcast.models.registry import Registry
from hitcast.running.home import Home
from serving import background, switching
from serving.columns import Row
from serving.main import create_app
from serving.versions.workers import Mark, Report
from tests.serving.conftest import ADMIN, settings_of, wait_for
from tests.serving.following import followed
from tests.small_models import make_scorer, register_folder

KEY = {"X-API-Key": ADMIN}


def client_of(home: Home, **settings: Any) -> TestClient:
    given = settings_of(home=home.folder, admin_key=ADMIN, **settings)
    return TestClient(create_app(given), raise_server_exceptions=False)


def ready(client: TestClient) -> bool:
    return bool(client.get("/readyz").json()["status"] == "ready")


@pytest.fixture
def workers(home: Home) -> Iterator[tuple[TestClient, TestClient]]:
    """Two of them on one home, ready."""
    with followed(home.folder), client_of(home) as one, client_of(home) as other:
        wait_for(lambda: ready(one) and ready(other), "two ready workers")
        yield one, other


def cache(home: Home) -> Path:
    return home.folder / "model_cache" / "spotify"


def test_a_switch_is_answered_when_every_worker_follows(
    workers: tuple[TestClient, TestClient], track: Row
) -> None:
    one, other = workers
    assert one.get("/model").json()["workers"] == 2
    for number in (2, 3, 1, 2):
        answer = one.put("/model", json={"version": number}, headers=KEY)
        assert answer.status_code == 200
        assert (answer.json()["workers"], answer.json()["following"]) == (2, 2)
        # Whichever worker the next request comes to.
        for worker in (other, one):
            assert worker.post("/predict", json=track).headers["X-Model-Version"] == str(number)


def test_a_switch_back_to_the_settings_is_answered_when_every_worker_follows(
    workers: tuple[TestClient, TestClient], track: Row, home: Home
) -> None:
    one, other = workers
    one.put("/model", json={"version": 3}, headers=KEY)
    assert one.delete("/model").status_code == 401
    answer = other.delete("/model", headers=KEY)
    assert answer.status_code == 200
    found = answer.json()
    assert (found["version"], found["alias"], found["following"]) == (1, "production", 2)
    assert found["selected"] == {"alias": "production", "version": None}
    assert one.post("/predict", json=track).headers["X-Model-Version"] == "1"
    assert not (cache(home) / "selection.json").exists()
    assert other.delete("/model", headers=KEY).status_code == 200, "it is what it is already"


def test_a_switch_that_takes_long_is_told_to_be_on_its_way(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(switching, "PATIENCE_SECONDS", 0.5)
    with followed(home.folder), client_of(home) as client:
        wait_for(lambda: ready(client), "a ready API")
        # Another worker that is busy with something.
        slow = Mark(cache(home))
        slow.tell(Report(alias="production", place="1-run"))
        answer = client.put("/model", json={"version": 2}, headers=KEY)
        assert (answer.status_code, answer.headers["Location"]) == (202, "/model")
        assert (answer.json()["workers"], answer.json()["following"]) == (2, 1)
        assert answer.json()["version"] == 2
        assert client.get("/model").json()["following"] == 1
        slow.close()
        found = client.get("/model").json()
        assert (found["workers"], found["following"]) == (1, 1)
        assert client.put("/model", json={"version": 3}, headers=KEY).status_code == 200


def test_what_is_served_is_the_request_s_then_the_call_s_then_the_settings(
    home: Home, track: Row
) -> None:
    def served(client: TestClient, query: str = "") -> str:
        answer = client.post(f"/predict{query}", json=track, headers=KEY)
        return str(answer.headers["X-Model-Version"])

    with followed(home.folder):
        with client_of(home, version=3, alias="staging") as client:
            wait_for(lambda: ready(client), "a ready API")
            assert served(client) == "3", "HITCAST_VERSION goes before HITCAST_ALIAS"
            client.put("/model", json={"alias": "staging"}, headers=KEY)
            assert served(client) == "2"
            assert served(client, "?version=1") == served(client, "?alias=production") == "1"
            assert served(client) == "2"
        with client_of(home, version=3, alias="production") as client:
            assert served(client) == "2", "over a restart, and over other settings"
            assert client.delete("/model", headers=KEY).json()["version"] == 3
        with client_of(home, alias="production") as client:
            assert served(client) == "1"


def test_a_version_with_other_inputs_is_told_of_where_versions_are_listed(
    home: Home, tmp_path: Path
) -> None:
    with followed(home.folder), ExitStack() as stack:
        one, other = (stack.enter_context(client_of(home)) for _ in range(2))
        wait_for(lambda: ready(one) and ready(other), "two ready workers")
        odd = make_scorer(tmp_path / "odd" / "scorer", 1.0)
        number = register_folder(home, "spotify", odd, {"x": 1.0})
        wait_for(lambda: len(one.get("/models").json()["versions"]) == number, "the new version")
        answer = one.put("/model", json={"version": number}, headers=KEY)
        assert answer.status_code == 503
        assert "the model asks for ['x']" in answer.json()["detail"]
        assert one.get("/model").json()["selected"]["alias"] == "production"

        def problem(client: TestClient) -> str:
            return str(client.get("/models").json()["versions"][0]["problem"])

        assert "the model asks for ['x']" in problem(one)
        wait_for(lambda: "asks for ['x']" in problem(other), "word of it in the other worker")
        assert one.get("/readyz").json()["status"] == "ready", "nobody has to serve it"
        Registry(home, "spotify").set_alias("production", number)
        wait_for(lambda: "asks for ['x']" in other.get("/readyz").text, "the problem")
        assert other.get("/model").json()["version"] == 1


def test_neither_readiness_nor_the_list_tells_where_things_are(home: Home) -> None:
    database = home.folder / "mlflow.db"
    with followed(home.folder), client_of(home) as client:
        wait_for(lambda: ready(client), "a ready API")
        database.rename(home.folder / "hidden.db")
        wait_for(lambda: "mlflow.db" in client.get("/readyz").text, "the problem")
        told = "expected a tracking database at mlflow.db, found none; train first"
        assert client.get("/readyz").json()["problems"] == [told]
        assert client.get("/models").json()["registry"] == told


def test_background_work_outlives_what_goes_wrong_in_it(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(background, "TICK_SECONDS", 0.01)
    monkeypatch.setattr(background, "COUNT_SECONDS", 0.01)

    faults: list[object] = []

    def fails(*given: object) -> None:
        faults.append(given)
        raise RuntimeError("a fault")

    with followed(home.folder), client_of(home) as client:
        wait_for(lambda: ready(client), "a ready API")
        api: Any = client.app.state.api  # type: ignore[attr-defined]
        with monkeypatch.context() as patch:
            for owner, name in (
                (api.switch._default, "follow"), (api.metrics, "refresh"),
                (background, "bytes_in"), (api.log, "tick"),
            ):  # fmt: skip
                patch.setattr(owner, name, fails)
            Registry(home, "spotify").set_alias("production", 2)
            wait_for(lambda: len(faults) > 50, "many faults")
        wait_for(lambda: client.get("/model").json()["version"] == 2, "the alias' new version")
        wait_for(lambda: "hitcast_model_version 2.0" in client.get("/metrics").text, "its gauge")
        wait_for(lambda: cached(client) > 1000, "the size of the cache")


def cached(client: TestClient) -> float:
    (line,) = [x for x in client.get("/metrics").text.splitlines() if x.startswith("hitcast_cache")]
    return float(line.split()[1])
