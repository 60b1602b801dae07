"""A report of an experiment, as `GET /reports` has it from the job that wrote it.

A page reads reports of jobs older and newer than itself. So all that it shows is read here, once:
what is missing, or of another kind than expected, makes the report unreadable as a whole. Figures
that nobody knows are null in a report, and None here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from components.experiments.arm_report import ArmReport, Compared
from components.experiments.experiment import moment
from components.experiments.reading import (
    UnreadableError,
    flag,
    known,
    listed,
    named,
    number,
    text,
    texts,
    whole,
)

FORMAT = 1
YEARS = range(1970, 2200)
"""In which a prediction may have been made."""


@dataclass(frozen=True)
class Report:
    """One report.

    Attributes:
        at: The newest prediction that it knows of.
        split: Units by arm, and as many as the weights say.
        split_fault: Whether they are not split so.
        over_time: The deciding metric's differences at each look, by arm.
        traffic: Day, arm, predictions, units.
    """

    name: str
    title: str
    generated: bool
    first: str
    at: str
    metric: str
    higher_is_better: bool | None
    smallest_difference: float
    control: str
    verdict: str
    reasons: Sequence[str]
    winners: Sequence[str]
    units: int | None
    alpha: float | None
    split: Mapping[str, tuple[int | None, float | None]]
    split_fault: bool
    p_value: float | None
    arms: Sequence[ArmReport]
    over_time: Mapping[str, Sequence[Compared]]
    traffic: Sequence[tuple[str, str, int | None, int | None]]

    @classmethod
    def read(cls, found: Any) -> "Report":
        """Read one of the reports that the API tells.

        Raises:
            UnreadableError: saying what is missing or other than expected.
        """
        if (kind := known(found, "kind")) != "experiment":
            raise UnreadableError(f"expected kind experiment, got {str(kind)[:40]}")
        if (form := known(found, "format")) != FORMAT:
            raise UnreadableError(f"expected format {FORMAT}, got {str(form)[:40]}")
        smallest = number(found, "smallest_difference")
        if smallest is None or smallest <= 0:
            raise UnreadableError("smallest_difference: expected a number above 0")
        ratio, higher = named(found, "sample_ratio"), known(found, "higher_is_better")
        expected, units = named(ratio, "expected"), named(ratio, "units")
        looks: dict[str, list[Compared]] = {}
        for look in listed(found, "over_time"):
            one = Compared.read(look, _time(look, "at"))
            looks.setdefault(text(look, "arm"), []).append(one)
        return cls(
            name=text(found, "name"),
            title=text(found, "title"),
            generated=flag(found, "generated"),
            first=_time(found, "first"),
            at=_time(found, "at"),
            metric=text(found, "metric"),
            higher_is_better=None if higher is None else flag(found, "higher_is_better"),
            smallest_difference=smallest,
            control=text(found, "control"),
            verdict=text(found, "verdict"),
            reasons=texts(found, "reasons"),
            winners=texts(found, "winners"),
            units=whole(found, "units"),
            alpha=number(known(found, "sequences"), "alpha_of_each"),
            split={arm: (whole(units, arm), number(expected, arm)) for arm in units},
            split_fault=flag(ratio, "fault"),
            p_value=number(ratio, "p_value"),
            arms=[ArmReport.read(alias, arm) for alias, arm in named(found, "arms").items()],
            over_time=looks,
            traffic=[
                (text(day, "day"), text(day, "arm"), whole(day, "predictions"), whole(day, "units"))
                for day in listed(found, "traffic")
            ],
        )

    @property
    def others(self) -> Sequence[ArmReport]:
        """The arms that are compared with the control."""
        return [arm for arm in self.arms if not arm.control]


def _time(found: Any, name: str) -> str:
    told = text(found, name)
    try:
        year = _year(told)
    except ValueError as error:
        raise UnreadableError(f"{name}: expected a time, got {told[:40]!r}") from error
    if year not in YEARS:
        raise UnreadableError(f"{name}: expected a time in {YEARS[0]} to {YEARS[-1]}, got {told}")
    return told


def _year(told: str) -> int:
    found = moment(told)
    return found.year if found else 0
