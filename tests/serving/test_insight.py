import json
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from serving.columns import Row
from serving.main import create_app
from tests.serving.conftest import settings_of
from tests.serving.test_predict import probability


def test_effects_are_what_the_typical_value_would_change(client: TestClient, track: Row) -> None:
    answer = client.post("/explain", json=track).json()
    effects = answer["effects"]
    own, typical = probability(1, track), probability(1, {**track, "energy": 0.25})
    assert answer["probability"] == pytest.approx(own, abs=1e-12)
    assert (answer["base_rate"], answer["compared_with"]) == (0.1, "pop")
    assert effects[0]["feature"] == "energy"
    assert effects[0]["effect"] == pytest.approx(own - typical, abs=1e-12)
    assert {effect["effect"] for effect in effects[1:]} == {0.0}


def test_a_curve_runs_over_the_whole_range(client: TestClient, track: Row) -> None:
    curve = client.post("/explain?feature=energy", json=track).json()["curve"]
    assert (curve["values"][0], curve["values"][-1]) == (0.0, 1.0)
    expected = [probability(1, {"energy": value}) for value in curve["values"]]
    assert curve["probabilities"] == pytest.approx(expected, abs=1e-12)
    keys = client.post("/explain?feature=key", json=track).json()["curve"]["values"]
    assert keys == list(range(-1, 12))
    genres = client.post("/explain?feature=genre", json=track).json()["curve"]["values"]
    assert genres == ["pop"]
    wrong = client.post("/explain?feature=colour", json=track)
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "feature")


def test_an_unknown_genre_is_compared_with_all_tracks(client: TestClient, track: Row) -> None:
    answer = client.post("/explain", json={**track, "genre": "zouk"}).json()
    assert answer["compared_with"] is None
    assert client.post("/similar", json={**track, "genre": "zouk"}).json() == {"similar": []}


def test_the_most_similar_tracks_come_first(client: TestClient, track: Row) -> None:
    near, far = client.post("/similar", json=track).json()["similar"]
    assert (near["artist_name"], far["artist_name"]) == ("Near", "Far")
    assert 0 < near["distance"] < far["distance"]
    assert near["features"]["energy"] == 0.6
    assert len(client.post("/similar?count=1", json=track).json()["similar"]) == 1


def test_profiles_are_told_whole_or_one_by_one(client: TestClient) -> None:
    answer = client.get("/profiles").json()
    assert (answer["by"], list(answer["profiles"])) == ("genre", ["pop"])
    assert answer["quantiles"] == [0.05, 0.25, 0.5, 0.75, 0.95]
    assert client.get("/profiles?value=pop").json()["profiles"]["pop"]["rows"] == 100
    unknown = client.get("/profiles?value=zouk")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "unknown-value")


def test_the_schema_tells_every_input(client: TestClient) -> None:
    answer = client.get("/schema").json()
    inputs = {column["name"]: column for column in answer["inputs"]}
    assert (answer["output"], answer["profiles_by"]) == ("popular", "genre")
    assert inputs["tempo"]["unit"] == "BPM"
    assert (inputs["key"]["minimum"], inputs["key"]["maximum"]) == (-1, 11)
    assert inputs["mode"]["names"] == {"0": "minor", "1": "major"}
    assert inputs["genre"]["values"] == ["pop"]
    assert inputs["artist_name"]["required"] is False


def test_the_schema_s_limits_hold(client: TestClient, track: Row) -> None:
    limits = client.get("/schema").json()["limits"]
    assert limits == {"rows": 10_000, "batch_bytes": 8 * 2**20, "row_bytes": 64 * 1024}
    body = json.dumps(track).encode()
    for path, size in (("/predict", "row_bytes"), ("/predict/batch", "batch_bytes")):
        for more, is_refused in ((0, False), (1, True)):
            answer = client.post(path, content=body.ljust(limits[size] + more))
            assert (answer.status_code == 413) is is_refused, (path, more)


def test_the_limits_of_a_row_are_no_larger_than_those_of_all_bodies(tmp_path: Path) -> None:
    app = create_app(settings_of(home=tmp_path, log=False, max_body_bytes=1024))
    limits = TestClient(app).get("/schema").json()["limits"]
    assert (limits["batch_bytes"], limits["row_bytes"]) == (1024, 1024)


def test_the_description_s_examples_work(client: TestClient) -> None:
    described = client.get("/openapi.json").json()
    track = described["components"]["schemas"]["Track"]
    assert track["properties"]["energy"]["maximum"] == 1
    for path, calls in described["paths"].items():
        body = calls.get("post", {}).get("requestBody")
        if body:
            address = path.replace("{name}", "spotify").replace("{version}", "1")
            answer = client.post(address, json=body["content"]["application/json"]["example"])
            assert answer.status_code == (202 if path == "/feedback" else 200), path
