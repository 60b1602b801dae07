"""An API on one exported scorer: what it answers, and what it says of the registry it lacks."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request

import pytest
from starlette.testclient import TestClient

from hitcast.declaration.use_case import UseCase
from hitcast.models.exporting import export_production
from hitcast.models.registry import Registry
from hitcast.portable.card import CARD_FILE, MODEL_FILE, VERSION_FILE
from hitcast.running.home import Home
from serving.columns import Row
from serving.main import create_app
from tests.conftest import ROOT
from tests.exports import export, name_version
from tests.jobs.commands import activated
from tests.servers import OPENER, free_port, hosted, running
from tests.serving.conftest import ADMIN, insights_of, settings_of, wait_for
from tests.small_models import make_track_scorer

BLOCKED = """
import sys
class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"mlflow", "pyspark", "pandas"}:
            raise ModuleNotFoundError(f"No module named {name!r}")
sys.meta_path.insert(0, Blocked())
from serving.__main__ import main
main()
"""
"""`python -m serving` where these packages are not installed."""


def asked(url: str, body: Any = None, method: str | None = None, **headers: str) -> tuple[int, Any]:
    """Status and JSON of a call."""
    data = None if body is None else json.dumps(body).encode()
    try:
        with OPENER.open(Request(url, data, headers, method=method), timeout=10) as found:
            return found.status, json.load(found)
    except HTTPError as error:
        return error.code, json.load(error)


@pytest.fixture(scope="module")
def exported(registered: Home, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Production of the home with three versions, exported by the job's own function."""
    folder = tmp_path_factory.mktemp("exported") / "scorer"
    export_production(Registry(registered, "spotify"), folder)
    return folder


@pytest.fixture(scope="module")
def url(exported: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An API on that folder, in a home where nothing is."""
    home = tmp_path_factory.mktemp("home")
    app = create_app(settings_of(home=home, scorer=exported, admin_key=ADMIN, log=False))
    with hosted(app, "/readyz", free_port()) as found:
        yield found
    assert not (home / "mlflow.db").exists()


def test_it_answers_what_the_registrys_version_answers(
    url: str, client: TestClient, track: Row
) -> None:
    _, answer = asked(f"{url}/predict?detail=true", track)
    theirs = client.post("/predict?detail=true", json=track).json()
    assert answer["model"] == {**theirs["model"], "alias": None}
    for name in ("popular", "probability", "threshold", "unknown", "outside"):
        assert answer[name] == theirs[name]
    assert asked(f"{url}/explain", track) == (200, client.post("/explain", json=track).json())
    assert asked(f"{url}/readyz") == (200, {"status": "ready", "problems": []})
    state = asked(f"{url}/model")[1]
    assert (state["version"], state["problem"], state["following"]) == (1, None, 1)
    assert asked(f"{url}/v2/models/spotify")[1]["versions"] == ["1"]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/models", None),
        ("PUT", "/model", {"version": 1}),
        ("PUT", "/model", {"alias": "staging"}),
        ("DELETE", "/model", None),
        ("GET", "/profiles?version=2", None),
        ("GET", "/profiles?alias=production", None),
        ("GET", "/profiles?alias=production&version=1", None),
    ],
)
def test_a_call_that_needs_a_registry_says_that_there_is_none(
    url: str, method: str, path: str, body: Any
) -> None:
    status, problem = asked(url + path, body, method, **{"X-API-Key": ADMIN})
    assert (status, problem["code"]) == (404, "no-registry")
    assert problem["detail"].startswith("this API serves one exported scorer, version 1, and has ")


def test_its_own_number_names_no_other_version(url: str) -> None:
    assert asked(f"{url}/profiles?version=1")[0] == 200
    assert asked(f"{url}/v2/models/spotify/versions/1/ready")[0] == 200
    told = asked(f"{url}/v2/models/spotify/versions/2/ready", **{"X-API-Key": ADMIN})
    assert told[0] == 404
    assert "one exported scorer" in told[1]["error"]


def test_a_folder_that_is_replaced_is_followed_and_a_broken_one_is_not(
    tmp_path: Path, spotify: UseCase
) -> None:
    folder = export(tmp_path / "scorer", spotify)
    app = create_app(settings_of(home=tmp_path / "home", scorer=folder, log=False))
    with hosted(app, "/readyz", free_port()) as url:

        def state() -> Any:
            return asked(f"{url}/model")[1]

        assert state()["version"] == 1
        export(folder, spotify, 2)
        wait_for(lambda: state()["version"] == 2, "version 2")
        (folder / MODEL_FILE).write_bytes(b"half")
        name_version(folder, spotify, 3)
        wait_for(lambda: state()["problem"], "a problem")
        assert state()["version"] == 2
        assert MODEL_FILE in state()["problem"]
        assert str(tmp_path) not in state()["problem"]
        assert asked(f"{url}/readyz")[1]["status"] == "degraded"
        export(folder, spotify, 3)
        wait_for(lambda: state()["version"] == 3 and not state()["problem"], "version 3")


@pytest.mark.parametrize("lacks", ["everything", VERSION_FILE, CARD_FILE, MODEL_FILE])
def test_a_folder_that_is_no_export_is_told_until_it_is_one(
    tmp_path: Path, spotify: UseCase, lacks: str
) -> None:
    folder = tmp_path / "scorer"
    if lacks != "everything":
        (export(folder, spotify) / lacks).unlink()
    app = create_app(settings_of(home=tmp_path / "home", scorer=folder, log=False))
    with hosted(app, "/livez", free_port()) as url:
        status, told = asked(f"{url}/readyz")
        assert (status, told["status"]) == (503, "unready")
        assert (VERSION_FILE if lacks == "everything" else lacks) in told["problems"][0]
        assert str(tmp_path) not in told["problems"][0]
        export(folder, spotify)
        wait_for(lambda: asked(f"{url}/readyz")[0] == 200, "an answer")


def test_neither_mlflow_nor_spark_nor_pandas_is_needed(
    tmp_path: Path, spotify: UseCase, track: Row
) -> None:
    scorer = make_track_scorer(tmp_path / "scorer", spotify, bias=1.0)
    insights_of(spotify).save(scorer)
    name_version(scorer, spotify, 7)
    url = f"http://127.0.0.1:{(port := free_port())}"
    given = activated(
        HITCAST_HOME=str(tmp_path / "home"), HITCAST_SCORER=str(scorer), HITCAST_PORT=str(port)
    )
    command = [sys.executable, "-c", BLOCKED]
    log = tmp_path / "api.log"
    with running(command, f"{url}/readyz", log=log, environment=given, folder=ROOT):
        assert asked(f"{url}/predict", track) == (200, {"popular": 1})
        assert asked(f"{url}/models")[1]["code"] == "no-registry"
        assert asked(f"{url}/profiles")[0] == 200


def test_a_version_of_the_registry_beside_an_exported_one_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="HITCAST_SCORER .* or HITCAST_VERSION .* got both"):
        settings_of(scorer=tmp_path, version=1)
