"""Experiments as OpenAPI describes them: what is asked for, what runs."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from hitcast.declaration.experiment import NAME, Arm, Metric

LEFT_OUT: Any = Field(default_factory=lambda: None)
"""Of what may be left out, but is not null."""
ARMS: Any = Field(default_factory=lambda: None, min_length=2, max_length=8)
TRAFFIC: Any = Field(default_factory=lambda: None, gt=0.0, le=1.0)
DIFFERENCE: Any = Field(default_factory=lambda: None, ge=1e-9, allow_inf_nan=False)
SALT: Any = Field(default_factory=lambda: None, max_length=64)


class Declared(BaseModel):
    """An experiment: all of it; or, without arms, one that conf/experiments declares.

    Of the latter, what is given here takes the place of what is declared there. Where one of the
    name runs already, what is left out stays as it runs.
    """

    model_config = ConfigDict(strict=True, extra="forbid")

    name: str = Field(pattern=NAME)
    arms: tuple[Arm, ...] = ARMS
    traffic: float = TRAFFIC
    starts: datetime | None = None
    ends: datetime | None = None
    metric: Metric = LEFT_OUT
    smallest_difference: float = DIFFERENCE
    salt: str = SALT


class RowsOfArm(BaseModel):
    """What became of an arm's rows, in all workers since the server was started."""

    answered: int
    fallback: int = Field(description="answered by the default, for the arm is broken")
    shadow: int = Field(description="scored beside, where the arm is a shadow")
    shadow_lost: int = Field(description="not scored: there was no room in the queue")
    shadow_failed: int = Field(description="not scored: the version failed")


class ArmState(BaseModel):
    """An arm, with the version that it keeps until the experiment ends."""

    alias: str
    weight: float
    shadow: bool
    version: int = Field(description="that which the alias named when the experiment began")
    run_id: str
    problem: str | None = Field(description="why the default answers in its place")
    rows: RowsOfArm


class RunningExperiment(BaseModel):
    """An experiment that was started and not ended."""

    name: str
    arms: list[ArmState] = Field(description="the first that is no shadow is the control")
    traffic: float
    starts: datetime | None
    ends: datetime | None
    metric: str
    smallest_difference: float
    salt: str = Field(description="empty: the name")
    period: str | None = Field(
        description="since when traffic and weights are what they are; null: not all workers are "
        "ready"
    )
    on: bool = Field(description="whether units are answered by it now")
    workers: int = Field(description="processes of the API on this machine")
    following: int = Field(description="how many of them have it as it is here")


class ExperimentState(BaseModel):
    """What runs."""

    experiment: RunningExperiment | None = Field(description="null: none")
