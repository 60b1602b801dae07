"""What came of answers: checked, and in the log before it is answered."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from serving.log import inference_log
from serving.main import create_app
from tests.serving.conftest import settings_of

ID = "0199c3e1a2b4d5f60718293a4b5c6d7e"
TOLD = {"prediction_id": ID, "outcome": 1}


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    """An API without any model: feedback needs none."""
    settings = settings_of(home=tmp_path, api_keys=("a-key",), max_batch=1000)
    with TestClient(create_app(settings), raise_server_exceptions=False) as found:
        found.headers["X-API-Key"] = "a-key"
        yield found


def kept(home: Path) -> list[Any]:
    segments = sorted((home / "feedback_log").glob("*.jsonl*"))
    return [json.loads(line) for path in segments for line in path.read_text().splitlines()]


def test_one_outcome_and_many_are_in_the_log_when_they_are_accepted(
    client: TestClient, tmp_path: Path
) -> None:
    before = time.time()
    headers = {"X-Source": "shop", "X-Request-ID": "r1"}
    answer = client.post("/feedback", json=TOLD, headers=headers)
    assert (answer.status_code, answer.json()) == (202, {"accepted": 1})
    (line,) = kept(tmp_path)
    assert line.keys() == {
        "format", "time", "model", "prediction_id", "outcome", "at", "source", "request_id"
    }  # fmt: skip
    assert (line["format"], line["prediction_id"], line["outcome"]) == (1, ID, 1)
    assert (line["source"], line["request_id"]) == ("shop", "r1")
    assert before <= line["time"] == line["at"] <= time.time()
    many = [
        {"prediction_id": f"{ID}-{n}", "outcome": n % 2, "at": "2024-11-28T12:00:00+01:00"}
        for n in range(1000)
    ]
    assert client.post("/feedback", json=many).json() == {"accepted": 1000}
    held = kept(tmp_path)[1:]
    assert [line["prediction_id"] for line in held] == [f"{ID}-{n}" for n in range(1000)]
    assert {line["at"] for line in held} == {1732791600.0}
    text = client.get("/metrics").text
    assert 'hitcast_feedback_total{result="kept"} 1001.0' in text


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ([], "expected 1 to 1000 outcomes, got 0"),
        ([TOLD] * 1001, "expected 1 to 1000 outcomes, got 1001"),
        (7, "valid dictionary"),
        ({**TOLD, "outcome": 2}, "outcome"),
        ({**TOLD, "outcome": True}, "outcome"),
        ({**TOLD, "outcome": "1"}, "outcome"),
        ({**TOLD, "outcome": None}, "outcome"),
        ({"prediction_id": ID}, "outcome"),
        ({**TOLD, "prediction_id": "x" * 65}, "prediction_id"),
        ({**TOLD, "prediction_id": "a b"}, "prediction_id"),
        ({**TOLD, "prediction_id": ""}, "prediction_id"),
        ({**TOLD, "prediction_id": 7}, "prediction_id"),
        ({**TOLD, "at": "yesterday"}, "at"),
        ({**TOLD, "at": 1795863600}, "at"),
        ({**TOLD, "at": "2026-13-01T00:00:00Z"}, "expected a time such as"),
        ({**TOLD, "at": "1899-12-31T23:59:59Z"}, "1900 or later"),
        ({**TOLD, "at": "2999-12-31T23:59:59Z"}, "not to come"),
        ({**TOLD, "unit": "u"}, "unit"),
        ([TOLD, {**TOLD, "outcome": 7}], "outcome 1: outcome"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_of_it_is_kept(
    client: TestClient, tmp_path: Path, body: Any, told: str
) -> None:
    answer = client.post("/feedback", json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
    assert told in answer.json()["detail"]
    assert kept(tmp_path) == []


def test_whole_numbers_and_times_without_zone_are_taken(client: TestClient, tmp_path: Path) -> None:
    told = {"prediction_id": "any-id", "outcome": 0.0, "at": "2024-11-28T12:00:00.5"}
    assert client.post("/feedback", json=told).status_code == 202
    (line,) = kept(tmp_path)
    assert (line["outcome"], line["at"]) == (0, 1732795200.5)


def test_it_needs_a_key_as_predictions_do(client: TestClient) -> None:
    assert client.post("/feedback", json=TOLD, headers={"X-API-Key": ""}).status_code == 401


def test_what_can_t_be_kept_is_refused_and_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inference_log, "RETRY_SECONDS", 0.0)
    (tmp_path / "feedback_log").write_text("in the way")
    with TestClient(create_app(settings_of(home=tmp_path))) as client:
        answer = client.post("/feedback", json=[TOLD, TOLD])
        assert (answer.status_code, answer.json()["code"]) == (503, "feedback-unkept")
        assert int(answer.headers["Retry-After"]) > 0
        assert "the feedback log is off" in answer.json()["detail"]
        assert "the feedback log is off" in client.get("/readyz").text
        assert 'hitcast_feedback_total{result="lost"} 2.0' in client.get("/metrics").text
        (tmp_path / "feedback_log").unlink()
        assert client.post("/feedback", json=TOLD).status_code == 202
    assert len(kept(tmp_path)) == 1


def test_without_the_log_it_is_refused(tmp_path: Path) -> None:
    with TestClient(create_app(settings_of(home=tmp_path, log=False))) as client:
        answer = client.post("/feedback", json=TOLD)
    assert (answer.status_code, answer.json()["code"]) == (503, "feedback-off")
    assert int(answer.headers["Retry-After"]) > 0
    assert not (tmp_path / "feedback_log").exists()


def test_its_segments_are_shipped_to_a_folder_of_their_own(tmp_path: Path) -> None:
    target = tmp_path / "shipped"
    settings = settings_of(home=tmp_path / "home", log_ship_to=str(target))
    with TestClient(create_app(settings)) as client:
        client.post("/feedback", json=TOLD)
    (segment,) = (target / "feedback").glob("*.jsonl")
    assert json.loads(segment.read_text())["prediction_id"] == ID


def test_classes_with_names_are_told_by_their_names(tmp_path: Path) -> None:
    settings = settings_of(home=tmp_path, use_case="pistachio")
    with TestClient(create_app(settings)) as client:
        good = {"prediction_id": ID, "outcome": "Siit_Pistachio"}
        assert client.post("/feedback", json=good).status_code == 202
        for wrong in (1, "Other"):
            assert client.post("/feedback", json=good | {"outcome": wrong}).status_code == 422
