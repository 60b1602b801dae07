import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hitcast.declaration.sections import Gates
from hitcast.declaration.use_case import UseCase
from hitcast.errors import GeneratedRowsError, RegistryError
from hitcast.models.due import challenger_of
from hitcast.models.promotion import (
    REASON_TAG,
    Contender,
    TestRows,
    decide_promotion,
    is_judged,
    promote,
    set_by_hand,
)
from hitcast.models.registry import Registry
from hitcast.running.home import Home
from tests.copies import copy_home, new_home
from tests.small_models import NAME, register

METRIC = "average_precision"
GATES = Gates(min_improvement=0.01)
X = np.linspace(-2, 2, 40)


def rows(*, generated: bool = False) -> TestRows:
    """Test rows whose label is 1 where x is positive."""
    return TestRows({"x": X.tolist()}, (X > 0).astype(float), generated)


def contender(score: float, *, version: int = 2, generated: bool = False) -> Contender:
    return Contender(version, score, generated)


def test_the_first_version_becomes_production() -> None:
    assert decide_promotion(contender(0.1), None, GATES, METRIC).alias == "production"


@pytest.mark.parametrize(
    ("score", "alias"),
    [(0.52, "production"), (0.505, "staging"), (0.5, "staging"), (math.nan, "staging")],
)
def test_a_challenger_has_to_be_better_by_the_gate(score: float, alias: str) -> None:
    decision = decide_promotion(contender(score), contender(0.5, version=1), GATES, METRIC)
    assert decision.alias == alias
    assert "version 1 in production has 0.500000" in decision.reasons[-1]


def test_a_model_of_generated_rows_never_replaces_one_of_real_rows() -> None:
    challenger = contender(0.99, generated=True)
    decision = decide_promotion(challenger, contender(0.1, version=1), GATES, METRIC)
    assert decision.alias == "staging"
    assert "generated" in decision.reasons[0]
    real = decide_promotion(contender(0.99), contender(0.1, generated=True), GATES, METRIC)
    assert real.alias == "production"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A useless version 1 in production, a perfect version 2."""
    folder = tmp_path_factory.mktemp("promotion")
    home = new_home(folder / "home")
    register(home, -1.0, folder / "one")
    register(home, 1.0, folder / "two")
    Registry(home, NAME).set_alias("production", 1)
    return home


@pytest.fixture
def registry(home: Home, tmp_path: Path) -> Registry:
    """A copy of that home's registry."""
    return Registry(copy_home(home.folder, tmp_path / "home"), NAME)


def test_a_better_challenger_takes_over_and_the_old_one_is_kept_as_previous(
    registry: Registry, spotify: UseCase
) -> None:
    registry.set_alias("staging", 2)
    decision = promote(registry, spotify, 2, rows())
    assert decision.alias == "production"
    assert registry.aliases() == {"previous": 1, "production": 2}
    assert registry.version(2).tags[REASON_TAG].startswith("better: average_precision 1.000000")


def test_a_worse_challenger_stays_staging_with_the_reason(
    registry: Registry, spotify: UseCase
) -> None:
    registry.set_alias("production", 2)
    assert promote(registry, spotify, 1, rows()).alias == "staging"
    assert registry.aliases() == {"production": 2, "staging": 1}
    assert registry.version(1).tags[REASON_TAG].startswith("not better")


def test_generated_rows_do_not_judge_versions_of_real_rows(
    registry: Registry, spotify: UseCase
) -> None:
    with pytest.raises(GeneratedRowsError, match="real test rows to judge version 2"):
        promote(registry, spotify, 2, rows(generated=True))
    assert registry.aliases() == {"production": 1}


def test_any_alias_is_set_by_hand(registry: Registry) -> None:
    assert set_by_hand(registry, 2, "test-1003")["alias"] == "test-1003"
    assert set_by_hand(registry, 2, "production")["decision"] == "promoted"
    assert registry.aliases() == {"previous": 1, "production": 2, "test-1003": 2}
    with pytest.raises(RegistryError, match=r"among \[1, 2\], got 7"):
        set_by_hand(registry, 7, "production")


@pytest.mark.parametrize("lost", range(4))
def test_a_judgement_that_ends_early_is_made_up_for(
    registry: Registry, spotify: UseCase, monkeypatch: pytest.MonkeyPatch, lost: int
) -> None:
    registry.set_alias("staging", 2)
    done = 0
    with monkeypatch.context() as patched:
        for name in ("set_alias", "remove_alias", "tag"):
            write = getattr(registry, name)

            def ending(*given: Any, write: Any = write) -> None:
                nonlocal done
                if done == lost:
                    raise KeyboardInterrupt
                done += 1
                write(*given)

            patched.setattr(registry, name, ending)
        with pytest.raises(KeyboardInterrupt):
            promote(registry, spotify, 2, rows())
    challenger = challenger_of(registry)
    assert challenger is not None
    assert challenger.number == 2
    promote(registry, spotify, 2, rows())
    assert registry.aliases() == {"previous": 1, "production": 2}
    assert is_judged(registry.version(2))


def test_a_version_put_into_production_elsewhere_counts_as_judged_once_it_was_looked_at(
    registry: Registry, spotify: UseCase
) -> None:
    registry.set_alias("production", 2)
    assert promote(registry, spotify, 2, rows()).alias == "production"
    assert registry.version(2).tags[REASON_TAG] == "version 2 is in production already"
    registry.tag(2, REASON_TAG, "better")
    promote(registry, spotify, 2, rows())
    assert registry.version(2).tags[REASON_TAG] == "better"
