"""Versions judged and moved, in a registry of small models."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hitcast.declaration.sections import Promotion
from hitcast.declaration.use_case import UseCase
from hitcast.errors import GeneratedRowsError, MissingColumnsError, RegistryError
from hitcast.models.by_hand import roll_back, set_by_hand
from hitcast.models.catalog_tags import LONGEST
from hitcast.models.claims import UNDER_WAY
from hitcast.models.comparing import TestRows
from hitcast.models.due import challenger_of
from hitcast.models.evidence import Challenger, load_challenger
from hitcast.models.moves import PENDING
from hitcast.models.promotion import Judgement, judge, provisional, unable
from hitcast.models.registry import Registry
from hitcast.models.settling import settle, settle_or_stage
from hitcast.models.version_tags import (
    ARCHIVED,
    DATA_AT,
    DATA_VERSION,
    DISABLED,
    PARITY,
    REASON_TAG,
    TABLE_ID,
    TABLE_VERSION,
    is_judged,
)
from hitcast.portable.card import Card
from hitcast.portable.scorer import Scorer
from hitcast.running.home import Home
from tests.copies import copy_home, new_home
from tests.models.memory_history import MemoryHistory
from tests.small_models import NAME, make_scorer, register

X = np.linspace(-2, 2, 80)


def rows(_: Sequence[Card] = (), *, generated: bool = False) -> TestRows:
    """Test rows whose label is 1 where x is positive, but for every seventh."""
    label = ((X > 0) ^ (np.arange(80) % 7 == 0)).astype(float)
    hidden = np.zeros(80, dtype=bool)
    return TestRows({"x": X}, label, generated, np.arange(80), hidden)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A useless version 1 in production, a good version 2."""
    folder = tmp_path_factory.mktemp("promotion")
    home = new_home(folder / "home")
    register(home, -1.0, folder / "one")
    register(home, 1.0, folder / "two")
    registry = Registry(home, NAME)
    registry.set_alias("production", 1)
    for number in (1, 2):
        registry.tag(number, TABLE_ID, "table")
    return home


@pytest.fixture
def registry(home: Home, tmp_path: Path) -> Registry:
    """A copy of that home's registry."""
    return Registry(copy_home(home.folder, tmp_path / "home"), NAME)


@pytest.fixture
def history() -> MemoryHistory:
    """No moves yet."""
    return MemoryHistory()


def judged(
    registry: Registry, history: MemoryHistory, number: int, use_case: UseCase, **given: Any
) -> Judgement:
    """Judge a version as the job does, up to the aliases."""
    challenger = load_challenger(registry, registry.version(number))
    return judge(registry, history, challenger, given.get("read", rows), use_case)


def promote(
    registry: Registry, history: MemoryHistory, number: int, use_case: UseCase, **given: Any
) -> Judgement:
    """Judge it and carry that out."""
    found = judged(registry, history, number, use_case, **given)
    return settle(registry, history, number, found, "tests")


def moves(history: MemoryHistory) -> list[tuple[Any, ...]]:
    names = ("alias", "from_version", "to_version", "decision")
    return [tuple(row[name] for name in names) for row in history.rows()]


def test_a_better_challenger_takes_over_and_the_old_one_is_kept_as_previous(
    registry: Registry, history: MemoryHistory, spotify: UseCase
) -> None:
    registry.set_alias("staging", 2)
    found = promote(registry, history, 2, spotify)
    assert found.decision.alias == "production"
    assert registry.aliases() == {"previous": 1, "production": 2}
    assert registry.version(2).tags[REASON_TAG].startswith("better: average_precision 0.")
    assert ARCHIVED in registry.version(1).tags
    assert moves(history) == [("production", 1, 2, "promoted")]
    (row,) = history.rows()
    assert row["who"].endswith("tests")
    assert row["figures"]["gain_low"] > 0


def test_a_worse_challenger_stays_staging_with_the_reason(
    registry: Registry, history: MemoryHistory, spotify: UseCase
) -> None:
    registry.set_alias("production", 2)
    for _ in range(2):
        assert promote(registry, history, 1, spotify).decision.alias == "staging"
    assert registry.aliases() == {"production": 2, "staging": 1}
    assert registry.version(1).tags[REASON_TAG].startswith("areaUnderROC has to be at least")
    assert "not better by more than" in registry.version(1).tags[REASON_TAG]
    assert moves(history) == [("staging", None, 1, "not promoted")], "told once"


