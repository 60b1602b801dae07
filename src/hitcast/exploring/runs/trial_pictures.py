"""Pictures of trainings: families with their spread, trials over their parameters."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from hitcast.declaration.candidates import Space
from hitcast.declaration.use_case import UseCase
from hitcast.exploring.look import (
    BLUE,
    GREY,
    VERMILION,
    legend_below,
    new_figure,
    panels,
    plain,
)
from hitcast.exploring.words import figure


def draw_families(trials: pd.DataFrame, best: pd.DataFrame, use_case: UseCase) -> Figure:
    """Each family's best trial with its spread, all its other trials, those of earlier trainings.

    Args:
        trials: Trials of all trainings.
        best: The best of each family in the training that the picture is about, best first.
        use_case: Names the metric.
    """
    first, metric = best.iloc[0], use_case.training.metric
    title = f"{first['family']} has the best {metric} over the folds: {figure(first['cv'])}"
    drawn = new_figure(1.6 + 0.6 * len(best), note_of(first), title)
    axes = plain(drawn.subplots())
    places = {family: place for place, family in enumerate(best["family"][::-1])}
    now = trials["training"] == first["training"]
    like = (trials["rows"] == first["rows"]) & (trials["table_version"] == first["table_version"])
    kinds = (
        ("earlier trainings, same rows", trials[~now & like], GREY, -0.18),
        ("trials of this training", trials[now], BLUE, 0.0),
    )
    for name, part, colour, shift in kinds:
        part = part[part["family"].isin(list(places))]
        if len(part):
            heights = [places[family] + shift for family in part["family"]]
            axes.plot(part["cv"], heights, "o", color=colour, markersize=5, alpha=0.7, label=name)
    axes.errorbar(
        best["cv"], [places[family] + 0.18 for family in best["family"]], xerr=best["cv_sd"],
        fmt="D", color=VERMILION, capsize=4, label="best: mean ± sd over folds",
    )  # fmt: skip
    axes.set_yticks(list(places.values()), list(places))
    axes.set_ylim(-0.6, len(places) - 0.4)
    axes.set_xlabel(f"{metric}, cross-validated (more is better)", fontsize=9)
    legend_below(drawn, axes)
    return drawn


def draw_parameters(trials: pd.DataFrame, best: pd.DataFrame, use_case: UseCase) -> Figure | None:
    """The metric over each parameter that was searched, a panel for each of a family's.

    Returns:
        The picture; None where nothing was searched.
    """
    first, metric = best.iloc[0], use_case.training.metric
    like = trials[
        (trials["rows"] == first["rows"]) & (trials["table_version"] == first["table_version"])
    ]
    spaces = {
        (str(family), name): space
        for family, candidate in use_case.candidates.items()
        for name, space in candidate.search.items()
        if family in set(like["family"])
    }
    if not spaces:
        return None
    rows = -(-len(spaces) // 4)
    drawn = new_figure(0.9 + 2.2 * rows, note_of(first), "What each parameter did: a dot a trial")
    for axes, ((family, name), space) in zip(
        panels(drawn, len(spaces), 4), spaces.items(), strict=True
    ):
        part = like[like["family"] == family]
        _over_parameter(axes, part, name, space)
        axes.set_title(family, fontsize=9)
        axes.set_ylim(*_room(like))
        axes.set_xlabel(name, fontsize=8)
    drawn.supylabel(f"{metric}, mean ± sd over folds", fontsize=9)
    return drawn


def note_of(training: pd.Series) -> str:
    """The line under a picture: which rows a training saw."""
    return f"trained on {training['rows']} rows, gold version {training['table_version']}"


def _over_parameter(axes: Any, part: pd.DataFrame, name: str, space: Space) -> None:
    given: list[Mapping[str, str]] = list(part["parameters"])
    has = [name in parameters for parameters in given]
    values = [parameters[name] for parameters in given if name in parameters]
    numeric = all(isinstance(value, int | float) for value in space.grid)
    axes.errorbar(
        [float(value) for value in values] if numeric else values,
        part["cv"][has], yerr=part["cv_sd"][has], fmt="o", color=BLUE, markersize=4, elinewidth=1,
    )  # fmt: skip
    if space.low is None or space.high is None:
        return
    if space.log:
        axes.set_xscale("log")
        ticks = [space.low, (space.low * space.high) ** 0.5, space.high]
        axes.set_xticks(ticks, [f"{tick:.2g}" for tick in ticks])
        axes.minorticks_off()
        axes.set_xlim(space.low / 1.3, space.high * 1.3)
        return
    room = 0.05 * (space.high - space.low)
    axes.set_xlim(space.low - room, space.high + room)
    axes.xaxis.set_major_locator(MaxNLocator(4, integer=space.integer))


def _room(trials: pd.DataFrame) -> tuple[float, float]:
    """One scale for all panels."""
    low, high = (trials["cv"] - trials["cv_sd"]).min(), (trials["cv"] + trials["cv_sd"]).max()
    room = 0.05 * (high - low) or 0.05
    return float(low - room), float(high + room)
