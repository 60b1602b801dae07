"""What somebody fills in to start, change or end an experiment."""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from components import admin
from components.experiments import changing
from components.experiments.experiment import Experiment
from components.experiments.names import DECIDING

DECLARED, CHOSEN = "by its name in conf/experiments", "by choosing two aliases"
NAMING = "Up to 64 of a–z, digits, _ and -; answers, log and report have it"
SMALLEST = "In the metric's own unit; a smaller difference is not worth a switch"
WIDTH = 480
LEAST = 0.001


def show(found: Experiment | None, aliases: Mapping[str, int], *, several: bool) -> None:
    """The forms that fit what runs, and what came of the last call.

    Args:
        found: What runs.
        aliases: Of the registry, with the versions that they name.
        several: Whether answers have more than two classes, none of which is the positive one.
    """
    changing.told()
    if found is None or found.is_over:
        with st.expander("Start an experiment", icon=":material/play_arrow:"):
            start(aliases, several=several)
    if found is not None:
        if not found.is_over:
            with st.expander("Change traffic or weights", icon=":material/tune:"):
                change(found)
        with st.expander("End it", icon=":material/stop:"):
            end(found)


def start(aliases: Mapping[str, int], *, several: bool) -> None:
    """Which experiment, and the key."""
    how = st.radio("Which", [DECLARED, CHOSEN], key="experiment_how")
    wanted = declared() if how == DECLARED else chosen(aliases, several=several)
    if wanted is None:
        return
    with st.form("experiment_start", clear_on_submit=True, border=False, width=WIDTH):
        admin.field("experiment_start_key")
        st.form_submit_button(
            "Start it", key="experiment_start_now", icon=":material/play_arrow:",
            on_click=changing.start, args=("experiment_start_key", wanted),
        )  # fmt: skip


def declared() -> dict[str, Any]:
    """One that the API's conf declares."""
    name = st.text_input(
        "Name", key="experiment_declared", width=WIDTH, placeholder="staging-against-production",
        help="Of a file in `conf/experiments/` where the API runs, without `.yml`",
    )  # fmt: skip
    return {"name": name.strip()}


def chosen(aliases: Mapping[str, int], *, several: bool) -> dict[str, Any] | None:
    """One of two aliases; None where there are not two."""
    if len(aliases) < 2:
        st.info(
            f"It takes two aliases, and the registry has {len(aliases)}: "
            "`jobs/promote.py --version N --alias NAME` sets one."
        )
        return None
    names = sorted(aliases, key=lambda alias: (alias != "production", alias != "staging", alias))
    name = st.text_input("Name", key="experiment_name", width=WIDTH, help=NAMING)

    def called(alias: str) -> str:
        return f"{alias} (version {aliases[alias]})"

    grid = st.grid(2, min_column_width=220)
    control = grid.selectbox(
        "Control", names, key="experiment_control", format_func=called,
        help="What the other is compared with",
    )  # fmt: skip
    treatment = grid.selectbox(
        "Treatment", [a for a in names if a != control], key="experiment_treatment",
        format_func=called,
    )  # fmt: skip
    weights = weight_fields(grid, [str(control), str(treatment)], {}, "start")
    traffic = traffic_slider(1.0, "start")
    grid = st.grid(2, min_column_width=220)
    metric = grid.selectbox(
        "Decided by", [m for m in DECIDING if m != "outcome" or not several],
        key="experiment_metric", format_func=lambda m: DECIDING[m],
    )  # fmt: skip
    smallest = grid.number_input(
        "Smallest difference that matters", min_value=1e-6, value=0.01, step=0.001, format="%.4g",
        key="experiment_smallest", help=SMALLEST,
    )  # fmt: skip
    arms = [{"alias": alias, "weight": weight} for alias, weight in weights.items()]
    return {
        "name": name.strip(), "arms": arms, "traffic": traffic, "metric": metric,
        "smallest_difference": smallest,
    }  # fmt: skip


def change(found: Experiment) -> None:
    """Another share of traffic and other weights, which begin a new period."""
    st.caption(
        "As few units as possible change their arm, and the versions stay. A new period begins: "
        "the report compares within each. Arms, metric and salt stay until it is ended."
    )
    # What is kept anew is begun from anew.
    mark = f"{found.name} {found.period}"
    traffic = traffic_slider(found.traffic, mark)
    now = {arm.alias: arm.weight for arm in found.answering}
    weights = weight_fields(st.grid(2, min_column_width=220), list(now), now, mark)
    with st.form("experiment_change", clear_on_submit=True, border=False, width=WIDTH):
        admin.field("experiment_change_key")
        st.form_submit_button(
            "Change it", key="experiment_change_now", icon=":material/tune:",
            on_click=changing.start,
            args=("experiment_change_key", found.asked(traffic, weights)),
        )  # fmt: skip


def end(found: Experiment) -> None:
    """Whether somebody is sure, and the key."""
    st.caption("One version answers all from then on. What is in the log stays there.")
    with st.form("experiment_end", clear_on_submit=True, border=False, width=WIDTH):
        st.checkbox(f"Yes, end {found.name}", key="experiment_sure")
        admin.field("experiment_end_key")
        st.form_submit_button(
            "End it", key="experiment_end_now", icon=":material/stop:", on_click=changing.end,
            args=("experiment_end_key", "experiment_sure", found.name),
        )  # fmt: skip


def traffic_slider(share: float, mark: str) -> float:
    """The share of units that take part."""
    per_cent: float = st.slider(
        "Share of traffic", min_value=1.0, max_value=100.0, value=max(1.0, 100 * share), step=1.0,
        format="%g %%", key=f"experiment_traffic {mark}", width=WIDTH,
        help="Of all units; the others are answered by the default",
    )  # fmt: skip
    # What was not moved stays as it is, to the last digit.
    return share if per_cent == max(1.0, 100 * share) else per_cent / 100


def weight_fields(
    grid: Any, aliases: Sequence[str], now: Mapping[str, float], mark: str
) -> dict[str, float]:
    """A weight for each arm that answers."""
    return {
        alias: grid.number_input(
            f"Weight of {alias}", min_value=min(LEAST, now.get(alias, 1.0)), max_value=1e6,
            value=now.get(alias, 1.0), step=1.0, format="%g",
            key=f"experiment_weight {alias} {mark}",
            help="Its part of the units beside the other arms' weights",
        )
        for alias in aliases
    }  # fmt: skip
