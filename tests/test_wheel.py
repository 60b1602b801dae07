"""The wheel that goes to Databricks: what it asks for, what is in it, and the API's app from it."""

import os
import re
import runpy
import shutil
import subprocess
import sys
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from urllib.request import Request

import pytest
import yaml

from hitcast.declaration.use_case import UseCase
from hitcast.running.log_files import closed
from serving.row_models import example
from tests.conftest import ROOT
from tests.copies import new_home
from tests.jobs.commands import BIN, activated
from tests.servers import OPENER, free_port, running
from tests.small_models import make_track_scorer, register_folder
from tests.wheels import checkout_copy

APP_WHEEL = ROOT / "resources/app_wheel.py"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The API's wheel, built as the bundle does it, from a copy of what git knows."""
    copy = checkout_copy(tmp_path_factory.mktemp("copy"))
    # An older one that must not stay.
    (copy / "serving/hitcast-0.0.1-py3-none-any.whl").touch()
    left = copy / "build/lib/hitcast/no_more.py"
    left.parent.mkdir(parents=True)
    left.touch()
    command = [sys.executable, str(copy / "resources/app_wheel.py")]
    environment = {**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}
    subprocess.run(command, cwd=copy, env=environment, check=True, capture_output=True)
    (built,) = (copy / "serving").glob("*.whl")
    return built


def needed(wheel: Path) -> dict[str, set[str]]:
    """The packages that a wheel asks for, by extra ("": in any case)."""
    with zipfile.ZipFile(wheel) as files:
        (metadata,) = [n for n in files.namelist() if n.endswith("METADATA")]
        told = files.read(metadata).decode()
    found: dict[str, set[str]] = {}
    for line in re.findall(r"^Requires-Dist: (.*)$", told, flags=re.MULTILINE):
        extra = re.search(r"extra == .(\w+).", line)
        name = re.match(r"[\w-]+", line)
        assert name
        found.setdefault(extra[1] if extra else "", set()).add(name[0])
    return found


def test_it_does_not_lie_over_what_the_platform_has(wheel: Path) -> None:
    found = needed(wheel)
    assert {"mlflow", "onnxruntime", "databricks-sdk"} <= found[""]
    # xgboost-cpu would be written over the files of the runtime's xgboost.
    spark = {"pyspark", "delta-spark", "xgboost", "xgboost-cpu"}
    assert found["spark"] == spark
    api = {"fastapi", "uvicorn", "pydantic-settings", "orjson", "prometheus-client", "limits"}
    assert api <= found["api"]
    assert not (spark | api | {"streamlit"}) & found[""]


def test_jobs_and_scorer_import_nothing_that_only_the_api_has(wheel: Path) -> None:
    only = {name.replace("-", "_") for name in needed(wheel)["api"] - needed(wheel)[""]}
    lines = [
        (file.relative_to(ROOT), line)
        for folder in ("src/hitcast", "jobs")
        for file in (ROOT / folder).rglob("*.py")
        for line in file.read_text(encoding="utf-8").splitlines()
        if (words := line.split()) and words[0] in ("import", "from")
        and words[1].partition(".")[0] in only | {"dotenv"}
    ]  # fmt: skip
    assert lines == []


def test_the_apps_wheel_is_named_by_the_commit_and_what_it_installs_by_the_wheel(
    wheel: Path,
) -> None:
    # Outside a checkout, as here, by the time.
    assert re.fullmatch(r"hitcast-0\.1\.0\+t\d{14}-py3-none-any\.whl", wheel.name)
    lines = (wheel.parent / "requirements.txt").read_text().splitlines()
    assert lines[-1] == f"./{wheel.name}[api]"
    assert not (wheel.parent / ".gitignore").exists()
    tag_of, now = runpy.run_path(str(APP_WHEEL))["tag_of"], datetime(2026, 1, 2, tzinfo=UTC)
    assert tag_of("0123456789ab", now) == "g0123456789ab"
    assert tag_of("0123456789ab-dirty", now) == "g0123456789ab.t20260102000000"


