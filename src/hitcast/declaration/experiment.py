"""An experiment on live traffic: two or more versions answer, each its share of the units.

Declared in `conf/experiments/NAME.yml`, or by a call of the API; the checks are the same.
"""

from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator, model_validator

from hitcast.declaration.loading import conf_folder, load_named
from hitcast.declaration.section import Section

FOLDER = "experiments"
NAME = r"^[a-z0-9][a-z0-9_-]{0,63}$"
Metric = Literal["log_loss", "brier", "outcome"]
"""What decides: how well probabilities fit outcomes (lower is better), or the outcomes themselves
(the share of positive ones; higher is better)."""


class Arm(Section):
    """One of the versions that an experiment compares.

    Attributes:
        alias: The alias that names the version when the experiment starts; it keeps that version,
            wherever the alias moves.
        weight: Its part of the units, beside the other arms' weights; of a shadow without meaning.
        shadow: Whether it scores all units of the experiment, and answers none.
    """

    alias: str = Field(min_length=1, max_length=256)
    weight: float = Field(default=1.0, gt=0.0, le=1e6, allow_inf_nan=False)
    shadow: bool = False


class Experiment(Section):
    """Which versions are compared, on whom, and by what.

    Attributes:
        name: Stands in answers, the log and reports.
        arms: The first that is no shadow is the control, which the others are compared with.
        traffic: The share of units that takes part, 0 to 1; the rest is answered as without it.
        starts: From when on it counts; None: at once.
        ends: Until when; None: until it is ended.
        metric: What decides.
        smallest_difference: What of the metric is worth having; smaller ones don't matter.
        salt: Chooses the units; the same salt gives the same choice. The name, if not given.
    """

    name: str = Field(pattern=NAME)
    arms: tuple[Arm, ...] = Field(min_length=2, max_length=8)
    traffic: float = Field(default=1.0, gt=0.0, le=1.0)
    starts: datetime | None = None
    ends: datetime | None = None
    metric: Metric = "log_loss"
    smallest_difference: float = Field(default=0.01, ge=1e-9, allow_inf_nan=False)
    salt: str = Field(default="", max_length=64)

    @field_validator("starts", "ends")
    @classmethod
    def _in_utc(cls, time: datetime | None) -> datetime | None:
        if time is None:
            return None
        try:
            return time.replace(tzinfo=time.tzinfo or UTC).astimezone(UTC)
        except OverflowError:
            raise ValueError("expected a time that UTC has too") from None

    @model_validator(mode="after")
    def _holds_together(self) -> "Experiment":
        names = [arm.alias for arm in self.arms]
        if len(set(names)) < len(names):
            raise ValueError(f"arms {names}: expected each alias once")
        if not self.answering:
            raise ValueError("arms: expected one that is no shadow, which answers")
        if self.starts and self.ends and self.starts >= self.ends:
            raise ValueError(f"ends {self.ends}: expected a time after starts, {self.starts}")
        return self

    @cached_property
    def answering(self) -> tuple[Arm, ...]:
        """The arms that answer, the control first."""
        return tuple(arm for arm in self.arms if not arm.shadow)

    @cached_property
    def shares(self) -> dict[str, float]:
        """The part of the units in the traffic that each arm answers, by alias; 1 in all."""
        whole = sum(arm.weight for arm in self.answering)
        return {arm.alias: arm.weight / whole for arm in self.answering}

    @property
    def shadows(self) -> tuple[Arm, ...]:
        """The arms that score what others answer."""
        return tuple(arm for arm in self.arms if arm.shadow)

    @property
    def control(self) -> Arm:
        """The arm that the others are compared with."""
        return self.answering[0]

    @property
    def seed(self) -> str:
        """What chooses the units."""
        return self.salt or self.name

    def is_on(self, now: datetime) -> bool:
        """Whether a time lies between its start and its end."""
        return (self.starts is None or self.starts <= now) and (
            self.ends is None or now < self.ends
        )


def load_experiment(name: str, *, folder: Path | None = None) -> Experiment:
    """Load the experiment `name`.

    Args:
        name: Name of a file in `experiments/`, without its ending.
        folder: The folder of declarations; `conf_folder()` if not given.

    Raises:
        UseCaseError: if there is no such file, or it is wrong: with key, value and what is allowed.
    """
    return load_named(Experiment, name, (folder or conf_folder()) / FOLDER, "an experiment")
