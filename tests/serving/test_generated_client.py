"""A client that a generator makes from the published description can make every call."""

import importlib
import inspect
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, get_args

import pytest
from starlette.testclient import TestClient

from tests.conftest import ROOT
from tests.jobs.commands import BIN, activated
from tests.serving.conftest import ADMIN

DESCRIBED: dict[str, Any] = json.loads((ROOT / "docs/openapi.json").read_text())
OPERATIONS = {
    operation["operationId"]: operation
    for calls in DESCRIBED["paths"].values()
    for operation in calls.values()
}
NAME = "generated_client"
IN_PATHS = {"name": "spotify", "version": "2"}


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModuleType]:
    """The package that openapi-python-client makes, imported."""
    folder = tmp_path_factory.mktemp("generated")
    command = [
        str(BIN / "openapi-python-client"), "generate", "--path", str(ROOT / "docs/openapi.json"),
        "--meta", "none", "--output-path", str(folder / NAME), "--fail-on-warning",
    ]  # fmt: skip
    done = subprocess.run(command, env=activated(), capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    sys.path.insert(0, str(folder))
    try:
        yield importlib.import_module(NAME)
    finally:
        sys.path.remove(str(folder))


@pytest.fixture(scope="module")
def caller(generated: ModuleType, client: TestClient) -> Any:
    """A client of it whose calls reach the app in this process."""
    found = generated.AuthenticatedClient(
        base_url="http://testserver", token=ADMIN, raise_on_unexpected_status=True
    )
    client.headers["Authorization"] = f"Bearer {ADMIN}"
    try:
        yield found.set_httpx_client(client)
    finally:
        del client.headers["Authorization"]


def call(caller: Any, name: str) -> Any:
    """Make a call with the example that the description shows for its body."""
    operation = OPERATIONS[name]
    module = importlib.import_module(f"{NAME}.api.{operation['tags'][0]}.{name}")
    given = {
        parameter["name"]: IN_PATHS[parameter["name"]]
        for parameter in operation.get("parameters", [])
        if parameter["in"] == "path"
    }
    body = operation.get("requestBody")
    if body:
        kind = inspect.signature(module.sync_detailed).parameters["body"].annotation
        ((_, content),) = body["content"].items()
        # Of several forms the example has one.
        forms = get_args(kind) or (kind,)
        known = {form: set(getattr(form, "__annotations__", ())) for form in forms}
        (kind,) = (form for form in forms if set(content["example"]) <= known[form])
        given["body"] = kind.from_dict(content["example"])
    return module.sync_detailed(client=caller, **given)


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_call_is_made_and_its_answer_read(caller: Any, name: str) -> None:
    try:
        answer = call(caller, name)
    finally:
        if name == "switch_model":
            caller.get_httpx_client().put("/model", json={"alias": "production"})
    assert answer.status_code == (202 if name == "feedback" else 200)
    assert answer.parsed is not None
    if answer.headers["Content-Type"] == "application/json":
        assert answer.parsed.to_dict() == json.loads(answer.content)


def test_details_are_read_as_details(caller: Any) -> None:
    module = importlib.import_module(f"{NAME}.api.predict.predict")
    track = importlib.import_module(f"{NAME}.models").Track
    content = OPERATIONS["predict"]["requestBody"]["content"]["application/json"]
    body = track.from_dict(content["example"])
    found = module.sync(client=caller, body=body, detail=True)
    assert (type(found).__name__, found.model.version) == ("DetailedAnswer", 1)
    refused = module.sync(client=caller, body=body, version=99)
    assert (type(refused).__name__, refused.code) == ("Problem", "unknown-version")


def test_every_call_of_the_client_is_described(generated: ModuleType) -> None:
    calls = {path.stem for path in Path(str(generated.__file__)).parent.glob("api/*/[!_]*.py")}
    assert calls == set(OPERATIONS)
