"""The wheel that goes to Databricks: what it asks for, what is in it, and the API's app from it."""

import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from urllib.request import Request

import pytest
import yaml

from hitcast.declaration.use_case import UseCase
from serving.row_models import example
from tests.conftest import ROOT
from tests.copies import new_home
from tests.jobs.commands import BIN, activated
from tests.servers import OPENER, free_port, running
from tests.small_models import make_track_scorer, register_folder


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built as `make wheel` does it, from a copy of what git knows."""
    copy = tmp_path_factory.mktemp("copy")
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listed, cwd=ROOT, capture_output=True, check=True).stdout
    for name in filter(None, names.decode().split("\0")):
        if (ROOT / name).exists():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, copy / name, follow_symlinks=False)
    out = copy / "dist"
    build = [str(BIN / "uv"), "build", "--quiet", "--wheel", "--out-dir", str(out), str(copy)]
    subprocess.run(build, check=True)
    (built,) = out.glob("*.whl")
    return built


def test_it_does_not_drag_in_what_the_platform_has(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as files:
        (metadata,) = [n for n in files.namelist() if n.endswith("METADATA")]
        told = files.read(metadata).decode()
    needed = re.findall(r"^Requires-Dist: ([\w-]+)[^;\n]*$", told, flags=re.MULTILINE)
    assert {"mlflow", "onnxruntime", "databricks-sdk"} <= set(needed)
    assert not {"pyspark", "delta-spark", "streamlit"} & set(needed)
    extras = re.findall(r"^Requires-Dist: ([\w-]+).*extra == .spark.$", told, flags=re.MULTILINE)
    assert extras == ["pyspark", "delta-spark"]


def test_it_has_the_declarations_and_the_api(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as files:
        names = set(files.namelist())
        assert files.read("hitcast/conf/spotify.yml") == (ROOT / "conf/spotify.yml").read_bytes()
    assert {"serving/main.py", "hitcast/sources/twin/profile.json"} <= names
    assert {"LICENSE", "NOTICE"} <= {name.rpartition("/")[2] for name in names}
    assert not [
        name for name in names if name.startswith(("tests", "frontend", "benchmarks", "rehearsal"))
    ]


def test_the_apis_app_runs_as_its_yaml_says(wheel: Path, tmp_path: Path, spotify: UseCase) -> None:
    # As Databricks does it: the folder's files alone, its requirements installed, its command run.
    source = tmp_path / "source_code"
    shutil.copytree(ROOT / "serving", source, ignore=shutil.ignore_patterns("__pycache__", "*.whl"))
    shutil.copy(wheel, source)
    assert f"./{wheel.name}" in (source / "requirements.txt").read_text().splitlines()
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