def test_a_comparison_of_too_few_rows_to_guard_anything_says_so(
    registry: Registry, history: MemoryHistory, spotify: UseCase
) -> None:
    every = rows()
    few = replace(every, label=every.label * (X > 1))
    told = judged(registry, history, 2, spotify, read=lambda _: few).decision.reasons[-1]
    positive = int(few.label.sum())
    rare = f"the rarest class has {positive} of 80 test rows"
    assert told.startswith(f"nothing but average_precision was guarded: {rare}")
    assert "was guarded" not in judged(registry, history, 2, spotify).decision.reasons[-1]


def test_generated_rows_do_not_judge_versions_of_real_rows(
    registry: Registry, history: MemoryHistory, spotify: UseCase
) -> None:
    with pytest.raises(GeneratedRowsError, match="real test rows to judge version 2"):
        promote(registry, history, 2, spotify, read=lambda _: rows(generated=True))
    assert registry.aliases() == {"production": 1}


def test_without_a_champion_floors_and_parity_decide(
    registry: Registry, history: MemoryHistory, spotify: UseCase
) -> None:
    registry.remove_alias("production")
    assert promote(registry, history, 1, spotify).decision.alias == "staging"
    registry.remove_tag(2, PARITY)
    assert "hitcast.parity" in promote(registry, history, 2, spotify).decision.reasons[0]
    registry.tag(2, PARITY, "1e-12")
    assert promote(registry, history, 2, spotify).decision.reasons[0].startswith("first version")
    assert registry.aliases() == {"production": 2}


def test_several_trainings_on_one_data_version_are_several_tries(
    registry: Registry, history: MemoryHistory, spotify: UseCase
) -> None:
    assert "one of 2 tries" in judged(registry, history, 2, spotify).decision.reasons[1]
    unregistered = replace(load_challenger(registry, registry.version(2)), number=None)
    found = judge(registry, history, unregistered, rows, spotify)
    assert "one of 3 tries" in found.decision.reasons[1], "itself is not among the versions yet"
    registry.tag(2, TABLE_VERSION, "4")
    assert "tries" not in judged(registry, history, 2, spotify).decision.reasons[1]
    registry.tag(2, DATA_VERSION, registry.version(1).tags[TABLE_VERSION])
    assert "one of 2 tries" in judged(registry, history, 2, spotify).decision.reasons[1], "tidied"
    registry.tag(1, TABLE_ID, "another")
    registry.tag(1, DATA_AT, "2024-05-01T00:00:00+00:00")
    registry.tag(2, DATA_AT, "2024-05-02T00:00:00+00:00")
    assert "tries" not in judged(registry, history, 2, spotify).decision.reasons[1]
    registry.tag(1, DATA_AT, "2024-05-03T00:00:00+00:00")
    assert judged(registry, history, 2, spotify).decision.reasons[0].startswith("trained on older")


def test_a_champion_of_another_label_rule_or_without_a_scorer_leaves_staging_and_no_error(
    registry: Registry, history: MemoryHistory, spotify: UseCase, tmp_path: Path
) -> None:
    fine = load_challenger(registry, registry.version(2))
    card = fine.scorer.card.fingerprint
    other = {**card, "label": {"column": "y", "at_least": 2.0}}
    scorer = Scorer.load(make_scorer(tmp_path / "other", 1.0, fingerprint=other))
    found = judge(registry, history, Challenger(None, fine.tags, scorer), rows, spotify)
    assert "version 1 in production: it has another label rule" in found.decision.reasons[0]
    assert "--version N --alias production" in found.decision.reasons[0]
    nameless = Scorer.load(make_scorer(tmp_path / "nameless", 1.0, fingerprint={}))
    found = judge(registry, history, Challenger(None, fine.tags, nameless), rows, spotify)
    assert "does not state split" in found.decision.reasons[0]

    def lacking(cards: Sequence[Card]) -> TestRows:
        if len(cards) == 2:
            raise MissingColumnsError("gold has no x any more")
        return rows()

    found = judged(registry, history, 2, spotify, read=lacking)
    assert found.decision.alias == "staging"
    assert "can't be compared with version 1 in production: gold has" in found.decision.reasons[0]
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(registry, "download_scorer", lambda *_: Path("nowhere"))
        found = judge(registry, history, fine, rows, spotify)
    assert found.decision.alias == "staging"
    assert "card.json" in found.decision.reasons[0]
    settle(registry, history, 2, found, "tests")
    assert registry.aliases() == {"production": 1, "staging": 2}
    assert is_judged(registry.version(2))


