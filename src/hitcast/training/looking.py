"""All views of a training's winner, as its report has them."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from hitcast.declaration.use_case import UseCase
from hitcast.models.bootstrap import Interval
from hitcast.running.interrupts import was_interrupted
from hitcast.running.job import first_line, say
from hitcast.training.ablation import ablations
from hitcast.training.data import TrainingData
from hitcast.training.options import TrainOptions
from hitcast.training.side_by_side import side_by_side
from hitcast.training.split import UNIT
from hitcast.training.view_fits import Again, on_tuning_rows
from hitcast.training.views import (
    METRICS,
    Seen,
    View,
    by_acquaintance,
    by_value,
    look,
    look_at_gain,
)
from hitcast.training.winner import Winner


@dataclass(frozen=True)
class Looks:
    """What was seen.

    Attributes:
        whole: The views that every report has, and those that the use case asks for.
        by_value: Test rows of each value of `profiles.by`.
        by: That column.
        ablation: What steps gave that searches have tried.
    """

    whole: tuple[View, ...]
    by_value: tuple[View, ...] = ()
    by: str = ""
    ablation: tuple[View, ...] = ()

    def save(self, path: Path) -> None:
        """Write all as JSON."""
        parts = {"views": self.whole, f"by {self.by}": self.by_value}
        parts["ablation"] = self.ablation
        told = {name: [_told(view) for view in views] for name, views in parts.items() if views}
        path.write_text(json.dumps(told, indent=1), encoding="utf-8")


def look_around(
    winner: Winner, data: TrainingData, use_case: UseCase, options: TrainOptions
) -> Looks:
    """Measure the winner from every side.

    A view whose fit fails is told and left out; the training goes on.
    """
    seed, asked, profiles = options.seed, use_case.views, use_case.profiles
    test = Seen(winner.scored, winner.test_rows[UNIT].to_numpy())
    views = [look("test", "all test rows", test, seed=seed)]
    if use_case.group is not None:
        views += by_acquaintance(test, data.rows.groups, use_case.group, seed=seed)
    out_of_fold = Seen(data.rows.scored(winner.model.chosen.probability), data.rows.groups)
    told = f"training rows, out of fold: no fit saw their {use_case.group or 'row'}"
    views.append(look("cross_validated", told, out_of_fold, seed=seed))
    again = Again(on_tuning_rows(winner.model.members[0].result), data, use_case, options)
    fits: list[tuple[str, Callable[[], list[View]]]] = []
    if asked.latest is not None:
        fits.append(("latest", partial(_latest, again, asked.latest)))
    if asked.without:
        fits.append(("without", partial(_without, again, asked.without)))
    for found in side_by_side(_tried, fits, data.train.sparkSession, lambda: None):
        views += found
    results = [member.result for member in winner.model.members]
    gained = [view for asked in ablations(results, again) for view in _tried(asked)]
    if profiles is None:
        return Looks(tuple(views), ablation=tuple(gained))
    values = winner.test_rows[profiles.by].tolist()
    each = by_value(test, values, least_positive=asked.least_positive, seed=seed)
    return Looks(tuple(views), tuple(each), profiles.by, tuple(gained))


def _latest(again: Again, column: str) -> list[View]:
    newest, seen = again.latest(column)
    told = f"all rows with {column} {newest}, {again.tuned.family} fitted on tuning rows before it"
    return [look("latest", told, seen, seed=again.options.seed)]


def _without(again: Again, names: tuple[str, ...]) -> list[View]:
    tuned, listed = again.tuned, " and ".join(names)
    probability, seed = again.without(names), again.options.seed
    with_all = Seen(tuned.out_of_fold, tuned.rows.groups)
    without = Seen(tuned.rows.scored(probability), tuned.rows.groups)
    told = f"tuning rows, out of fold, {tuned.family}"
    return [
        look("with", f"{told} with {listed}", with_all, seed=seed),
        look("without", f"{told} without {listed}", without, seed=seed),
        look_at_gain("gain", f"what {listed} gives: the one less the other", with_all, probability,
                     seed=seed),
    ]  # fmt: skip


def _tried(asked: tuple[str, Callable[[], list[View]]]) -> list[View]:
    """What was found; nothing where a fit fails, which is told."""
    name, found = asked
    try:
        return found()
    except Exception as error:
        if was_interrupted():
            raise
        say(f"the view {name!r} is left out, its fit failed: {first_line(error)}")
        return []


def _told(view: View) -> dict[str, Any]:
    figures = {metric: _ends(held) for metric, held in view.figures.items()}
    return {"name": view.name, "rows": view.rows, "positive": view.positive, "is": view.told,
            **figures}  # fmt: skip


def _ends(held: Interval) -> list[float | None]:
    """Value, low, high; null where it can't be told."""
    ends = (held.value, held.low, held.high)
    return [round(end, 6) if np.isfinite(end) else None for end in ends]


def cells(view: View) -> dict[str, Any]:
    """A view as the report's table has it."""
    shown = {m: str(held) if np.isfinite(held.value) else "–" for m, held in view.figures.items()}
    positive = "–" if view.positive is None else view.positive
    return {"told": view.told, "rows": view.rows, "positive": positive,
            "figures": [shown.get(metric, "–") for metric in METRICS]}  # fmt: skip
