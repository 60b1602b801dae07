"""Searches whose trials fail now and then."""

from typing import Any

import numpy as np
import pytest

from hitcast.declaration.candidates import Candidate
from hitcast.errors import UseCaseError
from hitcast.training.rows import Rows
from hitcast.training.search import CvResult, search
from hitcast.training.trials import Parameters, build_proposer

SPACE = Candidate.model_validate(
    {"encoding": "one_hot", "search": {"depth": {"grid": [1, 2, 3], "low": 1, "high": 9}}}
)


def result(parameters: Parameters) -> CvResult:
    """A result that is the better, the deeper."""
    nothing = np.empty(0)
    none = np.empty(0, dtype=np.int64)
    rows = Rows(none, nothing, none, none, np.empty(0, dtype=bool))
    score = {"f1": float(parameters["depth"])}
    return CvResult("xgboost", parameters, rows, nothing, 0.5, (score, score))


@pytest.mark.parametrize("method", ["grid", "tpe"])
def test_a_trial_that_fails_is_told_and_passed_over(
    method: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[Parameters] = []

    def fails_twice(parameters: Parameters) -> CvResult:
        asked.append(parameters)
        if len(asked) < 3:
            raise RuntimeError("so many components are not there\nand more of it")
        return result(parameters)

    found = search(build_proposer(method, SPACE, 3, 0), fails_twice, metric="f1")
    assert found.parameters == asked[2]
    told = capsys.readouterr().err
    assert told.count("is left out: so many components are not there\n") == 2


def test_a_search_whose_trials_all_fail_fails_as_the_last() -> None:
    def fails(parameters: Parameters) -> CvResult:
        raise RuntimeError(f"no {parameters['depth']}")

    with pytest.raises(RuntimeError, match="no 3"):
        search(build_proposer("grid", SPACE, 3, 0), fails, metric="f1")


def test_what_conf_says_wrong_ends_a_search_at_once() -> None:
    def refuses(parameters: Parameters) -> CvResult:
        raise UseCaseError(f"no such parameter: {parameters}")

    with pytest.raises(UseCaseError, match="no such parameter: {'depth': 1}"):
        search(build_proposer("grid", SPACE, 3, 0), refuses, metric="f1")
