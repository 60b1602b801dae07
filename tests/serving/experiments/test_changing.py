"""What is kept of an experiment, and what may be changed while it runs."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from hitcast.declaration.experiment import Experiment
from serving.experiments.changing import (
    ExperimentRunsError,
    begun,
    changed,
    check_new,
    is_taken,
    started,
)
from serving.experiments.kept import EXPERIMENT_FILE, ExperimentFile, Kept, period_at, pinned
from serving.rows import BadRequestError
from serving.versions.snapshot import VersionInfo

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC).timestamp()
PINS = {"production": VersionInfo(1, "run1", 5), "staging": VersionInfo(2, "run2", 6)}


def declared(*weights: float, **others: Any) -> Experiment:
    arms = [
        {"alias": alias, "weight": weight}
        for alias, weight in zip(("production", "staging"), weights or (1.0, 1.0), strict=True)
    ]
    return Experiment.model_validate({"name": "one", "arms": arms, **others})


def running(**others: Any) -> Kept:
    return started(begun(declared(**others), PINS), NOW)


def test_what_is_kept_is_read_as_it_was_written(tmp_path: Path) -> None:
    file = ExperimentFile(tmp_path)
    assert file.read() is None
    assert pinned(tmp_path) == frozenset()
    first = running(ends="2026-12-01T00:00:00Z")
    for kept in (
        begun(declared(), PINS),
        first,
        changed(first, declared(2, 1), NOW + 60, 1.0),
    ):
        file.keep(kept)
        assert file.read() == kept
    assert pinned(tmp_path) == {"1-run1", "2-run2"}
    file.clear()
    assert file.read() is None
    (tmp_path / EXPERIMENT_FILE).write_text('{"experiment": 7}')
    assert file.read() is None
    assert "can't be read" in str(file.problem)


def test_a_change_of_weights_traffic_or_end_is_a_new_period_and_keeps_the_versions() -> None:
    kept = running()
    assert kept.period == "2026-11-28T12:00:00.000000Z"
    for wanted in (
        declared(1, 2),
        declared(traffic=0.5),
        declared(ends="2026-12-01T00:00:00Z"),
    ):
        found = changed(kept, wanted, NOW + 60, 1.0)
        assert (found.pins, found.experiment) == (kept.pins, wanted)
        assert found.period == period_at(NOW + 61)
        assert found.revision != kept.revision
        # Until all workers know of it, what was before holds.
        before, after = found.phase_at(NOW + 60.9), found.phase_at(NOW + 61)
        assert before is not None
        assert after is not None
        assert (before.experiment, before.period) == (kept.experiment, kept.period)
        assert (after.experiment, after.period) == (wanted, found.period)


def test_the_same_changes_nothing() -> None:
    kept = running()
    assert changed(kept, declared(), NOW + 60, 1.0) is kept
    assert changed(kept, declared(salt=""), NOW + 60, 1.0) is kept


@pytest.mark.parametrize(
    ("other", "named"),
    [
        ({"arms": [{"alias": "production"}, {"alias": "test-1"}]}, "arms"),
        ({"arms": [{"alias": "staging"}, {"alias": "production"}]}, "arms"),
        ({"arms": [{"alias": "production"}, {"alias": "staging", "shadow": True}]}, "arms"),
        ({"salt": "pepper"}, "salt"),
        ({"metric": "brier"}, "metric"),
        ({"smallest_difference": 0.5}, "smallest_difference"),
        ({"starts": "2026-12-01T00:00:00Z"}, "starts"),
    ],
)
def test_what_would_make_it_another_experiment_is_refused(
    other: dict[str, Any], named: str
) -> None:
    wanted = Experiment.model_validate({**declared().model_dump(), **other})
    with pytest.raises(ExperimentRunsError, match=f"other {named}; .*DELETE /experiment"):
        changed(running(), wanted, NOW + 60, 1.0)


def test_a_start_may_be_moved_until_it_has_come() -> None:
    kept = running(starts="2026-11-28T13:00:00Z")
    assert kept.period == "2026-11-28T13:00:00.000000Z"
    assert kept.phase_at(NOW) is None
    later = changed(kept, declared(starts="2026-11-28T14:00:00Z"), NOW, 1.0)
    assert later.period == "2026-11-28T14:00:00.000000Z"
    assert later.phase_at(NOW + 3600) is None
    with pytest.raises(ExperimentRunsError, match="other starts"):
        changed(kept, declared(starts="2026-11-28T14:00:00Z"), NOW + 3600, 1.0)


def test_another_name_waits_until_the_one_that_runs_is_over_or_ended() -> None:
    kept, other = running(ends="2026-11-28T13:00:00Z"), declared().model_copy(update={"name": "x"})
    assert is_taken(kept, declared(), NOW)
    assert not is_taken(None, other, NOW)
    with pytest.raises(ExperimentRunsError, match="the experiment one runs; DELETE /experiment"):
        is_taken(kept, other, NOW)
    assert not is_taken(kept, other, NOW + 3600), "its end has come"
    assert not is_taken(kept, declared(), NOW + 3600), "begun again, it is another one"


def test_an_end_that_has_come_is_refused_where_it_is_new() -> None:
    over = declared(ends="2026-11-28T11:00:00Z")
    with pytest.raises(BadRequestError, match="ends: expected a time to come"):
        check_new(over, NOW)
    with pytest.raises(BadRequestError, match="ends: expected a time to come"):
        changed(running(), over, NOW, 1.0)
    kept = running(ends="2026-11-28T13:00:00Z")
    assert changed(kept, kept.experiment, NOW + 7200, 1.0) is kept, "it is what it was"


def test_while_it_is_prepared_a_change_waits_as_it_does() -> None:
    kept = begun(declared(), PINS)
    found = changed(kept, declared(1, 2), NOW, 1.0)
    assert (found.period, found.phases) == (None, ())
    assert replace(found, revision="", experiment=kept.experiment) == replace(kept, revision="")
