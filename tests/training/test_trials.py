import pytest

from hitcast.declaration.candidates import Candidate
from hitcast.training.trials import Method, Parameters, build_proposer

CANDIDATE = Candidate.model_validate(
    {
        "encoding": "indexed",
        "search": {
            "depth": {"grid": [3, 5, 7], "low": 2, "high": 8, "integer": True},
            "rate": {"grid": [0.01, 0.1], "low": 0.001, "high": 1.0, "log": True},
            "kind": {"grid": ["a", "b"]},
        },
    }
)


def proposed(method: Method, trials: int, seed: int = 0) -> list[Parameters]:
    proposer = build_proposer(method, CANDIDATE, trials, seed)
    found = []
    for parameters in proposer:
        found.append(parameters)
        proposer.tell(float(parameters["rate"]))
    assert len(found) == proposer.trials
    return found


def test_a_grid_is_the_whole_product() -> None:
    points = proposed("grid", 100)
    assert len(points) == 12
    assert len({tuple(p.values()) for p in points}) == 12


def test_a_grid_with_too_many_points_is_thinned_evenly() -> None:
    points = proposed("grid", 4)
    assert len(points) == 4
    assert {p["depth"] for p in points} == {3, 5, 7}


@pytest.mark.parametrize("method", ["random", "tpe"])
def test_drawn_trials_stay_in_range_and_are_repeated_by_seed(method: Method) -> None:
    points = proposed(method, 25)
    assert all(2 <= p["depth"] <= 8 and isinstance(p["depth"], int) for p in points)  # type: ignore[operator]
    assert all(0.001 <= p["rate"] <= 1.0 for p in points)  # type: ignore[operator]
    assert {p["kind"] for p in points} == {"a", "b"}
    assert points == proposed(method, 25)
    assert points != proposed(method, 25, seed=1)


def test_tpe_learns_where_scores_are_high() -> None:
    points = proposed("tpe", 40)
    early = sum(float(p["rate"]) for p in points[:10])
    late = sum(float(p["rate"]) for p in points[-10:])
    assert late > 2 * early


def test_a_candidate_without_a_space_has_one_trial() -> None:
    alone = Candidate(encoding="one_hot")
    assert list(build_proposer("tpe", alone, 5, 0)) == [{}]
