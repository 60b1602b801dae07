"""The public demo's folder: what is in it, what is kept out, its start in a clean environment."""

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request

import pytest
import yaml

from deploy.space import assemble
from hitcast.declaration.loading import load_use_case
from hitcast.declaration.use_case import UseCase
from hitcast.models.registry import PRODUCTION, Registry
from hitcast.portable.card import VERSION_FILE
from serving.row_models import example
from tests.conftest import ROOT
from tests.copies import new_home
from tests.exports import export
from tests.five import ROW, five, write_five
from tests.jobs.commands import BIN, last_line, last_line_here, run, status_here
from tests.servers import OPENER, free_port, running
from tests.small_models import register_folder

SPACE = ROOT / "deploy/space"
MOST_BYTES = 400 * 10**6
"""Of the installed packages."""


@pytest.fixture
def scorer(tmp_path: Path, spotify: UseCase) -> Path:
    """An exported scorer of the tracks."""
    return export(tmp_path / "scorer", spotify, 3)


def blocks(path: Path) -> dict[str, str]:
    """What a lock says of each package, hashes and all, by its first line."""
    found = re.split(r"^(?=\S)", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {block.partition(" \\")[0]: block for block in found if "==" in block}


def test_what_is_installed_is_what_the_project_has_locked() -> None:
    ours, locked = blocks(SPACE / "requirements.txt"), blocks(ROOT / "requirements.lock")
    assert {"fastapi", "onnxruntime", "numpy"} <= {name.partition("==")[0] for name in ours}
    assert {name for name in ours if ours[name] != locked.get(name)} == set()


def test_what_is_asked_for_is_what_the_api_and_the_scorer_need() -> None:
    lines = (SPACE / "requirements.in").read_text().splitlines()
    asked = {line for line in lines if not line.startswith("#")}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    api = {re.split("[<>=]", line)[0] for line in project["optional-dependencies"]["api"]}
    assert asked == api | {"numpy", "onnxruntime", "pydantic", "pyyaml"}


def test_the_folder_is_what_a_hosting_space_takes(
    tmp_path: Path, scorer: Path, spotify: UseCase
) -> None:
    out = tmp_path / "space"
    told = last_line_here(assemble, "--scorer", scorer, "--out", out)
    assert (told["space"], told["version"]) == (str(out), 3)
    assert {path.name for path in out.iterdir()} == assemble.NAMES
    _, header, text = (out / "README.md").read_text(encoding="utf-8").split("---\n", 2)
    told = yaml.safe_load(header)
    assert (told["title"], told["sdk"]) == (spotify.title, "docker")
    docker, start = (out / "Dockerfile").read_text(), (out / "start.sh").read_text()
    assert f"EXPOSE {told['app_port']}\n" in docker
    assert f"{{PORT:-{told['app_port']}}}" in start
    assert "version 3 of `spotify`" in text
    assert "trained on real tracks" in text
    assert "$" not in text
    assert [path.name for path in (out / "conf").iterdir()] == ["spotify.yml"]
    assert not [path for path in out.rglob("*") if path.suffix in {".pyc", ".whl"}]
    # Whoever keeps the image keeps no key, and nothing in it is open to be switched.
    assert "ADMIN" not in start + docker


def test_a_folder_is_renewed_and_what_git_keeps_there_stays(
    tmp_path: Path, scorer: Path, spotify: UseCase
) -> None:
    out = tmp_path / "space"
    (out / ".git").mkdir(parents=True)
    (out / ".gitattributes").write_text("*.onnx filter=lfs\n")
    (out / "README.md").write_text("of the host\n")
    last_line_here(assemble, "--scorer", scorer, "--out", out)
    (out / "serving/gone.py").touch()
    export(scorer, spotify, 4)
    last_line_here(assemble, "--scorer", scorer, "--out", out)
    assert json.loads((out / "scorer" / VERSION_FILE).read_text())["version"] == 4
    assert not (out / "serving/gone.py").exists()
    assert {path.name for path in out.iterdir()} == {*assemble.NAMES, ".git", ".gitattributes"}
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".space")] == []


