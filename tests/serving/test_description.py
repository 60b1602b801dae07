"""The published description of the API, and what happens to those who do not keep to it."""

import json
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from starlette.testclient import TestClient

from hitcast.running.home import Home
from tests.conftest import ROOT
from tests.serving.conftest import ADMIN, Serve
from tests.serving.following import followed


def test_the_published_description_is_current(client: TestClient) -> None:
    published = json.loads((ROOT / "docs/openapi.json").read_text())
    assert published == client.get("/openapi.json").json(), "run make openapi"


@pytest.mark.slow
def test_no_request_makes_the_server_fail(home: Home, serve: Serve) -> None:
    with followed(home.folder), serve(home.folder, admin_key=ADMIN) as server:
        server.wait_until("ready")
        schema = schemathesis.openapi.from_url(f"http://127.0.0.1:{server.port}/openapi.json")
        asked = 0
        operations: Any = schema.get_all_operations()
        for operation in operations:

            @settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
            @given(case=operation.ok().as_strategy())
            def ask(case: Any) -> None:
                nonlocal asked
                asked += 1
                answer = case.call(headers={"X-API-Key": ADMIN})
                assert answer.status_code < 500, case.as_curl_command()

            ask()
        assert asked > 500
        assert server.get("/livez")[0] == 200
        assert "a request failed" not in server.log.read_text()
