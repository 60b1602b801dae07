"""What runs: since when, on whom, which arms, and what became of their rows."""

from typing import Any

import pandas as pd
import streamlit as st

from components.experiments.experiment import Arm, Experiment, local, moment
from components.experiments.names import metric_name
from components.words import percent, plain

NONE = (
    "**No experiment runs:** one version answers all. An experiment gives each unit (whom or what "
    "an answer is for, as callers name it in `X-Unit-Id`) to one of two or more versions, so that "
    "what comes of their answers tells which one is better in use."
)
COUNTS = {
    "answered": ("Answered", "Rows that the arm's version answered since the API was started"),
    "fallback": ("By the default", "Rows that the default answered in its place"),
    "shadow": ("Shadow scored", "Rows scored beside; nobody got these answers"),
    "shadow_lost": ("Lost", "Not scored beside: there was no room in the queue"),
    "shadow_failed": ("Failed", "Not scored beside: the version failed"),
}
"""What became of rows, and what it says."""


def show(found: Experiment | None) -> None:
    """The experiment, or that there is none."""
    if found is None:
        st.info(NONE, icon=":material/experiment:")
        return
    state, why = state_of(found)
    grid = st.grid(3, min_column_width=200)
    grid.metric(
        "Experiment", found.name, border=True, height="stretch",
        delta_description=f"ends {local(found.ends)}" if found.ends else "until it is ended",
    )  # fmt: skip
    grid.metric("State", state, border=True, height="stretch", delta_description=why)
    grid.metric(
        "Traffic", percent(found.traffic), border=True, height="stretch",
        delta_description="of all units take part",
    )  # fmt: skip
    if found.following < found.workers:
        st.warning(
            f"**Not all follow yet:** {found.following} of {found.workers} workers of the API "
            "have it as it is here; the others follow by themselves.", icon=":material/sync:",
        )  # fmt: skip
    for arm in found.arms:
        if arm.problem:
            does = "It scores nothing." if arm.shadow else "The default answers for its units."
            st.warning(
                f"**The arm {plain(arm.alias)} (version {arm.version}) is broken:** "
                f"{plain(arm.problem).rstrip('.')}. {does}", icon=":material/link_off:",
            )  # fmt: skip
    arms(found)
    st.caption(
        f"What decides: {metric_name(found.metric).lower()}, of which a difference of "
        f"{found.smallest_difference:g} matters. An arm keeps its version, wherever the alias "
        "moves. What the studio asks is no part of it."
    )


def state_of(found: Experiment) -> tuple[str, str]:
    """Whether it is on, and since when or why not."""
    starts, period = found.starts, found.period
    if found.is_over:
        return "Ended", f"its end came {local(found.ends)}"
    if found.on:
        return "On", f"as it is since {local(period)}"
    if period is None:
        return "Being prepared", "it begins when all workers have loaded all arms"
    begins = max(filter(None, (moment(starts), moment(period))))
    return "Not on yet", f"begins {local(begins.isoformat())}"


def arms(found: Experiment) -> None:
    """The arms in a table."""
    shown = [name for name in COUNTS if not name.startswith("shadow") or _has_shadows(found)]
    lines = pd.DataFrame([_line(found, arm, shown) for arm in found.arms])
    config = {
        COUNTS[name][0]: st.column_config.NumberColumn(format="localized", help=COUNTS[name][1])
        for name in shown
    }
    st.dataframe(
        lines, hide_index=True, key="arms", alt=f"{len(lines)} arms with versions and rows",
        column_config={
            "Arm": st.column_config.TextColumn(pinned=True),
            "Of those in it": st.column_config.TextColumn(help="Share of the units that take part"),
            **config,
        },
    )  # fmt: skip


def _has_shadows(found: Experiment) -> bool:
    return any(arm.shadow for arm in found.arms)


def _line(found: Experiment, arm: Arm, shown: list[str]) -> dict[str, Any]:
    share = found.share_of(arm)
    role = "control" if arm == found.control else "shadow" if arm.shadow else "treatment"
    return {
        "Arm": arm.alias,
        "Role": role,
        "Version": arm.version,
        "Of those in it": "scores all" if arm.shadow else f"{100 * share:.3g} %",
        "Of all units": "scores " * arm.shadow + f"{100 * share * found.traffic:.3g} %",
        **{COUNTS[name][0]: arm.rows.get(name) for name in shown},
    }
