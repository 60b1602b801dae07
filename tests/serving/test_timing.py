from pathlib import Path

from starlette.testclient import TestClient

from serving.main import create_app
from tests.serving.conftest import settings_of


def test_calls_are_counted_by_their_route_and_made_up_ones_are_one(tmp_path: Path) -> None:
    client = TestClient(create_app(settings_of(home=tmp_path, log=False)))
    client.get("/livez")
    client.post("/predict", content=b"{")
    client.post("/predict?version=1", content=b"{")
    for path in ("/a", "/b"):
        client.get(path)
    for method in ("PURGE", "MADE-UP", "DELETE"):
        client.request(method, "/predict")
    text = client.get("/metrics").text
    told = {
        line.removeprefix("http_request_duration_seconds_count")
        for line in text.splitlines()
        if line.startswith("http_request_duration_seconds_count")
    }
    assert told == {
        '{handler="/livez",method="GET",status="2xx"} 1.0',
        '{handler="/predict",method="POST",status="4xx"} 2.0',
        '{handler="/predict",method="none",status="4xx"} 3.0',
        '{handler="none",method="none",status="4xx"} 2.0',
    }
