import pytest
from starlette.testclient import TestClient

from hitcast.models.registry import Registry
from hitcast.running.home import Home
from serving.columns import Row
from serving.states import ModelState
from tests.serving.conftest import ADMIN, wait_for


def test_models_are_listed_with_aliases_and_metrics(client: TestClient) -> None:
    answer = client.get("/models").json()
    assert answer["aliases"] == {"production": 1, "staging": 2}
    assert [version["version"] for version in answer["versions"]] == [3, 2, 1]
    assert answer["versions"][0]["metrics"] == {"test_average_precision": 0.25}
    assert answer["registry"] == "up"


def test_the_default_is_switched_with_the_admin_key(client: TestClient, track: Row) -> None:
    key = {"X-API-Key": ADMIN}
    assert client.put("/model", json={"version": 3}).status_code == 401
    assert client.put("/model", json={"version": 9}, headers=key).status_code == 404
    answer = client.put("/model", json={"version": 3}, headers=key).json()
    try:
        assert (answer["version"], answer["alias"]) == (3, None)
        assert ModelState.model_validate(answer, extra="forbid").version == 3
        assert client.post("/predict", json=track).headers["X-Model-Version"] == "3"
    finally:
        client.put("/model", json={"alias": "production"}, headers=key)
    assert client.get("/model").json()["version"] == 1


@pytest.mark.parametrize("body", [{}, {"alias": "staging", "version": 2}, {"alias": 1}, {"x": 1}])
def test_a_switch_names_one_thing(client: TestClient, body: dict[str, object]) -> None:
    assert client.put("/model", json=body, headers={"X-API-Key": ADMIN}).status_code == 422


def test_an_alias_that_moves_is_followed(client: TestClient, registered: Home, track: Row) -> None:
    registry = Registry(registered, "spotify")

    def version() -> str:
        return str(client.post("/predict", json=track).headers["X-Model-Version"])

    try:
        registry.set_alias("production", 2)
        wait_for(lambda: version() == "2", "version 2 in production", seconds=5)
    finally:
        registry.set_alias("production", 1)
        wait_for(lambda: version() == "1", "version 1 in production", seconds=5)


def test_metrics_tell_the_version_and_the_calls(client: TestClient, track: Row) -> None:
    client.post("/predict", json=track)
    wait_for(lambda: "hitcast_model_version 1.0" in client.get("/metrics").text, "its gauge")
    text = client.get("/metrics").text
    assert "hitcast_registry_up 1.0" in text
    assert "hitcast_probability_count" in text
    assert 'handler="/predict"' in text
