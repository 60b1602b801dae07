"""Pictures of registered versions: champion beside challenger, what the champion looks at."""

import pandas as pd
from matplotlib.figure import Figure

from hitcast.declaration.use_case import UseCase
from hitcast.exploring.look import (
    BLUE,
    DARK,
    GREY,
    VERMILION,
    legend_below,
    new_figure,
    plain,
)
from hitcast.exploring.runs.trial_pictures import note_of
from hitcast.exploring.runs.trials import NONE
from hitcast.exploring.words import figure, title_of

LOSSES = ("log_loss", "brier")
"""Metrics of which less is better."""


def draw_pair(pair: pd.DataFrame, use_case: UseCase, comparable: bool) -> Figure:
    """Test metrics of champion and challenger, a line for each metric.

    Args:
        pair: One or two trainings with their `role`.
        use_case: Names the metric that decides.
        comparable: Whether both were measured on the same test rows; if not, the title says so.
    """
    names = shown_metrics(pair, use_case)
    notes = [f"version {line['version']}: {note_of(line)}" for _, line in pair.iterrows()]
    drawn = new_figure(1.7 + 0.45 * len(names), "; ".join(notes), _pair_title(pair, use_case))
    if not comparable:
        drawn.suptitle(f"{_pair_title(pair, use_case)}\nmeasured on different tables: no verdict")
    axes = plain(drawn.subplots())
    labels = [_told(name, use_case) for name in names][::-1]
    looks = (("o", BLUE, 8), ("D", VERMILION, -14))
    # Its legend would be lost with a figure that one of the two lacks.
    for (marker, colour, _), role in zip(looks, pair["role"], strict=False):
        axes.plot([], [], marker, color=colour, label=role)
    for place, name in enumerate(names[::-1]):
        axes.hlines(place, pair[name].min(), pair[name].max(), color=GREY, zorder=1)
        for (marker, colour, shift), (_, line) in zip(looks, pair.iterrows(), strict=False):
            if pd.isna(line[name]):
                continue
            axes.plot(line[name], place, marker, color=colour)
            axes.annotate(
                f"{line[name]:.3f}", (line[name], place), (0, shift), textcoords="offset points",
                ha="center", fontsize=8, color=colour,
            )  # fmt: skip
    axes.set_yticks(range(len(names)), labels)
    axes.set_ylim(-0.7, len(names) - 0.3)
    # Some, such as a correlation of answers and labels, can be negative.
    lowest, highest = float(pair[names].min().min()), float(pair[names].max().max())
    axes.set_xlim(left=min(0.0, lowest * 1.05), right=max(1.0, highest * 1.05))
    legend_below(drawn, axes)
    return drawn


def draw_importances(values: pd.Series, training: pd.Series, use_case: UseCase) -> Figure:
    """What shuffling each input cost the winner, greatest loss on top."""
    known = use_case.column_names
    names = [title_of(use_case.column(n)) if n in known else n for n in map(str, values.index)]
    metric = use_case.training.metric
    title = f"Without {names[0]} the model of version {training['version']} would lose most"
    drawn = new_figure(1.4 + 0.25 * len(names), note_of(training), title)
    axes = plain(drawn.subplots())
    bars = axes.barh(names[::-1], values[::-1], color=BLUE)
    labels = [f"{round(value, 3) + 0.0:.3f}".replace("-", "−") for value in values[::-1]]
    axes.bar_label(bars, labels, padding=3, fontsize=8, color=DARK)
    axes.margins(x=0.08)
    axes.set_xlabel(f"{metric} lost on the test rows when the column is shuffled", fontsize=9)
    return drawn


def _pair_title(pair: pd.DataFrame, use_case: UseCase) -> str:
    metric = use_case.training.metric
    parts = [
        f"{line['role']} (version {line['version']}) {figure(line.get(f'test_{metric}', NONE))}"
        for _, line in pair.iterrows()
    ]
    return f"{metric} on the test rows: {', '.join(parts)}"


def shown_metrics(trainings: pd.DataFrame, use_case: UseCase) -> list[str]:
    """The metrics of the whole: the deciding one first, those of which less is better last.

    What was measured of one named class alone stands in tables.
    """
    of_one = tuple(f"_{name}" for name in use_case.label.names)
    found = [name for name in map(str, trainings) if name.startswith("test_")]
    # Empty: another training has measured it.
    names = [n for n in found if not (of_one and n.endswith(of_one)) and trainings[n].notna().any()]
    first = f"test_{use_case.training.metric}"
    return sorted(names, key=lambda n: (n != first, n.removeprefix("test_") in LOSSES, n))


def _told(name: str, use_case: UseCase) -> str:
    metric = name.removeprefix("test_")
    less = " (less is better)" if metric in LOSSES else ""
    return f"{metric}{less}{' · decides' if metric == use_case.training.metric else ''}"
