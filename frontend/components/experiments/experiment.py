"""The experiment that runs, as `GET /experiment` tells of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from answers import known_to
from components.experiments.names import UNKNOWN
from components.registry.versions import when


@dataclass(frozen=True)
class Arm:
    """One of its versions.

    Attributes:
        version: That which the alias named when the experiment began.
        problem: Why the default answers in its place; None while it answers.
        rows: What became of its rows since the API was started.
    """

    alias: str
    weight: float
    shadow: bool
    version: int
    problem: str | None = None
    rows: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Experiment:
    """What runs.

    Attributes:
        period: Since when weights and traffic are what they are, UTC; None before all are ready.
        on: Whether units are answered by it now.
        workers: Processes of the API.
        following: How many of them have it as it is here.
    """

    name: str
    arms: Sequence[Arm]
    traffic: float
    starts: str | None
    ends: str | None
    metric: str
    smallest_difference: float
    period: str | None
    on: bool
    workers: int
    following: int

    @classmethod
    def read(cls, found: Mapping[str, Any]) -> "Experiment":
        """Read what the API answers."""
        arms = [Arm(**known_to(Arm, arm)) for arm in found["arms"]]
        return cls(**{**known_to(cls, found), "arms": arms})

    @property
    def answering(self) -> Sequence[Arm]:
        """The arms that answer, the control first."""
        return [arm for arm in self.arms if not arm.shadow]

    @property
    def control(self) -> Arm:
        """The arm that the others are compared with."""
        return self.answering[0]

    @property
    def is_over(self) -> bool:
        """Whether its end has come."""
        ends = moment(self.ends)
        return ends is not None and ends <= datetime.now(UTC)

    def share_of(self, arm: Arm) -> float:
        """The arm's share of the units that take part; of a shadow all."""
        return 1.0 if arm.shadow else arm.weight / sum(other.weight for other in self.answering)

    def asked(self, traffic: float, weights: Mapping[str, float]) -> dict[str, Any]:
        """The call that gives it another share of traffic and other weights; the rest stays."""
        arms = [
            {"alias": a.alias, "weight": weights.get(a.alias, a.weight), "shadow": a.shadow}
            for a in self.arms
        ]
        return {"name": self.name, "traffic": traffic, "arms": arms}


def moment(text: str | None) -> datetime | None:
    """A time that the API or a job wrote, in UTC.

    Raises:
        ValueError: if it is none.
    """
    if text is None:
        return None
    found = datetime.fromisoformat(text)
    try:
        return found.replace(tzinfo=found.tzinfo or UTC).astimezone(UTC)
    except OverflowError as error:
        raise ValueError(f"expected a time that UTC has too, got {text}") from error


def local(text: str | None) -> str:
    """The same where the person is."""
    found = moment(text)
    if found is None:
        return UNKNOWN
    try:
        return when(round(1000 * found.timestamp())) or f"{found:%Y-%m-%d %H:%M}"
    except OverflowError:
        # At the end of all years the person's clock would be beyond it.
        return f"{found:%Y-%m-%d %H:%M}"
