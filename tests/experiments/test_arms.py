"""Which arm a unit gets: stable, in proportion to the weights, moved by as little as possible."""

import json
import math
import subprocess
import sys
from collections import Counter

import pytest

from hitcast.declaration.experiment import Experiment
from hitcast.experiments.arms import arm_of, takes_part

UNITS = [f"user-{number}" for number in range(20_000)]


def experiment(*weights: float, traffic: float = 1.0, salt: str = "salt") -> Experiment:
    arms = [{"alias": f"a{place}", "weight": weight} for place, weight in enumerate(weights)]
    return Experiment.model_validate(
        {"name": "x", "arms": arms, "traffic": traffic, "salt": salt, "smallest_difference": 0.1}
    )


def arms_of(given: Experiment, units: list[str] = UNITS) -> list[str | None]:
    return [arm.alias if (arm := arm_of(given, unit)) else None for unit in units]


def test_the_same_units_get_the_same_arms_in_every_version_of_this_program() -> None:
    given = experiment(1, 2, 1, traffic=0.5)
    units = ["", "1", "user-7", "Ærøskøbing", "x" * 200, "user-8", "a b", "42"]
    assert arms_of(given, units) == ["a1", None, None, None, None, None, "a2", "a0"]


def test_another_process_with_another_seed_of_hashes_says_the_same() -> None:
    script = (
        "import json, sys; from tests.experiments.test_arms import *; "
        "print(json.dumps(arms_of(experiment(1, 3, traffic=0.7), UNITS[:500])))"
    )
    said = [
        subprocess.run(
            [sys.executable, "-c", script],
            env={"PYTHONPATH": ":".join(sys.path), "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert said[0] == said[1]
    assert json.loads(said[0]) == arms_of(experiment(1, 3, traffic=0.7), UNITS[:500])


@pytest.mark.parametrize(
    "units", [100_000, pytest.param(1_000_000, marks=pytest.mark.nightly)], ids=str
)
def test_shares_are_as_declared_within_four_standard_errors(units: int) -> None:
    weights, traffic = (1.0, 2.0, 5.0), 0.4
    given = experiment(*weights, traffic=traffic)
    found = Counter(arms_of(given, [f"unit {number}" for number in range(units)]))
    declared = [(f"a{place}", traffic * weight / 8) for place, weight in enumerate(weights)]
    for arm, share in [*declared, (None, 1 - traffic)]:
        error = math.sqrt(share * (1 - share) / units)
        assert abs(found[arm] / units - share) < 4 * error


def test_a_weight_that_grows_takes_units_and_moves_none_between_the_others() -> None:
    before, after = arms_of(experiment(1, 1, 1)), arms_of(experiment(1, 1, 4))
    moved = [(old, new) for old, new in zip(before, after, strict=True) if old != new]
    assert {new for _, new in moved} == {"a2"}
    # From a third to two thirds: no way of doing so moves fewer.
    assert len(moved) / len(UNITS) == pytest.approx(1 / 3, abs=0.015)


def test_weights_all_times_the_same_move_nobody() -> None:
    assert arms_of(experiment(1, 3)) == arms_of(experiment(10, 30))


def test_more_traffic_takes_in_more_and_changes_nobody_s_arm() -> None:
    before, after = arms_of(experiment(1, 1, traffic=0.2)), arms_of(experiment(1, 1, traffic=0.6))
    assert all(new == old for old, new in zip(before, after, strict=True) if old is not None)


def test_whether_a_unit_takes_part_says_nothing_of_its_arm() -> None:
    given = experiment(1, 1, traffic=0.5)
    inside = Counter(alias for alias in arms_of(given) if alias)
    assert inside["a0"] / sum(inside.values()) == pytest.approx(0.5, abs=0.02)


def test_another_salt_chooses_anew() -> None:
    one, other = (arms_of(experiment(1, 1, salt=salt)) for salt in ("one", "other"))
    same = sum(a == b for a, b in zip(one, other, strict=True)) / len(UNITS)
    assert same == pytest.approx(0.5, abs=0.02)


def test_shadows_answer_nobody() -> None:
    given = Experiment.model_validate(
        {
            "name": "x",
            "arms": [{"alias": "a"}, {"alias": "b", "shadow": True}],
            "smallest_difference": 1,
        }
    )
    assert set(arms_of(given)) == {"a"}
    assert takes_part(given, "anybody")
