"""Which version answers a request: that of its unit's arm, where it is in the experiment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from hitcast.experiments.arms import Assignment
from serving.experiments.kept import Phase
from serving.experiments.units import LONGEST_CACHED, raw_header, unit_of
from serving.versions.served import Served

NOT_TRAFFIC = "studio"
"""The source whose requests are somebody's play with sliders."""
REMEMBERED = 10_000
"""Units whose arm is remembered: it takes many times as long to work it out anew."""
Header = tuple[bytes, bytes]


def printable(text: str) -> bytes:
    """A text as a header has it: names may hold any character, headers may not."""
    plain = text.encode("ascii", "replace").decode()
    return "".join(c if c.isprintable() else "?" for c in plain).encode()


@dataclass(frozen=True)
class Part:
    """What an answer has to do with an experiment, as the log and its headers say.

    Attributes:
        experiment: The name; None: nothing, as the other two are.
        arm: The alias of the unit's arm, or of the shadow that scored.
        period: Since when traffic and weights have been what they are.
        share: The part of the traffic that the arm is to have, from 0 to 1; None of a shadow.
        shadow: Whether a shadow scored, which nobody is told of.
        fallback: Whether the arm is broken, and the default answered.
    """

    experiment: str | None = None
    arm: str | None = None
    period: str | None = None
    share: float | None = None
    shadow: bool = False
    fallback: bool = False

    @cached_property
    def fields(self) -> dict[str, Any]:
        """The log's fields."""
        return {
            "experiment": self.experiment,
            "arm": self.arm,
            "period": self.period,
            "share": self.share,
            "shadow": self.shadow,
            "fallback": self.fallback,
        }

    @cached_property
    def headers(self) -> Sequence[Header]:
        """The answer's headers."""
        if self.experiment is None or self.arm is None:
            return ()
        found = [(b"x-experiment", self.experiment.encode()), (b"x-arm", printable(self.arm))]
        return [*found, (b"x-fallback", b"default")] if self.fallback else found

    @cached_property
    def broken(self) -> "Part":
        """The same where the default has to answer."""
        return replace(self, fallback=True)


OUTSIDE = Part()


@dataclass(frozen=True)
class Shadow:
    """A version that scores what others answer.

    Attributes:
        alias: Its arm.
        served: It.
        part: What the log's lines say of it.
    """

    alias: str
    served: Served
    part: Part


@dataclass(frozen=True)
class Choice:
    """The version that answers a request.

    Attributes:
        served: It.
        alias: The alias that it answers by, if by one.
        part: What that has to do with an experiment.
        shadows: What scores the same rows once they are answered.
    """

    served: Served
    alias: str | None
    part: Part = OUTSIDE
    shadows: Sequence[Shadow] = ()


@dataclass(frozen=True)
class Unloaded:
    """An arm that can't answer: the default does."""

    part: Part
    shadows: Sequence[Shadow]


class Turn:
    """One phase of an experiment with its versions, as quick to ask as can be.

    Args:
        phase: It.
        loaded: The versions by alias; None where an arm is broken.
    """

    def __init__(self, phase: Phase, loaded: Mapping[str, Served | None]) -> None:
        experiment = phase.experiment
        self.begins, self.ends = phase.begins, phase.ends
        self._assignment = Assignment(experiment)

        def part(alias: str, share: float | None = None) -> Part:
            return Part(experiment.name, alias, phase.period, share, shadow=share is None)

        shadows = [
            Shadow(arm.alias, served, part(arm.alias))
            for arm in experiment.shadows
            if (served := loaded.get(arm.alias)) is not None
        ]
        self._answers: dict[str, Choice | Unloaded] = {}
        for arm in experiment.answering:
            share = experiment.shares[arm.alias]
            served, own = loaded.get(arm.alias), part(arm.alias, share)
            self._answers[arm.alias] = (
                Unloaded(own.broken, shadows)
                if served is None
                else Choice(served, arm.alias, own, shadows)
            )
        self._known: dict[str, Choice | Unloaded | None] = {}

    def of(self, unit: str) -> Choice | Unloaded | None:
        """What answers a unit; None where it is none of the traffic."""
        try:
            return self._known[unit]
        except KeyError:
            pass
        arm = self._assignment.of(unit)
        found = None if arm is None else self._answers[arm.alias]
        if len(unit) <= LONGEST_CACHED:
            if len(self._known) >= REMEMBERED:
                self._known.clear()
            self._known[unit] = found
        return found


def unit_in_traffic(headers: Sequence[Header]) -> str | None:
    """Whom a request is for, where an experiment may count it; None where not."""
    unit = unit_of(headers)
    if unit is None:
        return None
    source = raw_header(headers, b"x-source")
    return None if source.strip().lower() == NOT_TRAFFIC.encode() else unit
