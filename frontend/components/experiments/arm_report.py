"""What a report says of one arm, and of its difference from the control."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from components.experiments.reading import flag, listed, named, number, text, whole


@dataclass(frozen=True)
class Compared:
    """A difference of an arm and the control: treatment less control.

    Attributes:
        low: The lower end of the 95 % interval for those who look once.
        sequence_low: The lower end of the sequence, which holds at every look.
        at: When it was looked, where it is one of several looks.
    """

    difference: float | None
    low: float | None
    high: float | None
    sequence_low: float | None
    sequence_high: float | None
    units: int | None
    at: str | None = None

    @classmethod
    def read(cls, found: Any, at: str | None = None) -> "Compared":
        """Read one of `differences`, or of `over_time`."""
        return cls(
            difference=number(found, "difference"),
            low=number(found, "low"),
            high=number(found, "high"),
            sequence_low=number(found, "sequence_low"),
            sequence_high=number(found, "sequence_high"),
            units=whole(found, "units"),
            at=at,
        )


@dataclass(frozen=True)
class ArmReport:
    """What is said of one arm; of the control without verdict and differences.

    Attributes:
        metrics: Value and 95 % interval by metric.
    """

    alias: str
    control: bool
    shadow: bool
    versions: Sequence[int | None]
    units: int | None
    predictions: int | None
    fallbacks: int | None
    with_outcome: int | None
    metrics: Mapping[str, tuple[float | None, float | None, float | None]]
    verdict: str | None
    reason: str | None
    differences: Mapping[str, Compared]
    power: Mapping[str, float | None]

    @classmethod
    def read(cls, alias: str, found: Any) -> "ArmReport":
        """Read one of `arms`."""
        control = flag(found, "control")
        compared = {} if control else named(found, "differences")
        power = {} if control else named(found, "power")
        return cls(
            alias=alias,
            control=control,
            shadow=flag(found, "shadow"),
            versions=[whole({"versions": one}, "versions") for one in listed(found, "versions")],
            units=whole(found, "units"),
            predictions=whole(found, "predictions"),
            fallbacks=whole(found, "fallbacks"),
            with_outcome=whole(found, "with_outcome"),
            metrics={
                name: (number(told, "value"), number(told, "low"), number(told, "high"))
                for name, told in named(found, "metrics").items()
            },
            verdict=None if control else text(found, "verdict"),
            reason=None if control else text(found, "reason"),
            differences={name: Compared.read(told) for name, told in compared.items()},
            power={name: number(power, name) for name in power},
        )

    @property
    def called(self) -> str:
        """Its alias, and what it is where that is something special."""
        return f"{self.alias} (shadow)" if self.shadow else self.alias