def test_a_training_that_may_not_write_the_table_of_moves_leaves_a_version_for_the_next_run(
    registry: Registry, history: MemoryHistory, spotify: UseCase
) -> None:
    found = judged(registry, history, 2, spotify)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(MemoryHistory, "_try", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            settle(registry, history, 2, found, "tests")
        told = settle_or_stage(registry, history, 2, found, "tests").decision.reasons[0]
    assert told.startswith("it could not be promoted: error: ZeroDivisionError")
    assert registry.aliases() == {"production": 1, "staging": 2}
    assert not is_judged(registry.version(2))
    history.take_in(registry)
    assert promote(registry, history, 2, spotify).told == "promoted"


def test_what_may_pass_by_itself_leaves_a_version_to_be_judged_by_the_next_run(
    registry: Registry, history: MemoryHistory, spotify: UseCase
) -> None:
    fine = load_challenger(registry, registry.version(2))

    def down(*_: Any) -> Path:
        raise ConnectionError("503: come back later")

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(registry, "download_scorer", down)
        found = judge(registry, history, fine, rows, spotify)
    assert "ConnectionError: 503: come back later" in found.decision.reasons[0]
    settle(registry, history, 2, found, "tests")
    assert registry.aliases() == {"production": 1, "staging": 2}
    assert not is_judged(registry.version(2))


def test_a_dry_run_tells_and_moves_nothing_but_staging(
    registry: Registry, history: MemoryHistory, spotify: UseCase
) -> None:
    dry = spotify.model_copy(update={"promotion": Promotion(mode="dry_run")})
    found = promote(registry, history, 2, dry)
    assert found.told == "would be promoted"
    assert registry.aliases() == {"production": 1, "staging": 2}
    assert registry.version(2).tags[REASON_TAG].startswith("would be promoted (promotion.mode")
    assert "--version N --alias production" in found.decision.reasons[0]
    assert is_judged(registry.version(2))
    assert promote(registry, history, 2, spotify).told == "promoted", "once it is enabled"


def test_disabled_promotion_judges_nothing_and_counts_as_done(
    registry: Registry, history: MemoryHistory, spotify: UseCase
) -> None:
    off = spotify.model_copy(update={"promotion": Promotion(mode="disabled")})

    def never(_: Sequence[Card]) -> TestRows:
        raise AssertionError("no rows are read")

    assert promote(registry, history, 2, off, read=never).told == "disabled"
    assert registry.aliases() == {"production": 1, "staging": 2}
    assert registry.version(2).tags[REASON_TAG] == DISABLED
    assert is_judged(registry.version(2))


def test_any_alias_is_set_by_hand_and_a_tag_keeps_it_until_the_table_has_it(
    registry: Registry, history: MemoryHistory
) -> None:
    registry.set_alias("staging", 2)
    assert set_by_hand(registry, 2, "test-1003")["alias"] == "test-1003"
    assert not is_judged(registry.version(2)), "a trial is no judgement"
    assert set_by_hand(registry, 2, "production")["decision"] == "promoted"
    assert registry.aliases() == {"previous": 1, "production": 2, "test-1003": 2}, "no staging"
    assert is_judged(registry.version(2))
    assert ARCHIVED in registry.version(1).tags
    with pytest.raises(RegistryError, match=r"among \[1, 2\], got 7"):
        set_by_hand(registry, 7, "production")
    assert sum(name.startswith(PENDING) for name in registry.version(2).tags) == 2
    for _ in range(2):
        history.take_in(registry)
    assert not any(name.startswith(PENDING) for name in registry.version(2).tags)
    assert sorted(moves(history)) == [
        ("production", 1, 2, "by hand"),
        ("test-1003", None, 2, "by hand"),
    ]  # noqa: E501


def test_a_rollback_goes_back_in_one_step_and_can_be_rolled_back(
    registry: Registry, history: MemoryHistory, spotify: UseCase
) -> None:
    with pytest.raises(RegistryError, match="with the alias previous to go back to"):
        roll_back(registry)
    promote(registry, history, 2, spotify)
    assert roll_back(registry)["version"] == 1
    assert registry.aliases() == {"previous": 2, "production": 1}
    assert ARCHIVED in registry.version(2).tags
    assert ARCHIVED not in registry.version(1).tags
    history.take_in(registry)
    assert roll_back(registry)["decision"] == "rolled back"
    assert registry.aliases() == {"previous": 1, "production": 2}
    assert ARCHIVED in registry.version(1).tags
    history.take_in(registry)
    assert [move[1:3] for move in moves(history)] == [(1, 2), (2, 1), (1, 2)]


def test_a_rollback_given_again_before_there_is_a_row_of_it_stays_where_it_is(
    registry: Registry, history: MemoryHistory, capsys: pytest.CaptureFixture[str]
) -> None:
    set_by_hand(registry, 2, "production")
    assert "version 2 is production (set by hand)" in capsys.readouterr().err
    first = roll_back(registry)
    assert "version 1 is production (rolled back from version 2)" in capsys.readouterr().err
    assert roll_back(registry) == first, "as after an export that failed"
    assert registry.aliases() == {"previous": 2, "production": 1}
    assert "--version 2 --alias production" in capsys.readouterr().err
    set_by_hand(registry, 2, "production")
    set_by_hand(registry, 1, "production")
    assert roll_back(registry)["version"] == 2, "the newest move is another"
    history.take_in(registry)
    assert len(history.held) == 5


WRITES = ("set_alias", "remove_alias", "tag", "remove_tag")


class Ending:
    """Lets a registry and a history write so often, and then ends the run."""

    def __init__(self, registry: Registry, patched: pytest.MonkeyPatch, lost: int) -> None:
        self.left = lost
        for owner, names in ((registry, WRITES), (MemoryHistory, ("_try",))):
            for name in names:
                patched.setattr(owner, name, self.ending(getattr(owner, name)))

    def ending(self, write: Any) -> Any:
        """The same, as long as there is one left."""

        def ended(*given: Any, **named: Any) -> Any:
            if self.left == 0:
                raise KeyboardInterrupt
            self.left -= 1
            return write(*given, **named)

        return ended


@pytest.mark.parametrize("lost", range(6))
def test_a_judgement_that_ends_early_is_made_up_for(
    registry: Registry, history: MemoryHistory, spotify: UseCase, lost: int
) -> None:
    registry.set_alias("staging", 2)
    with pytest.MonkeyPatch.context() as patched:
        Ending(registry, patched, lost)
        with pytest.raises(KeyboardInterrupt):
            promote(registry, history, 2, spotify)
    challenger = challenger_of(registry)
    assert challenger is not None
    assert challenger.number == 2
    promote(registry, history, 2, spotify)
    assert registry.aliases() == {"previous": 1, "production": 2}
    assert is_judged(registry.version(2))
    assert ARCHIVED in registry.version(1).tags
    assert moves(history) == [("production", 1, 2, "promoted")]


@pytest.mark.parametrize("again", [True, False])
@pytest.mark.parametrize("lost", range(7))
def test_a_rollback_that_ends_early_is_made_up_for(
    registry: Registry, history: MemoryHistory, spotify: UseCase, lost: int, *, again: bool
) -> None:
    promote(registry, history, 2, spotify)
    with pytest.MonkeyPatch.context() as patched:
        Ending(registry, patched, lost)
        with pytest.raises(KeyboardInterrupt):
            roll_back(registry)
            history.take_in(registry)
    if lost < 2 or not again:
        history.take_in(registry)
    if lost < 2:  # Before the alias moved: nothing has happened.
        assert registry.aliases() == {"previous": 1, "production": 2}
    if lost < 2 or again:
        roll_back(registry)
        history.take_in(registry)
    assert registry.aliases() == {"previous": 2, "production": 1}
    assert ARCHIVED in registry.version(2).tags
    assert moves(history)[1:] == [("production", 2, 1, "rolled back")]


def test_a_version_is_registered_with_its_judgement_and_is_judged_once_aliases_moved(
    registry: Registry, history: MemoryHistory, spotify: UseCase
) -> None:
    found = judged(registry, history, 2, spotify)
    ((name, reason),) = provisional(found).items()
    registry.tag(2, name, reason)
    assert "aliases are to follow: better: " in reason
    assert not is_judged(registry.version(2))
    settle(registry, history, 2, found, "tests")
    assert is_judged(registry.version(2))


def test_of_two_promotions_at_once_one_is_made_and_the_other_says_so(
    registry: Registry, history: MemoryHistory, spotify: UseCase, tmp_path: Path
) -> None:
    register_third(registry, tmp_path)
    first, second = (judged(registry, history, number, spotify) for number in (2, 3))
    assert first.decision.alias == second.decision.alias == "production"
    settle(registry, history, 3, second, "tests")
    outdone = settle(registry, history, 2, first, "tests")
    assert outdone.told == "outdone"
    assert outdone.decision.reasons[0].startswith("version 3 went to production meanwhile")
    assert registry.aliases() == {"previous": 1, "production": 3, "staging": 2}
    assert not is_judged(registry.version(2)), "the next run judges it against version 3"


def test_a_promotion_that_is_told_of_but_not_made_yet_is_waited_for_unless_it_was_killed(
    registry: Registry, history: MemoryHistory, spotify: UseCase, tmp_path: Path
) -> None:
    register_third(registry, tmp_path)
    with pytest.MonkeyPatch.context() as patched:
        Ending(registry, patched, 1)
        with pytest.raises(KeyboardInterrupt):
            promote(registry, history, 2, spotify)
    assert len(history.held) == 1
    found = promote(registry, history, 3, spotify)
    assert found.told == "outdone"
    assert found.decision.reasons[0].startswith("version 2 is going to production")
    history.take_in(registry)
    assert len(history.held) == 2, "it may come to it yet"
    history.held[0]["at"] -= UNDER_WAY
    for _ in range(2):
        history.take_in(registry)
    assert moves(history)[2:] == [("production", 2, 1, "not made")], "once"
    assert promote(registry, history, 3, spotify).told == "promoted"
    assert registry.aliases() == {"previous": 1, "production": 3}
    history.held[-1]["at"] -= UNDER_WAY
    history.take_in(registry)
    assert moves(history)[3:] == [("production", 1, 3, "promoted")]


def test_a_version_is_told_of_by_a_tag_where_the_table_of_moves_can_not_be_read(
    registry: Registry, history: MemoryHistory, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(MemoryHistory, "rows", lambda _: 1 / 0)
        found = unable(registry, "it could not be judged: " + "nobody knows why; " * 100)
        settle(registry, history, 2, found, "tests")
    (kept,) = [text for name, text in registry.version(2).tags.items() if name.startswith(PENDING)]
    assert len(kept) <= LONGEST
    assert "alias_history has no row of this yet" in capsys.readouterr().err
    assert registry.aliases() == {"production": 1, "staging": 2}
    assert not is_judged(registry.version(2))
    history.take_in(registry)
    assert moves(history) == [("staging", None, 2, "not promoted")]


def test_production_moved_elsewhere_breaks_nothing(
    registry: Registry, history: MemoryHistory, spotify: UseCase
) -> None:
    promote(registry, history, 2, spotify)
    registry.set_alias("production", 1)
    assert promote(registry, history, 2, spotify).told == "promoted", "it is better still"
    assert moves(history) == [("production", 1, 2, "promoted")] * 2
    registry.tag(2, REASON_TAG, "not judged yet")
    found = judged(registry, history, 2, spotify)
    settle(registry, history, 2, found, "tests")
    assert registry.version(2).tags[REASON_TAG] == "version 2 is in production already"
    registry.tag(2, REASON_TAG, "better")
    promote(registry, history, 2, spotify)
    assert registry.version(2).tags[REASON_TAG] == "better"
    late = judged(registry, history, 1, spotify)
    assert late.decision.alias == "staging"


def register_third(registry: Registry, folder: Path) -> None:
    """A version 3 that is as good as version 2."""
    number = register(Home(folder / "home"), 1.0, folder / "three")
    assert number == 3
    registry.tag(3, TABLE_ID, "table")
