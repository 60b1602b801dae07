import json
import math
from typing import Any

import pytest
from starlette.testclient import TestClient

from hitcast.running.home import Home
from hitcast.running.unit_ids import hashed, key_of
from serving.columns import Row
from tests.serving.conftest import ADMIN, BIASES, lines_being_written

KEY = {"X-API-Key": ADMIN}
"""Naming another version than the default needs a key."""

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def probability(version: int, row: Row) -> float:
    return 1 / (1 + math.exp(-(BIASES[version] + row["energy"])))


def test_one_track_is_answered_with_exactly_popular(client: TestClient, track: Row) -> None:
    answer = client.post("/predict", json=track)
    assert (answer.status_code, answer.text) == (200, '{"popular": 0}')
    assert answer.headers["X-Model-Name"] == "spotify"
    assert answer.headers["X-Model-Version"] == "1"
    assert answer.headers["X-Model-Alias"] == "production"
    assert client.post("/predict?version=3", json=track, headers=KEY).text == '{"popular": 1}'


def test_details_tell_probability_version_and_what_is_unknown(
    client: TestClient, track: Row
) -> None:
    row = {**track, "genre": "zouk", "artist_name": "Nobody", "tempo": 200.5}
    told = client.post("/predict?detail=true", json=row, headers={"X-Request-ID": "take-5"})
    answer = told.json()
    assert answer.pop("prediction_id") == told.headers["X-Prediction-ID"]
    assert answer.pop("probability") == pytest.approx(probability(1, track), abs=1e-12)
    assert answer == {
        "popular": 0,
        "threshold": 0.5,
        "model": {"name": "spotify", "version": 1, "alias": "production", "generated": False},
        "request_id": "take-5",
        "unknown": ["genre", "artist_name"],
        "outside": {"tempo": [60.0, 180.0]},
    }
    known = client.post("/predict?detail=1", json={**track, "artist_name": "Daft Punk"}).json()
    assert (known["unknown"], known["outside"]) == ([], {})
    for tempo, outside in ((60.0, False), (180.0, False), (59.9, True)):
        told = client.post("/predict?detail=1", json={**track, "tempo": tempo}).json()
        assert ("tempo" in told["outside"]) == outside


def test_any_alias_or_version_answers(client: TestClient, track: Row) -> None:
    by_alias = client.post("/predict?alias=staging&detail=true", json=track, headers=KEY)
    assert by_alias.json()["model"]["version"] == 2
    assert by_alias.headers["X-Model-Alias"] == "staging"
    by_version = client.post("/predict?version=3&detail=true", json=track, headers=KEY)
    assert by_version.json()["probability"] == pytest.approx(probability(3, track), abs=1e-12)
    assert "X-Model-Alias" not in by_version.headers


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("alias=nobody", "expected an alias among ['production', 'staging'], got 'nobody'"),
        ("version=9", "expected a version among [1, 2, 3], got 9"),
    ],
)
def test_what_does_not_exist_is_not_found(
    client: TestClient, track: Row, query: str, told: str
) -> None:
    answer = client.post(f"/predict?{query}", json=track, headers=KEY)
    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json() == {
        "type": "urn:hitcast:problem:unknown-version", "title": "Not Found", "status": 404,
        "detail": told, "code": "unknown-version", "errors": [],
    }  # fmt: skip


def test_an_alias_and_a_version_have_to_be_the_same(client: TestClient, track: Row) -> None:
    both = client.post("/predict?alias=staging&version=2", json=track, headers=KEY)
    assert (both.status_code, both.headers["X-Model-Version"]) == (200, "2")
    assert both.headers["X-Model-Alias"] == "staging"
    other = client.post("/predict?alias=staging&version=3", json=track, headers=KEY)
    assert (other.status_code, other.json()["code"]) == (409, "alias-moved")
    assert other.json()["detail"] == "expected staging to be version 3, it is 2"
    for query in ("alias=%1F&version=1", "alias=staging&version=9", "alias=%1F&version=9"):
        assert client.post(f"/predict?{query}", json=track, headers=KEY).status_code in (404, 409)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"energy": None}, "energy"),
        ({"energy": "0.5"}, "energy"),
        ({"energy": True}, "energy"),
        ({"energy": 1.5}, "energy"),
        ({"energy": float("nan")}, "energy"),
        ({"energy": float("inf")}, "energy"),
        ({"energy": [0.5]}, "energy"),
        ({"key": 5.5}, "key"),
        ({"key": 10**30}, "key"),
        ({"genre": ""}, "genre"),
        ({"genre": 7}, "genre"),
        ({"genre": "\ud800"}, "genre"),
        ({"loudnes": -5}, "loudnes"),
    ],
)
def test_a_wrong_value_is_refused_by_its_name(
    client: TestClient, track: Row, change: Row, field: str
) -> None:
    answer = client.post("/predict", content=json.dumps({**track, **change}))
    assert answer.status_code == 422
    assert [problem["field"] for problem in answer.json()["errors"]] == [field]


