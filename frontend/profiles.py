"""Profiles of rows, as the API tells them: what is typical, what is usual, how frequent it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from answers import Row, known_to

Quantiles = Mapping[str, Sequence[float]]


@dataclass(frozen=True)
class Profile:
    """Rows of one value in figures.

    Attributes:
        base_rate: Share of positive rows.
        typical: Median of each number.
        positive: Quantiles of each number among positive rows; none of several classes.
        other: The same among the others; of several classes, among all rows.
        shares: Share of each class that has a name.
        by_class: Of several classes, quantiles among the rows of each.
    """

    rows: int
    base_rate: float
    typical: Mapping[str, float]
    positive: Quantiles
    other: Quantiles
    shares: Mapping[str, float] = field(default_factory=dict)
    by_class: Mapping[str, Quantiles] = field(default_factory=dict)

    @property
    def has_numbers(self) -> bool:
        """Whether there are numbers that a row can be compared in."""
        return bool(self.positive or self.other)

    @classmethod
    def read(cls, found: Mapping[str, Any]) -> "Profile":
        """Take what is known here from an answer."""
        return cls(**known_to(cls, found))


@dataclass(frozen=True)
class Profiles:
    """The profile of each value of a text input, where there is one, and that of all rows."""

    by: str | None
    overall: Profile
    profiles: Mapping[str, Profile]

    @classmethod
    def read(cls, found: Mapping[str, Any]) -> "Profiles":
        """Read the answer of `GET /profiles`."""
        each = {value: Profile.read(profile) for value, profile in found["profiles"].items()}
        return cls(found["by"], Profile.read(found["overall"]), each)

    def of(self, row: Row) -> Profile:
        """The profile of the rows like this one; of all rows where its value is unknown."""
        return (
            self.overall if self.by is None else self.profiles.get(str(row[self.by]), self.overall)
        )
