"""The promotion job: goes back, exports, and needs no Spark to move an alias."""

import json
from pathlib import Path
from typing import Any

import pytest
from mlflow.exceptions import MlflowException

from hitcast.declaration.sections import Promotion
from hitcast.declaration.use_case import UseCase
from hitcast.errors import EnvironmentSetupError, RegistryError
from hitcast.models.alias_history import AliasHistory
from hitcast.models.exporting import export_production, export_where_named
from hitcast.models.moves import PENDING
from hitcast.models.registry import Registry
from hitcast.portable.scorer import Scorer
from hitcast.running import session
from hitcast.running.home import Home
from hitcast.tables.delta import Table
from jobs import promote as promote_job
from tests.copies import new_home
from tests.jobs.commands import last_line_here, status_here
from tests.small_models import make_scorer, register_folder


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home with two versions, the second in production."""
    home = new_home(tmp_path / "home")
    folder = make_scorer(tmp_path / "scorer", 1.0)
    for _ in range(2):
        register_folder(home, "spotify", folder, {"x": 1.0})
    registry = Registry(home, "spotify")
    registry.set_alias("production", 2)
    registry.set_alias("previous", 1)
    return home


def test_without_java_a_rollback_moves_the_alias_and_a_tag_keeps_it(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def none(*_: Any, **__: Any) -> None:
        raise EnvironmentSetupError("expected Java 17, found none")

    monkeypatch.setattr(session, "get_session", none)
    folder = tmp_path / "export"
    told = last_line_here(
        promote_job, "--home", home.folder, "--rollback", "--export", folder, "--why", "odd"
    )
    assert told["reasons"] == ["rolled back from version 2: odd"]
    assert (told["version"], told["alias"], told["decision"]) == (1, "production", "rolled back")
    assert told["exported"] == str(folder)
    registry = Registry(home, "spotify")
    assert registry.aliases() == {"previous": 2, "production": 1}
    (kept,) = [text for tag, text in registry.version(1).tags.items() if tag.startswith(PENDING)]
    assert json.loads(kept)["done"] is True
    assert "alias_history has no row of this yet" in capsys.readouterr().err
    assert Scorer.load(folder).probabilities({"x": [0.0]}) == pytest.approx([0.5])
    assert json.loads((folder / "version.json").read_text())["version"] == 1

    told = last_line_here(promote_job, "--home", home.folder, "--export", folder)
    assert (told["version"], told["decision"], told["exported"]) == (1, "exported", str(folder))


def test_a_home_without_tables_begins_none_for_a_move(
    home: Home, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(session, "get_session", lambda *_, **__: None)
    monkeypatch.setattr(Table, "exists", lambda _: False)
    monkeypatch.setattr(AliasHistory, "take_in", lambda *_: 1 / 0)
    assert last_line_here(promote_job, "--home", home.folder, "--rollback")["version"] == 1
    told = capsys.readouterr().err
    assert "alias_history has no row of this yet" in told
    assert "found no gold" in told
    assert any(tag.startswith(PENDING) for tag in Registry(home, "spotify").version(1).tags)


def test_a_rollback_whose_export_fails_goes_nowhere_else_when_it_is_given_again(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(session, "get_session", lambda *_, **__: 1 / 0)
    folder = tmp_path / "export"
    folder.mkdir()
    (folder / "thesis.txt").touch()
    words = ("--home", home.folder, "--rollback", "--export", folder)
    assert status_here(promote_job, *words) == 1
    assert "version 1 is production (rolled back from version 2)" in capsys.readouterr().err
    (folder / "thesis.txt").unlink()
    told = last_line_here(promote_job, *words)
    assert (told["version"], told["exported"]) == (1, str(folder))
    assert Registry(home, "spotify").aliases() == {"previous": 2, "production": 1}


@pytest.mark.parametrize(
    ("version", "beside"),
    [({"version": "1.2"}, []), (["of", "ours", "not"], []), (None, ["notes"])],
)
def test_a_folder_of_somebody_else_is_no_export_though_it_has_such_a_file(
    home: Home, tmp_path: Path, version: Any, beside: list[str]
) -> None:
    registry, folder = Registry(home, "spotify"), tmp_path / "export"
    for _ in range(2):
        export_production(registry, folder)
    for name in beside:
        (folder / name).mkdir()
    if version is not None:
        (folder / "version.json").write_text(json.dumps(version))
    before = sorted(folder.rglob("*"))
    with pytest.raises(RegistryError, match="found something else there"):
        export_production(registry, folder)
    assert sorted(folder.rglob("*")) == before


def test_an_export_that_conf_names_fails_no_job_whatever_is_in_its_way(
    home: Home,
    spotify: UseCase,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    named = spotify.model_copy(update={"promotion": Promotion(export="served")})
    registry = Registry(home, "spotify")

    def down(*_: Any) -> None:
        raise MlflowException("503: come back later")

    for call in ("download_scorer", "by_alias"):
        with monkeypatch.context() as patched:
            patched.setattr(registry, call, down)
            export_where_named(registry, home, named)
        told = capsys.readouterr().err
        assert "production was not exported: MlflowException: 503: come back later" in told
    export_where_named(registry, home, named)
    assert json.loads((home.folder / "served" / "version.json").read_text())["version"] == 2


@pytest.mark.parametrize(
    "words", [["--version", "1"], ["--alias", "production"], ["--rollback", "--version", "1"]]
)
def test_half_of_what_is_asked_for_is_refused(
    home: Home, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert status_here(promote_job, "--home", home.folder, *words) == 1
    assert "--version and --alias together, or --rollback" in capsys.readouterr().err


def test_a_reason_without_a_move_is_refused(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    assert status_here(promote_job, "--home", home.folder, "--why", "odd") == 1
    assert "expected --why with --rollback or --alias" in capsys.readouterr().err