def test_what_would_be_published_by_mistake_is_refused(
    tmp_path: Path, scorer: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "space"
    out.mkdir()
    (out / "kaggle.json").touch()
    assert status_here(assemble, "--scorer", scorer, "--out", out) == 1
    assert "found ['kaggle.json'] there; name another folder" in capsys.readouterr().err
    assert [path.name for path in out.iterdir()] == ["kaggle.json"]


def test_values_of_private_columns_are_not_published(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HITCAST_CONF", str(write_five(tmp_path / "conf")))
    scorer, out = export(tmp_path / "scorer", five()), tmp_path / "space"
    words = ("--use-case", "seeds", "--scorer", scorer, "--out", out)
    assert status_here(assemble, *words) == 1
    told = capsys.readouterr().err
    assert "found those of ['grower'] in its files" in told
    assert "Hof" not in told
    assert not out.exists()
    assert last_line_here(assemble, *words, "--with-private")["use_case"] == "seeds"


@pytest.mark.parametrize(
    ("use_case", "lacks", "expected"),
    [
        ("spotify", VERSION_FILE, f"{VERSION_FILE} can't be read"),
        ("spotify", "model.onnx", "a scorer's folder has card.json and model.onnx"),
        ("fraud", "", "which fraud does not declare so"),
    ],
)
def test_a_scorer_that_the_api_could_not_serve_is_refused(
    tmp_path: Path, scorer: Path, capsys: pytest.CaptureFixture[str],
    use_case: str, lacks: str, expected: str,
) -> None:  # fmt: skip
    if lacks:
        (scorer / lacks).unlink()
    out = tmp_path / "space"
    words = ("--use-case", use_case, "--scorer", scorer, "--out", out)
    assert status_here(assemble, *words) == 1
    told = capsys.readouterr().err
    assert expected in told
    assert told.count("\n") == 1
    assert not out.exists()


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clean environment with what the space names, installed by hash."""
    place = tmp_path_factory.mktemp("clean") / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", place], check=True)
    install = [str(BIN / "uv"), "pip", "install", "--quiet", "--require-hashes", "--python"]
    packages = [str(place / "bin/python"), "-r", str(SPACE / "requirements.txt")]
    subprocess.run([*install, *packages], check=True)
    return place


@pytest.mark.slow
def test_the_packages_are_few(environment: Path) -> None:
    (packages,) = environment.glob("lib/python*/site-packages")
    files = [path for path in packages.rglob("*") if path.is_file() and not path.is_symlink()]
    assert sum(path.stat().st_size for path in files) <= MOST_BYTES
    assert not [path for path in packages.iterdir() if path.name in {"mlflow", "pandas", "pyspark"}]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["spotify", "pistachio", "seeds"])
def test_it_answers_by_its_start_command_in_a_clean_environment(
    environment: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    conf = write_five(tmp_path / "conf") if name == "seeds" else ROOT / "conf"
    monkeypatch.setenv("HITCAST_CONF", str(conf))
    use_case = load_use_case(name)
    row = ROW if name == "seeds" else example(use_case, optional=False)
    out = tmp_path / "space"
    words: list[str | Path] = ["--use-case", name, "--out", out]
    if name == "spotify":
        # As a training leaves it: production in a home's registry.
        home = new_home(tmp_path / "home")
        made = export(tmp_path / "scorer", use_case)
        Registry(home, name).set_alias(PRODUCTION, register_folder(home, name, made, row))
        version = last_line_here(assemble, *words, "--home", home.folder)["version"]
    else:
        words += ["--scorer", export(tmp_path / "scorer", use_case), "--with-private"]
        done = run(sys.executable, SPACE / "assemble.py", *words, HITCAST_CONF=str(conf))
        version = last_line(done)["version"]

    command = json.loads((out / "Dockerfile").read_text().splitlines()[-1].removeprefix("CMD "))
    url = f"http://127.0.0.1:{(port := free_port())}"
    given = {
        "PATH": f"{environment / 'bin'}:/usr/bin:/bin", "TMPDIR": str(tmp_path),
        "HITCAST_HOST": "127.0.0.1", "PORT": str(port),
    }  # fmt: skip
    log = tmp_path / "space.log"
    with running(command, f"{url}/readyz", log=log, environment=given, folder=out):
        with OPENER.open(f"{url}/", timeout=10) as page:
            assert "frame-ancestors https://huggingface.co" in str(page.headers)
        with OPENER.open(f"{url}/schema", timeout=10) as found:
            assert [i["name"] for i in json.load(found)["inputs"]] == [
                column.name for column in use_case.inputs
            ]
        body = json.dumps(row).encode()
        with OPENER.open(Request(f"{url}/predict?detail=true", body), timeout=10) as found:
            answer = json.load(found)
        assert answer["model"]["version"] == version
        assert 0 < answer["probability"] < 1
        with OPENER.open(f"{url}/readyz", timeout=10) as found:
            assert json.load(found) == {"status": "ready", "problems": []}
    # Nothing of what was entered is kept.
    assert list((tmp_path / "hitcast").rglob("inference_log")) == []
    assert "probability" not in log.read_text()


@pytest.mark.slow
def test_callers_behind_the_hosts_proxy_are_told_apart(
    environment: Path, tmp_path: Path, scorer: Path
) -> None:
    out = tmp_path / "space"
    last_line_here(assemble, "--scorer", scorer, "--out", out)
    url = f"http://127.0.0.1:{(port := free_port())}"
    given = {
        "PATH": f"{environment / 'bin'}:/usr/bin:/bin", "TMPDIR": str(tmp_path),
        "HITCAST_HOST": "127.0.0.1", "PORT": str(port), "HITCAST_RATE_LIMIT": "3",
    }  # fmt: skip

    def status(address: str) -> int:
        try:
            request = Request(f"{url}/schema", headers={"X-Forwarded-For": address})
            with OPENER.open(request, timeout=10) as found:
                return int(found.status)
        except HTTPError as error:
            return error.code

    log = tmp_path / "space.log"
    with running(["sh", "start.sh"], f"{url}/readyz", log=log, environment=given, folder=out):
        assert [status("203.0.113.1") for _ in range(4)] == [200, 200, 200, 429]
        assert status("203.0.113.2") == 200
