"""The first seconds of a process on a machine: the registry is there, and was not asked yet."""

from pathlib import Path

from starlette.testclient import TestClient

from serving.columns import Row
from serving.main import create_app
from tests.serving.conftest import settings_of


def test_before_the_registry_was_asked_nobody_is_told_that_there_is_no_model(
    tmp_path: Path, track: Row
) -> None:
    app = create_app(settings_of(home=tmp_path, log=False))
    client = TestClient(app)
    for query in ("", "?version=1", "?alias=production"):
        answer = client.post(f"/predict{query}", json=track)
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
        assert answer.json()["code"] == "starting", query
    assert "has not been asked yet" in client.get("/models").json()["registry"]
    assert client.get("/readyz").status_code == 503
    assert app.state.api.switch.reloads == {"done": 0, "failed": 0}
    api = app.state.api
    api.metrics.refresh(api.switch, None, api.experiments, api.shadows)
    assert "hitcast_registry_up 0.0" in client.get("/metrics").text
