"""The reports of experiments that jobs leave in the home folder."""

import json
import os
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from hitcast.running.home import Home
from serving.experiments import reports
from serving.main import create_app
from tests.serving.conftest import settings_of


def report(home: Path, name: str, text: str, time: int) -> None:
    path = Home(home).experiment_reports("spotify") / f"{name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    os.utime(path, (time, time))


def test_a_home_without_reports_has_an_empty_list(tmp_path: Path) -> None:
    client = TestClient(create_app(settings_of(home=tmp_path)))
    answer = client.get("/reports")
    assert (answer.status_code, answer.json()) == (200, {"experiments": []})


def test_reports_come_newest_first_or_the_one_that_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(reports.logger, "propagate", True)
    for time, name in enumerate(("one", "two", "three")):
        report(tmp_path, name, json.dumps({"name": name, "verdict": "not yet"}), time)
    report(tmp_path, "torn", '{"name": "to', 9)
    report(tmp_path, "list", "[]", 8)
    report(tmp_path, ".hidden", "{}", 7)
    report(tmp_path, "huge", json.dumps({"text": "x" * reports.MOST_BYTES}), 10)
    client = TestClient(create_app(settings_of(home=tmp_path)))
    for _ in range(2):
        found = client.get("/reports").json()["experiments"]
        assert [one["name"] for one in found] == ["three", "two", "one"]
    # Once each, however often it is asked.
    told = [r.message for r in caplog.records if "is left out" in r.message]
    assert len(set(told)) == 3
    found = client.get("/reports?experiment=two").json()
    assert found == {"experiments": [{"name": "two", "verdict": "not yet"}]}
    assert client.get("/reports?experiment=../two").json() == {"experiments": []}
    assert client.get("/reports?name=two").status_code == 422


def test_an_answer_does_not_grow_without_bound(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for time in range(6):
        report(tmp_path, f"r{time}", json.dumps({"name": time, "text": "x" * 1000}), time)
    client = TestClient(create_app(settings_of(home=tmp_path)))
    monkeypatch.setattr(reports, "MOST", 4)
    assert [one["name"] for one in client.get("/reports").json()["experiments"]] == [5, 4, 3, 2]
    monkeypatch.setattr(reports, "ALL_BYTES", 2500)
    assert [one["name"] for one in client.get("/reports").json()["experiments"]] == [5, 4]


def test_reports_need_a_key_where_calls_do(tmp_path: Path) -> None:
    client = TestClient(create_app(settings_of(home=tmp_path, api_keys=("k",))))
    assert client.get("/reports").status_code == 401
    assert client.get("/reports", headers={"X-API-Key": "k"}).status_code == 200
