"""What callers and operators learn of a request that was not answered as asked."""

import logging
import re
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from serving.columns import Row
from serving.failures import KINDS
from serving.main import create_app
from serving.responses import CODES
from tests.conftest import ROOT
from tests.serving.conftest import settings_of

LONG = "a-user-s-own-key-0"


def client_of(home: Path, **settings: Any) -> TestClient:
    return TestClient(create_app(settings_of(home=home, log=False, **settings)))


@pytest.mark.parametrize("query", ["verison=3", "detail=true&detial=true", "Detail=true"])
@pytest.mark.parametrize("path", ["/predict", "/predict/batch", "/explain", "/profiles"])
def test_a_parameter_that_is_misspelt_is_refused(client: TestClient, path: str, query: str) -> None:
    answer = client.request("GET" if path == "/profiles" else "POST", f"{path}?{query}", json={})
    assert answer.status_code == 422
    wrong = [error for error in answer.json()["errors"] if "not a parameter" in error["message"]]
    assert wrong[-1]["field"] in query
    assert "which has [" in wrong[-1]["message"]


def test_the_inference_protocol_has_no_parameters(client: TestClient) -> None:
    answer = client.post("/v2/models/spotify/infer?version=3", json={"inputs": []})
    assert answer.status_code == 400
    assert "version: not a parameter of this call" in answer.json()["error"]


def test_probes_and_scrapes_may_bring_what_they_like(client: TestClient) -> None:
    for path in ("/livez?x=1", "/readyz?verbose", "/metrics?name[]=up"):
        assert client.get(path).status_code == 200


def test_compressed_bodies_are_refused_by_their_name(client: TestClient, track: Row) -> None:
    answer = client.post("/predict", json=track, headers={"Content-Encoding": "gzip"})
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported")
    plain = client.post("/predict", json=track, headers={"Content-Encoding": "identity"})
    assert plain.status_code == 200


def test_key_errors_are_told_apart(tmp_path: Path) -> None:
    asked = client_of(tmp_path, api_keys=LONG, admin_key="admin-key-of-the-house")
    told = {}
    for name, key in {"none": "", "wrong": "guess", "user": LONG}.items():
        answer = asked.put("/model", json={"version": 1}, headers={"X-API-Key": key})
        told[name] = answer.status_code, answer.json()["code"]
    assert told == {
        "none": (401, "key-required"), "wrong": (401, "key-wrong"),
        "user": (403, "admin-key-required"),
    }  # fmt: skip


def test_a_refusal_is_logged_and_counted_by_its_code(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = client_of(tmp_path, api_keys=LONG)
    monkeypatch.setattr(logging.getLogger("hitcast.serving"), "propagate", True)
    with caplog.at_level("INFO", logger="hitcast.serving"):
        asked.post("/predict")
        asked.post("/predict", headers={"X-API-Key": LONG}, content=b"{")
    told = [record for record in caplog.records if record.message == "not answered"]
    found = [(r.code, r.client) for r in told]  # type: ignore[attr-defined]
    # Once or twice: another test may have given the logger a handler of its own.
    assert list(dict.fromkeys(found)) == [("key-required", "testclient"), ("invalid", "testclient")]
    text = asked.get("/metrics", headers={"X-API-Key": LONG}).text
    for code in ("key-required", "invalid"):
        assert f'hitcast_refusals_total{{code="{code}"}} 1.0' in text


def test_bad_rows_of_a_batch_are_counted(client: TestClient, track: Row) -> None:
    def refused() -> float:
        lines = client.get("/metrics").text.splitlines()
        return float(
            next(x for x in lines if x.startswith("hitcast_rows_refused_total")).split()[1]
        )

    before = refused()
    client.post("/predict/batch", json={"instances": [track, {}, 7]})
    assert refused() == before + 2


def test_every_code_stands_in_the_documents_and_no_other() -> None:
    text = (ROOT / "docs/api.md").read_text(encoding="utf-8")
    table = text.partition("| code | status | means |")[2].partition("\n\n")[0]
    assert re.findall(r"^\| `([a-z-]+)` \|", table, re.MULTILINE) == sorted(CODES)
    used = {code for _, code, _ in KINDS.values() if code}
    for path in (ROOT / "serving").rglob("*.py"):
        used |= set(re.findall(r'code="([a-z-]+)"', path.read_text(encoding="utf-8")))
    assert used <= set(CODES)