def test_a_file_that_git_does_not_know_yet_makes_another_wheel(tmp_path: Path) -> None:
    def git(*command: str) -> None:
        names = ["-c", "user.name=a", "-c", "user.email=a@example.com"]
        subprocess.run(["git", "-C", str(tmp_path), *names, *command], check=True)

    git("init", "--quiet")
    (tmp_path / ".gitignore").write_text("*.whl\n")
    git("add", ".")
    git("commit", "--quiet", "--no-verify", "--message", "first")
    commit_of = runpy.run_path(str(APP_WHEEL))["commit_of"]
    (tmp_path / "old.whl").touch()
    assert re.fullmatch(r"[0-9a-f]{12}", commit_of(tmp_path))
    (tmp_path / "module.py").touch()
    assert re.fullmatch(r"[0-9a-f]{12}-dirty", commit_of(tmp_path))
    git("add", ".")
    assert re.fullmatch(r"[0-9a-f]{12}-dirty", commit_of(tmp_path))


def test_it_has_the_declarations_and_the_api(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as files:
        names = set(files.namelist())
        assert files.read("hitcast/conf/spotify.yml") == (ROOT / "conf/spotify.yml").read_bytes()
    assert "hitcast/no_more.py" not in names
    assert {"serving/main.py", "hitcast/sources/twin/profile.json"} <= names
    assert {f"serving/page/{path.name}" for path in ROOT.glob("serving/page/*")} <= names
    assert {f"hitcast/conf/statistics/{p.name}" for p in ROOT.glob("conf/statistics/*")} <= names
    assert {"LICENSE", "NOTICE"} <= {name.rpartition("/")[2] for name in names}
    assert not [
        name for name in names if name.startswith(("tests", "frontend", "benchmarks", "rehearsal"))
    ]


def test_the_apis_app_runs_as_its_yaml_says(wheel: Path, tmp_path: Path, spotify: UseCase) -> None:
    # As Databricks does it: the folder's files alone, its requirements installed, its command run.
    source = tmp_path / "source_code"
    shutil.copytree(ROOT / "serving", source, ignore=shutil.ignore_patterns("__pycache__", "*.whl"))
    shutil.copy(wheel, source)
    shutil.copy(wheel.parent / "requirements.txt", source)
    packages = tmp_path / "packages"
    install = [str(BIN / "uv"), "pip", "install", "--quiet", "--no-deps", "--target"]
    subprocess.run([*install, str(packages), str(source / wheel.name)], check=True)
    home = new_home(tmp_path / "home")
    name = "main.music.spotify"
    scorer = make_track_scorer(home.folder / "scorer", spotify, bias=1.0)
    track = example(spotify, optional=False)
    assert register_folder(home, name, scorer, track) == 1
    app = yaml.safe_load((source / "app.yaml").read_text())
    given = {item["name"]: item.get("value", "from-a-secret") for item in app["env"]}
    assert given["HITCAST_HOST"] == "0.0.0.0"  # The platform guards it there.
    given["HITCAST_HOST"] = "127.0.0.1"
    # What can't be reached: the workspace's registry, whose place the home's takes.
    given |= {"HITCAST_LOG_SHIP_TO": str(tmp_path / "volume")}
    given |= {"HITCAST_HOME": str(home.folder), "HITCAST_MODEL": name, "HITCAST_VERSION": "1"}
    given |= {"MLFLOW_TRACKING_URI": home.tracking_uri, "MLFLOW_REGISTRY_URI": home.tracking_uri}
    port = str(free_port())
    environment = activated(PYTHONPATH=str(packages), DATABRICKS_APP_PORT=port, **given)
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable if word == "python" else word for word in app["command"]]
    log = tmp_path / "app.log"
    with running(command, f"{url}/readyz", log=log, environment=environment, folder=source) as api:
        shown = Path(f"/proc/{api.pid}/cwd")
        assert not shown.exists() or os.path.samefile(shown, source)
        body = str(track).replace("'", '"').encode()
        request = Request(f"{url}/predict", body, {"Content-Type": "application/json"})
        with OPENER.open(request, timeout=10) as answer:
            assert answer.read() == b'{"popular": 1}'
            assert answer.headers["X-Model-Name"] == name
    # The app's disk goes with it; the log is on the volume by then.
    (segment,) = closed(tmp_path / "volume")
    assert segment.read_text().count("\n") == 1
