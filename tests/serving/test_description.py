"""The published description of the API, and what happens to those who do not keep to it."""

import json
import subprocess
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.specs.openapi.checks import positive_data_acceptance
from starlette.testclient import TestClient

from hitcast.running.home import Home
from tests.conftest import ROOT
from tests.jobs.commands import BIN
from tests.serving.conftest import ADMIN, Serve
from tests.serving.following import followed

LOOSE = [
    "/invocations", "/v2/models/{name}/infer", "/v2/models/{name}/versions/{version}/infer",
    "/experiment", "/feedback",
]  # fmt: skip
"""A schema can't say that lists in a body are equally long, nor that a list of objects names every
input, that an alias stands once among arms, or which dates there are: bodies that fit it may be
refused. All other checks are on."""


def test_the_published_description_is_current(client: TestClient) -> None:
    published = json.loads((ROOT / "docs/openapi.json").read_text())
    assert published == client.get("/openapi.json").json(), "run make openapi"


@pytest.mark.slow
def test_every_answer_is_as_described_whatever_is_asked(home: Home, serve: Serve) -> None:
    with followed(home.folder), serve(home.folder, admin_key=ADMIN, wrong_keys="0") as server:
        server.wait_until("ready")
        address = f"http://127.0.0.1:{server.port}/openapi.json"
        asked = 0
        operations: Any = schemathesis.openapi.from_url(address).get_all_operations()
        for operation in operations:

            @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
            @given(case=operation.ok().as_strategy())
            def ask(case: Any) -> None:
                nonlocal asked
                asked += 1
                unchecked = [positive_data_acceptance] if case.operation.path in LOOSE else []
                case.call_and_validate(headers={"X-API-Key": ADMIN}, excluded_checks=unchecked)

            ask()
        assert asked > 100
        # Its command line has more checks, and asks for what is not described too.
        loose = [word for path in LOOSE for word in ("--include-path", path)]
        loose += ["--exclude-checks", positive_data_acceptance.__name__]
        strict = [word for path in LOOSE for word in ("--exclude-path", path)]
        for options in (loose, strict):
            command = [str(BIN / "schemathesis"), "run", address, "--checks", "all", *options]
            command += ["-H", f"X-API-Key: {ADMIN}", "-n", "40", "--continue-on-failure"]
            command += ["--seed", "1"]
            done = subprocess.run(command, cwd=server.log.parent, capture_output=True, text=True)
            assert done.returncode == 0, done.stdout
        assert "No issues found" in done.stdout, done.stdout
        assert server.get("/livez")[0] == 200
        assert "a request failed" not in server.log.read_text()
