"""The pictures of an experiment's report: differences over time, traffic by day."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
from matplotlib.figure import Figure

from hitcast.training.plots import COLOURS


def draw_all(folder: Path, found: Mapping[str, Any]) -> list[str]:
    """Draw every picture into `folder` as PNG; returns the file names, in the report's order.

    Args:
        folder: Where the files go; created where missing.
        found: What `findings` says.
    """
    folder.mkdir(parents=True, exist_ok=True)
    note = f"{'generated' if found['generated'] else 'real'} rows, as of {found['at'][:16]} UTC"
    names: list[str] = []
    for alias in dict.fromkeys(look["arm"] for look in found["over_time"]):
        looks = [look for look in found["over_time"] if look["arm"] == alias]
        figure = Figure(figsize=(7, 4.5), layout="constrained")
        _differences(figure, looks, found)
        names.append(_save(figure, folder, f"differences-{len(names) + 1}", note))
    figure = Figure(figsize=(7, 4.5), layout="constrained")
    _traffic(figure, found["traffic"])
    return [*names, _save(figure, folder, "traffic", note)]


def _save(figure: Figure, folder: Path, name: str, note: str) -> str:
    figure.supxlabel(note, fontsize=8, color="#555555")
    figure.savefig(folder / f"{name}.png", dpi=110)
    return f"{name}.png"


def _differences(
    figure: Figure, looks: Sequence[Mapping[str, Any]], found: Mapping[str, Any]
) -> None:
    axes: Any = figure.subplots()
    known = [look for look in looks if look["difference"] is not None]
    at = [datetime.fromisoformat(look["at"]) for look in known]
    smallest = found["smallest_difference"]
    axes.axhspan(-smallest, smallest, color="#999999", alpha=0.15, label="does not matter")
    axes.axhline(0, color="#777777", linewidth=0.8)
    told = [look for look in known if look["sequence_low"] is not None]
    if told:
        when = [datetime.fromisoformat(look["at"]) for look in told]
        ends = [[look[f"sequence_{end}"] for look in told] for end in ("low", "high")]
        axes.fill_between(
            when, *ends, color=COLOURS[0], alpha=0.2, label="sequence: look whenever you like"
        )
        fixed = [[look[end] for look in told] for end in ("low", "high")]
        for end in fixed:
            axes.plot(when, end, color=COLOURS[1], linestyle="--", linewidth=1)
        axes.plot([], [], color=COLOURS[1], linestyle="--", label="95 % of one look only")
        # The first looks are very wide, and nobody needs their ends.
        widest = max(4 * smallest, *(abs(v) for end in fixed for v in end[-1:]))
        axes.set_ylim(-widest * 1.5, widest * 1.5)
    axes.plot(at, [look["difference"] for look in known], "o-", color=COLOURS[0], markersize=3)
    better = {True: "higher", False: "lower"}[found["higher_is_better"]]
    axes.set(
        title=f"{looks[0]['arm']} less {found['control']} ({better} is better)",
        ylabel=f"difference in {found['metric']}",
    )
    _dates(axes)
    axes.legend(fontsize=8)


def _traffic(figure: Figure, days: Sequence[Mapping[str, Any]]) -> None:
    axes = figure.subplots()
    order = sorted({day["day"] for day in days})
    aliases = list(dict.fromkeys(day["arm"] for day in days))
    width = 0.8 / max(1, len(aliases))
    for number, alias in enumerate(aliases):
        counts = {day["day"]: day["predictions"] for day in days if day["arm"] == alias}
        places = [place + (number - (len(aliases) - 1) / 2) * width for place in range(len(order))]
        axes.bar(
            places, [counts.get(day, 0) for day in order], width,
            color=COLOURS[number % len(COLOURS)], label=alias,
        )  # fmt: skip
    shown = range(0, len(order), max(1, len(order) // 10))
    axes.set_xticks(list(shown), [order[place] for place in shown], rotation=30, ha="right")
    axes.set(title="Predictions by day and arm", ylabel="predictions")
    axes.legend(fontsize=8)


def _dates(axes: Any) -> None:
    locator = AutoDateLocator()
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(ConciseDateFormatter(locator))
