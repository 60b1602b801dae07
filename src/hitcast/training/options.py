"""What a training is asked to do, beside the use case."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from hitcast.declaration.candidates import Candidate, Family
from hitcast.declaration.use_case import UseCase
from hitcast.errors import UseCaseError
from hitcast.running.job import say
from hitcast.training.trials import Method


@dataclass(frozen=True)
class TrainOptions:
    """Options of one training.

    Attributes:
        candidates: The families to try.
        search: How trials are chosen.
        trials: Trials of each family; None: as each is declared.
        folds: Folds of the cross-validation.
        seed: Seed of folds, trials and estimators; test rows do not depend on it.
        table_version: Gold's version, or None for the newest.
        promote: Whether the new version is judged at once; else it waits as `staging`.
        commit: The code's commit, where no checkout says it.
    """

    candidates: tuple[Family, ...]
    search: Method
    trials: int | None
    folds: int
    seed: int = 0
    table_version: int | None = None
    promote: bool = True
    commit: str = ""

    def trials_of(self, family: Family, use_case: UseCase) -> int:
        """How many settings of a family are tried."""
        return self.trials or use_case.candidates[family].trials or use_case.training.trials


def build_options(
    use_case: UseCase,
    *,
    candidates: Sequence[str] = (),
    search: Method | None = None,
    trials: int | None = None,
    folds: int | None = None,
    seed: int = 0,
    table_version: int | None = None,
    promote: bool = True,
) -> TrainOptions:
    """Fill what was not asked for with the use case's own settings.

    Raises:
        UseCaseError: if a candidate is not declared, or a number is too small.
    """
    declared: dict[str, Candidate] = {str(name): c for name, c in use_case.candidates.items()}
    unknown = sorted(set(candidates) - set(declared))
    if unknown:
        raise UseCaseError(f"expected candidates among {list(declared)}, got {unknown}")
    defaults = use_case.training
    options = TrainOptions(
        candidates=tuple(n for n in use_case.candidates if not candidates or n in candidates),
        search=search or defaults.search,
        trials=trials,
        folds=defaults.folds if folds is None else folds,
        seed=seed,
        table_version=table_version,
        promote=promote,
    )
    if (trials is not None and trials < 1) or options.folds < 2:
        raise UseCaseError(
            f"expected 1 or more trials and 2 or more folds, got {trials} and {options.folds}"
        )
    return options


def within_reach(
    options: TrainOptions, jvm: bool, tell: Callable[[str], None] = say
) -> TrainOptions:
    """Leave out the families that the session at hand can't fit.

    Args:
        options: What was asked for.
        jvm: Whether the session has Spark's JVM within reach.
        tell: Gets one line if a family is left out.

    Raises:
        UseCaseError: if none is left.
    """
    if jvm or "xgboost" not in options.candidates:
        return options
    left = tuple(name for name in options.candidates if name != "xgboost")
    why = "XGBoost trains in RDDs, which Spark Connect and serverless compute do not have"
    if not left:
        raise UseCaseError(
            f"expected a candidate that this session can fit, got xgboost alone: {why}; name "
            "another in --candidates, or train on a cluster"
        )
    tell(f"xgboost is left out: {why}")
    return replace(options, candidates=left)
