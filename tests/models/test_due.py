"""What is left to do, told from tables and registry."""

from pathlib import Path

import pytest

from hitcast.models.due import NOT_JUDGED, Due, challenger_of, leave_due, what_is_due
from hitcast.models.promotion import REASON_TAG
from hitcast.models.registry import STAGING, Registry
from hitcast.running.home import Home
from hitcast.running.task_values import FILE
from tests.copies import copy_home, new_home
from tests.small_models import NAME, register


@pytest.fixture(scope="module")
def unjudged(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """Versions 1 and 2, trained on gold 0, neither of them judged."""
    home = new_home(tmp_path_factory.mktemp("due"))
    for number in (1, 2):
        assert register(home, 1.0, tmp_path_factory.mktemp("scorer")) == number
    return home


@pytest.fixture
def home(unjudged: Home, tmp_path: Path) -> Home:
    """A copy of it."""
    return copy_home(unjudged.folder, tmp_path / "home")


def test_without_a_model_everything_is_due_and_without_gold_nothing(tmp_path: Path) -> None:
    registry = Registry(new_home(tmp_path), NAME, create=True)
    assert what_is_due(registry, 3) == Due(train=True, judge=True)
    assert what_is_due(registry, None) == Due(train=False, judge=False)
    assert challenger_of(registry) is None


def test_a_newer_gold_is_to_be_trained_on_whoever_brought_it(home: Home) -> None:
    registry = Registry(home, NAME)
    assert what_is_due(registry, 1) == Due(train=True, judge=True)
    assert what_is_due(registry, 0) == Due(train=False, judge=True)


def test_the_newest_version_is_judged_though_its_training_did_not_get_to_call_it_staging(
    home: Home,
) -> None:
    registry = Registry(home, NAME)
    registry.set_alias(STAGING, 1)
    registry.tag(1, REASON_TAG, "better")
    assert registry.version(2).tags.get(REASON_TAG) is None
    for reason in (None, f"{NOT_JUDGED}: run jobs/promote.py"):
        if reason:
            registry.tag(2, REASON_TAG, reason)
        challenger = challenger_of(registry)
        assert challenger is not None
        assert challenger.number == 2
        assert what_is_due(registry, 0).judge
    registry.tag(2, REASON_TAG, "not better")
    assert what_is_due(registry, 0) == Due(train=False, judge=False)
    challenger = challenger_of(registry)
    assert challenger is not None
    assert challenger.number == 1


def test_tasks_after_an_ingest_are_told(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(FILE, str(tmp_path / "values.json"))
    leave_due(home, NAME, 7)
    assert (tmp_path / "values.json").read_text() == '{"to_train": "true", "to_judge": "true"}'
