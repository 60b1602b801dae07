"""The sections of a use case's declaration: split, training, gates, profiles, views."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from pydantic import Field, model_validator

from hitcast.declaration.columns import Column
from hitcast.declaration.section import Section
from hitcast.declaration.source import KaggleSource, Source

__all__ = [
    "Gate", "Gates", "KaggleSource", "Profiles", "Promotion", "Section", "Source", "Split",
    "Training", "Views", "Words",
]  # fmt: skip


MetricName = Literal[
    "average_precision", "areaUnderPR", "areaUnderROC", "accuracy", "precision", "recall", "f1",
    "macro_precision", "macro_recall", "macro_f1", "weighted_precision", "weighted_recall",
    "weighted_f1", "matthews",
]  # fmt: skip
OF_TWO = frozenset({"precision", "recall", "f1"})
OF_MORE = frozenset(
    f"{mean}_{name}" for mean in ("macro", "weighted") for name in ("precision", "recall", "f1")
)
"""Metrics that there are for two classes alone, and for more alone."""


class Split(Section):
    """How test rows are chosen, for good: changing it makes old and new models incomparable.

    Attributes:
        salt: Hashed together with the key.
        test_percent: Share of rows whose hash makes them test rows.
        by: In the place of those two: a number such as a time, which is no input of the model.
        start: Its rows from this value on are test rows (`from` in conf).
    """

    salt: str | None = Field(default=None, min_length=1)
    test_percent: int | None = Field(default=None, ge=1, le=50)
    by: str | None = None
    start: float | None = Field(default=None, alias="from")

    @model_validator(mode="after")
    def _says_one_thing(self) -> "Split":
        given = {
            "salt": self.salt, "test_percent": self.test_percent, "by": self.by, "from": self.start,
        }  # fmt: skip
        found = {name for name, value in given.items() if value is not None}
        if found not in ({"salt", "test_percent"}, {"by", "from"}):
            raise ValueError(
                f"a split has salt and test_percent, or by and from; got {sorted(found)}"
            )
        return self


class Cost(Section):
    """What mistakes cost, in any unit: a row that is called positive and is not, and one missed."""

    false_positive: float = Field(gt=0.0)
    false_negative: float = Field(gt=0.0)


class Training(Section):
    """Defaults of a training, some of which the job's options can replace.

    Attributes:
        metric: What settings, families and versions are chosen by.
        folds: Number of folds.
        search: How settings are proposed.
        trials: How many settings of a family are tried.
        tuning_rows: How many training rows the search sees at most, but for rare classes.
        partitions: Of the rows; fixed, because their number moves MLlib's results.
        prior: Share of positive rows where the model is used, if the rows are a sample that was
            drawn by class: probabilities, threshold and metrics are as of rows with that share.
        cost: What mistakes cost: the threshold is that of the least cost; else F1 decides.
    """

    metric: MetricName
    folds: int = Field(ge=2, le=20)
    search: Literal["grid", "random", "tpe"]
    trials: int = Field(ge=1)
    tuning_rows: int = Field(ge=100)
    partitions: int = Field(ge=1)
    prior: float | None = Field(default=None, gt=0.0, lt=1.0)
    cost: Cost | None = None


class Gate(Section):
    """How far an extract may go; `error` refuses what goes further, `warn` tells of it."""

    limit: float = Field(ge=0.0)
    level: Literal["error", "warn"] = "error"

    @model_validator(mode="before")
    @classmethod
    def _a_number_is_the_limit_of_an_error(cls, data: Any) -> Any:
        is_number = isinstance(data, int | float) and not isinstance(data, bool)
        return {"limit": data} if is_number else data


class Guards(Section):
    """How much worse a challenger may be in each figure; `null` guards it no longer.

    Attributes:
        calibration_slope: How much further from 1.
        areaUnderROC: By how much it may fall.
        recall: By how much that of any value of the profiles' column may fall.
    """

    calibration_slope: float | None = Field(default=0.1, ge=0.0)
    areaUnderROC: float | None = Field(default=0.01, ge=0.0)
    recall: float | None = Field(default=0.1, ge=0.0)


class Gates(Section):
    """What has to be passed: by an extract to come in, by a challenger to become production.

    Attributes:
        max_quarantined: Share of the extract's lines that may be bad.
        min_rows: Lines that it has to have, as a share of those of the last extract.
        max_vanished: Share of the last extract's keys that may not be among its own.
        max_days_behind: Days that its date may lie before the newest one.
        min_improvement: What the challenger has to be better by than the champion, and more.
        at_least: What each of some metrics has to reach on the test rows, for a first version too.
        guarded: What may not get worse beyond that and beyond chance, for all test rows and for
            those of unseen groups.

    Where conf says nothing, an extract that is bad for the most part is refused, and half as many
    rows, or a date a year behind, are told; `null` takes a gate away.
    """

    max_quarantined: Gate | None = Gate(limit=0.5)
    min_rows: Gate | None = Gate(limit=0.5, level="warn")
    max_vanished: Gate | None = None
    max_days_behind: Gate | None = Gate(limit=365, level="warn")
    min_improvement: float = Field(default=0.0, ge=0.0)
    at_least: Mapping[MetricName, float] = {}
    guarded: Guards = Guards()

    @model_validator(mode="after")
    def _shares_are_shares(self) -> "Gates":
        for name in ("max_quarantined", "min_rows", "max_vanished"):
            gate: Gate | None = getattr(self, name)
            if gate is not None and gate.limit > 1:
                raise ValueError(f"{name} is a share: allowed are 0 to 1, got {gate.limit:g}")
        return self


class Promotion(Section):
    """How versions become production.

    Attributes:
        mode: `enabled`; `dry_run`: judged and told, but nothing moves but `staging`; `disabled`:
            not judged, every version stays `staging` until somebody moves an alias.
        export: A folder, in the home where it is relative, that holds production's scorer as
            files after each move; None: there is none.
    """

    mode: Literal["enabled", "dry_run", "disabled"] = "enabled"
    export: str | None = Field(default=None, min_length=1)


class Profiles(Section):
    """Typical and popular rows of each value of a text column, for people to compare with.

    `by` is that column; `shown` are the columns that name a reference row, and `references` is
    how many of them are kept a value.
    """

    by: str
    shown: tuple[str, ...] = ()
    references: int = Field(default=200, ge=0, le=10_000)


class Words(Section):
    """What people call rows, beside `entity`, which is one of them.

    Attributes:
        many: Several; where it is not said, the entity with an s.
        positive: What comes before the noun of a positive row; where it is not said, the label's
            positive class or output.
        note: What people who read an explanation shall know: what association means here.
        about: What they are about, as a whole, such as music.
        icon: A Material symbol by its name, for the studio's pages.
    """

    many: str | None = Field(default=None, min_length=1)
    positive: str | None = Field(default=None, min_length=1)
    note: str | None = Field(default=None, min_length=1)
    about: str | None = Field(default=None, min_length=1)
    icon: str | None = Field(default=None, pattern=r"^[a-z0-9_]+$")


class Views(Section):
    """How a report looks at the winner, beside known and unseen groups.

    Attributes:
        latest: A number such as a year; the newest is held out of a fit on those before.
        without: Inputs that the winner is fitted without, to tell what they give it.
        least_positive: Values of `profiles.by` with fewer positive test rows are not looked at.
    """

    latest: str | None = None
    without: tuple[str, ...] = ()
    least_positive: int = Field(default=25, ge=2)

    def check(self, inputs: Sequence[Column]) -> None:
        """Compare with the model's inputs.

        Raises:
            ValueError: if a column is no input, `latest` no number, or none would be left.
        """
        numbers = [c.name for c in inputs if c.is_quantity]
        if self.latest is not None and self.latest not in numbers:
            raise ValueError(f"views.latest is {self.latest!r}; allowed: {numbers}")
        names = [c.name for c in inputs]
        unknown = sorted(set(self.without) - set(names))
        if unknown:
            raise ValueError(f"views.without names {unknown}; allowed: {names}")
        if set(self.without) == set(names):
            raise ValueError("views.without names every input; at least one has to be left")
