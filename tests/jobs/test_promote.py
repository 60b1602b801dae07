"""The promotion job: goes back, exports, and needs no Spark to move an alias."""

import json
from pathlib import Path
from typing import Any

import pytest

from hitcast.errors import EnvironmentSetupError
from hitcast.models.moves import PENDING
from hitcast.models.registry import Registry
from hitcast.portable.scorer import Scorer
from hitcast.running import session
from hitcast.running.home import Home
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
    told = last_line_here(promote_job, "--home", home.folder, "--rollback", "--export", folder)
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


@pytest.mark.parametrize(
    "words", [["--version", "1"], ["--alias", "production"], ["--rollback", "--version", "1"]]
)
def test_half_of_what_is_asked_for_is_refused(
    home: Home, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert status_here(promote_job, "--home", home.folder, *words) == 1
    assert "--version and --alias together, or --rollback" in capsys.readouterr().err
