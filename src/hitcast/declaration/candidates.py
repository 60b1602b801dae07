"""The declaration of candidates: an estimator's family, its feature steps and search space."""

from collections.abc import Mapping, Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from hitcast.declaration.selecting import PCA, REDUCING, check_reducing

Scalar = bool | int | float | str
Family = Literal[
    "logistic_regression", "random_forest", "gradient_boosted_trees", "xgboost", "naive_bayes"
]
OF_TWO_CLASSES: tuple[Family, ...] = ("gradient_boosted_trees",)
"""MLlib's boosted trees tell no more classes apart."""
BAYES_TYPES = ("gaussian", "multinomial")
"""What `modelType` of naive_bayes may be: what a portable scorer computes as Spark does."""
COUNTS = "multinomial"
"""The type that counts, and the default of Spark."""
BALANCE = "class_balance"
"""A hyperparameter of every family: rows of a class weigh as (the mean class's rows / its own) to
this power; 0: all rows weigh the same, 1: all classes do."""


class Space(BaseModel):
    """The values that one hyperparameter may take.

    `grid` serves the grid search, and every search where no range is given; random and TPE
    search draw from `low` to `high` (inclusive; `log`: evenly on the logarithmic scale).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    grid: tuple[Scalar, ...] = Field(min_length=1)
    low: float | None = None
    high: float | None = None
    log: bool = False
    integer: bool = False

    @model_validator(mode="after")
    def _range_is_whole(self) -> "Space":
        if (self.low is None) != (self.high is None):
            raise ValueError("low and high go together; give both, or the grid alone")
        if self.low is not None and self.high is not None and self.low >= self.high:
            raise ValueError(f"low {self.low:g} has to be below high {self.high:g}")
        if self.log and (self.low is None or self.low <= 0):
            raise ValueError("log: true needs low above 0")
        return self

    @property
    def values(self) -> tuple[Scalar, ...]:
        """The values that are named: those of the grid, and the range's ends."""
        return (*self.grid, *(end for end in (self.low, self.high) if end is not None))


def check_family(family: Family, candidate: "Candidate", negative: Sequence[str]) -> None:
    """Refuse hyperparameters that could be fitted, but not served, or not be fitted on any row.

    Args:
        family: The estimator's.
        candidate: Its declaration.
        negative: The model's columns that may hold numbers below 0.

    Raises:
        ValueError: with what is allowed.
    """
    if family != "naive_bayes":
        return
    space = candidate.search.get("modelType")
    tried = [candidate.fixed.get("modelType"), *(space.values if space else ())]
    given = [value for value in tried if value is not None] or [COUNTS]
    wrong = [value for value in given if value not in BAYES_TYPES]
    if wrong:
        raise ValueError(
            f"candidates.{family}: modelType {wrong} can't be served; allowed: {list(BAYES_TYPES)}"
        )
    if COUNTS in given and (negative or candidate.makes_components):
        which = list(negative) or "components"
        raise ValueError(
            f"candidates.{family}: modelType {COUNTS} takes no negative numbers, which {which} may "
            "hold; allowed: modelType gaussian, minimum: 0 or transform: spline for the columns"
        )


class Candidate(BaseModel):
    """One family of estimators with its feature steps and search space.

    `encoding` says how texts and categories become numbers: `one_hot` (a column a value) or
    `indexed` (one column, which trees split by sets of values). `pca` is a number of components,
    of all rows; under `fixed` or `search`, `select` and `pca` are fitted with the classifier.
    `codes: numbers` takes categories for the whole numbers that they are, in one column each.
    `trials` is how many settings are tried, where that is not the training's own number. With
    `keep_trials` each setting is fitted on all training rows as well; that model and its metrics
    on the test rows, which decide nothing, stay on the trial's run.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    encoding: Literal["one_hot", "indexed"]
    scaling: Literal["none", "standard"] = "none"
    codes: Literal["categories", "numbers"] = "categories"
    pca: int | None = Field(default=None, ge=1)
    trials: int | None = Field(default=None, ge=1)
    keep_trials: bool = False
    fixed: Mapping[str, Scalar] = {}
    search: Mapping[str, Space] = {}

    @model_validator(mode="after")
    def _steps_go_together(self) -> "Candidate":
        if self.pca is not None and self.encoding != "one_hot":
            raise ValueError("pca needs encoding: one_hot; components of indexes mean nothing")
        if self.codes == "numbers" and self.encoding != "one_hot":
            raise ValueError("codes: numbers needs encoding: one_hot; trees split by sets of them")
        self._reducing_means_something()
        both = sorted(set(self.fixed) & set(self.search))
        if both:
            raise ValueError(f"{both} stand under fixed and under search; allowed: one of them")
        return self

    @property
    def makes_components(self) -> bool:
        """Whether some setting has principal components."""
        space, fixed = self.search.get(PCA), self.fixed.get(PCA)
        tried = [self.pca, fixed, *(space.values if space else ())]
        return any(value not in (None, 0) for value in tried)

    def _reducing_means_something(self) -> None:
        tried = {name: space.values for name, space in self.search.items()}
        values = {**{name: (value,) for name, value in self.fixed.items()}, **tried}
        found = [name for name in REDUCING if name in values]
        if found and self.encoding != "one_hot":
            raise ValueError(f"{found[0]} needs encoding: one_hot")
        if PCA in found and self.pca is not None:
            raise ValueError("pca stands twice: for all rows, and under fixed or search")
        check_reducing(values)
        space = self.search.get(PCA)
        if space is not None and space.low is not None and not space.integer:
            raise ValueError("pca from low to high needs integer: true; half a component is none")
