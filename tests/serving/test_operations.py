"""What the API's description says of headers, statuses and parameters, held against answers."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from serving.columns import Row
from serving.main import create_app
from tests.serving.conftest import ADMIN, settings_of

KEY = {"X-API-Key": ADMIN}
LIMITED = {"408", "413", "429", "503"}


@pytest.fixture
def described(client: TestClient) -> dict[str, Any]:
    """The description, asked for twice: the second time it is no longer made, but kept."""
    first: dict[str, Any] = client.get("/openapi.json").json()
    assert client.get("/openapi.json").json() == first
    return first


def operations(described: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Path, method and description of each call."""
    for path, calls in described["paths"].items():
        for method, operation in calls.items():
            yield path, method, operation


def test_each_header_of_an_answer_is_described_and_each_that_must_be_there_is(
    client: TestClient, described: dict[str, Any]
) -> None:
    known = described["components"]["headers"]
    for path, method, operation in operations(described):
        address = path.replace("{name}", "spotify").replace("{version}", "1")
        content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
        body = {"alias": "production"} if path == "/model" else content.get("example")
        answer = client.request(method, address, json=body, headers=KEY)
        status = 202 if path == "/feedback" else 200
        assert answer.status_code == status, path
        sent = {name for name in answer.headers if name.startswith("x-")}
        headers = operation["responses"][str(status)]["headers"]
        must = {name.lower() for name in headers if known[name].get("required")}
        assert must <= sent, path
        security = {"x-content-type-options", "x-frame-options"}
        assert sent - security <= {name.lower() for name in headers}, path


def test_every_answer_has_the_request_s_id_and_refusals_say_when_to_come_again(
    described: dict[str, Any],
) -> None:
    for path, _, operation in operations(described):
        for status, response in operation["responses"].items():
            assert "X-Request-ID" in response["headers"], (path, status)
            wanted = status in {"429", "503"} and path != "/readyz"
            assert ("Retry-After" in response["headers"]) == wanted, (path, status)
            settling = status == "202" and path in {"/model", "/experiment"}
            assert ("Location" in response["headers"]) == settling, (path, status)


def test_a_refusal_says_when_to_come_again(tmp_path: Path, track: Row) -> None:
    with_limit = settings_of(home=tmp_path, log=False, rate_limit=1)
    asked = TestClient(create_app(with_limit))
    answers = [asked.post("/predict", json=track) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [503, 429]
    assert all(int(answer.headers["Retry-After"]) for answer in answers)


def test_what_calls_read_of_headers_is_described_where_they_read_it(
    described: dict[str, Any],
) -> None:
    reading = {
        path: {p["name"] for p in operation.get("parameters", []) if p["in"] == "header"}
        for path, _, operation in operations(described)
    }
    scoring = {
        "/predict", "/predict/batch", "/invocations", "/v2/models/{name}/infer",
        "/v2/models/{name}/versions/{version}/infer",
    }  # fmt: skip
    assert reading.pop("/feedback") == {"X-Request-ID", "X-Source"}
    assert {path for path, names in reading.items() if names} == scoring
    wanted = {"X-Request-ID", "X-Unit-Id", "X-Source", "traceparent"}
    assert all(reading[path] == wanted for path in scoring)
    for _, _, operation in operations(described):
        headers = [p for p in operation.get("parameters", []) if p["in"] == "header"]
        assert not any(p.get("required") for p in headers)


def test_no_call_declares_the_errors_that_fastapi_would_send(described: dict[str, Any]) -> None:
    assert (
        not {"HTTPValidationError", "ValidationError"} & described["components"]["schemas"].keys()
    )
    assert "HTTPValidationError" not in str(described)


@pytest.mark.parametrize(
    ("path", "more", "never"),
    [
        ("/predict", LIMITED | {"409", "422"}, {"403"}),
        ("/invocations", LIMITED | {"405", "409", "415"}, {"403", "422"}),
        ("/v2/models/{name}/infer", LIMITED | {"405"}, {"409", "422"}),
        ("/v2/models/{name}", {"404", "405"}, {"408", "413", "422"}),
        ("/model", {"202", "401", "403", "408", "413", "422"}, {"409"}),
        ("/experiment", {"202", "401", "403", "404", "408", "409", "413", "422"}, set()),
        ("/feedback", {"202", "401", "408", "413", "422", "503"}, {"403", "409"}),
        ("/reports", {"401", "422", "503"}, {"403", "408", "409", "413"}),
        ("/livez", {"405"}, {"401", "403", "408", "413", "422"}),
    ],
)
def test_a_call_declares_the_statuses_it_sends(
    described: dict[str, Any], path: str, more: set[str], never: set[str]
) -> None:
    calls = described["paths"][path]
    operation = calls.get("put") or calls.get("post") or calls["get"]
    declared = operation["responses"].keys()
    assert more <= declared
    assert not never & declared


def test_a_model_s_name_and_version_have_examples_that_work(
    client: TestClient, described: dict[str, Any]
) -> None:
    seen = 0
    for path, method, operation in operations(described):
        inside = [p for p in operation.get("parameters", []) if p.get("in") == "path"]
        assert all(p["description"] for p in inside)
        for parameter in inside:
            seen += 1
            name, (shown,) = parameter["name"], parameter["schema"]["examples"]
            path = path.replace(f"{{{name}}}", shown)
        if inside and method == "get":
            assert client.get(path, headers=KEY).status_code == 200, path
    assert seen == 9