def test_what_is_missing_is_told_at_once(client: TestClient, track: Row) -> None:
    row = {name: value for name, value in track.items() if name not in ("tempo", "year")}
    errors = client.post("/predict", json=row).json()["errors"]
    assert errors == [
        {"field": "year", "message": "required, but missing"},
        {"field": "tempo", "message": "required, but missing"},
    ]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"", None),
        (b"{", None),
        (b"[1]", None),
        (b"7", None),
        (b'{"energy": 1, "energy" :1}', "energy"),
        (b"\xff\xfe", None),
        (b"[" * 60_000, None),
        (b'{"energy": ' + b"9" * 5000 + b"}", None),
    ],
)
def test_what_is_no_object_is_refused(client: TestClient, body: bytes, field: str | None) -> None:
    answer = client.post("/predict", content=body)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == field


def test_a_batch_keeps_order_and_loses_no_good_track(client: TestClient, track: Row) -> None:
    rows: list[Any] = [{**track, "energy": place / 10} for place in range(6)]
    rows[1] = {**track, "energy": 2.0, "mode": None}
    rows[4] = "no track"
    answer = client.post("/predict/batch", json={"instances": rows})
    assert answer.status_code == 200
    found = answer.json()["predictions"]
    assert [sorted(part) for part in found] == [
        ["error"] if place in (1, 4) else ["popular", "prediction_id", "probability"]
        for place in range(6)
    ]
    for place in (0, 2, 3, 5):
        assert found[place]["probability"] == pytest.approx(probability(1, rows[place]), abs=1e-12)
    assert "energy: " in found[1]["error"]
    assert "; mode: " in found[1]["error"]
    begun = answer.headers["X-Prediction-ID"]
    assert [part.get("prediction_id") for part in found] == [
        None if place in (1, 4) else f"{begun}-{place}" for place in range(6)
    ]
    assert found[4]["error"] == "expected an object with the inputs of one row"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "instances"),
        ({"instances": []}, "instances"),
        ({"instances": [{}] * 10_001}, "instances"),
        ({"instances": 3}, "instances"),
        ({"instances": [], "more": 1}, "more"),
    ],
)
def test_what_is_no_batch_is_refused(client: TestClient, body: Any, field: str) -> None:
    answer = client.post("/predict/batch", json=body)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == field


def test_each_answer_has_an_id_of_its_own_whatever_the_caller_s_is(
    client: TestClient, registered: Home, track: Row
) -> None:
    headers = {"X-Request-ID": "same", "X-Unit-Id": "u", "traceparent": TRACE}
    alone = [client.post("/predict", json=track, headers=headers) for _ in range(2)]
    batch = client.post("/predict/batch", json={"instances": [track, 7, track]}, headers=headers)
    names = [answer.headers["X-Prediction-ID"] for answer in (*alone, batch)]
    assert len(set(names)) == 3
    held = lines_being_written(registered.folder)
    logged = [line for line in held if line["prediction_id"][:32] in names]
    assert [(line["prediction_id"], line["place"]) for line in logged] == [
        (names[0], None), (names[1], None), (f"{names[2]}-0", 0), (f"{names[2]}-2", 2),
    ]  # fmt: skip
    for line in logged:
        assert line["row"] == track
        unit = hashed(key_of(registered), "u")
        assert (line["request_id"], line["unit"], line["traceparent"]) == ("same", unit, TRACE)
        assert (line["format"], line["version"], line["label"]) == (3, 1, 0)
        assert line["probability"] == pytest.approx(probability(1, track), abs=1e-12)
        assert line["latency_ms"] > 0
