"""What make does for a use case that the project does not have."""

import os
import subprocess

import pytest

from tests.conftest import ROOT

PASSED_ON = ("MAKEFLAGS", "MAKELEVEL", "USE_CASE", "CANDIDATES", "HITCAST_USE_CASE")


def told(*words: str) -> str:
    """What make would do, one command a line."""
    # Tests may be run by make, which passes its own options on.
    clean = {name: value for name, value in os.environ.items() if name not in PASSED_ON}
    found = subprocess.run(
        ["make", "-n", *words], cwd=ROOT, env=clean, capture_output=True, text=True, check=True
    )
    return found.stdout


def test_a_use_case_of_ones_own_is_run_with_the_families_that_it_declares() -> None:
    assert "--use-case mine --candidates all " in told("run", "USE_CASE=mine")
    assert "--use-case mine --candidates naive_bayes " in told(
        "run", "USE_CASE=mine", "CANDIDATES=naive_bayes"
    )
    assert "--use-case spotify --candidates logistic_regression xgboost " in told("run")


def test_a_space_is_that_of_the_use_case_in_the_folder_that_is_named() -> None:
    command = 'deploy/space/assemble.py --use-case mine --out "/a b/c"'
    assert command in told("space", "USE_CASE=mine", "OUT=/a b/c")


@pytest.mark.parametrize("target", ["serve", "studio"])
def test_what_is_served_is_the_use_case_that_is_named(target: str) -> None:
    assert "HITCAST_USE_CASE=mine " in told(target, "USE_CASE=mine")
    assert "HITCAST_USE_CASE" not in told(target)
