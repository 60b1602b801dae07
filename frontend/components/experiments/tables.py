"""A report's figures: arms, differences, and how many units it takes."""

from collections.abc import Callable

import pandas as pd
import streamlit as st

from components.experiments.arm_report import ArmReport
from components.experiments.names import (
    UNKNOWN,
    count,
    metric_name,
    signed,
    span,
    with_interval,
)
from components.experiments.report import Report
from components.words import plain

NOTHING = (None, None, None)


def arms(report: Report) -> None:
    """Units, predictions and metrics of each arm: a column an arm, for phones have few."""
    counts: dict[str, Callable[[ArmReport], str]] = {
        "Version": lambda arm: ", ".join(count(one) for one in arm.versions) or UNKNOWN,
        "Units": lambda arm: count(arm.units),
        "Predictions": lambda arm: count(arm.predictions),
        "With outcomes": lambda arm: count(arm.with_outcome),
        "By the default": lambda arm: count(arm.fallbacks),
    }
    metrics = list(dict.fromkeys(name for arm in report.arms for name in arm.metrics))
    lines = {"": [*counts, *(_named(report, name) for name in metrics)]} | {
        _headed(arm): [
            *(told(arm) for told in counts.values()),
            *(with_interval(*arm.metrics.get(name, NOTHING)) for name in metrics),
        ]
        for arm in report.arms
    }
    st.subheader("Arms")
    st.dataframe(
        pd.DataFrame(lines), hide_index=True, key="report_arms", height="content",
        column_config={"": st.column_config.TextColumn(pinned=True)},
        alt=f"Units, predictions and metrics of {len(report.arms)} arms",
    )  # fmt: skip
    shadows = any(arm.shadow for arm in report.arms)
    st.caption(
        "Metrics stand with their 95 % intervals, by unit: a unit's predictions are not "
        "independent." + " A shadow's outcomes are those of what the control answered." * shadows
    )


def differences(report: Report) -> None:
    """Each arm less the control, metric by metric."""
    lines = [
        {
            "Metric": _named(report, name),
            **({"Arm": arm.called} if len(report.others) > 1 else {}),
            "Difference": signed(told.difference),
            "Sequence": span(told.sequence_low, told.sequence_high),
            "One look only": span(told.low, told.high),
            "Units": count(told.units),
        }
        for arm in report.others
        for name, told in arm.differences.items()
    ]
    if not lines:
        return
    st.subheader("Differences")
    st.dataframe(
        pd.DataFrame(lines), hide_index=True, key="report_differences", height="content",
        column_config={
            "Metric": st.column_config.TextColumn(pinned=True),
            "Sequence": st.column_config.TextColumn(help="Holds however often one looks"),
            "One look only": st.column_config.TextColumn(
                help="95 % at a fixed horizon: for one look at a time set before"
            ),
        },
        alt=f"{len(lines)} differences from {report.control} with both intervals",
    )  # fmt: skip
    told = f"Treatment less control ({plain(report.control)})."
    if report.alpha is not None:
        told += f" Each sequence is wrong in {100 * report.alpha:.3g} % of experiments at most."
    st.caption(told)


def power_told(report: Report, arm: ArmReport) -> str:
    """How many units it takes to find the declared difference, and how many there are."""
    power, name = arm.power, plain(arm.called)
    so_far = f"{count(_whole(power.get('units')))} units so far"
    needed, more = _whole(power.get("units_needed")), _whole(power.get("units_still_needed"))
    if needed is None:
        told = f"{so_far}; how many it takes is {UNKNOWN} yet."
    else:
        told = (
            f"{so_far}; to find a difference of {report.smallest_difference:g} with a power of "
            f"80 % takes {count(needed)}"
            + (f", {count(more)} more." if more else ": they are there." if more == 0 else ".")
        )
    at_planned = power.get("power_at_planned")
    if at_planned is not None:
        planned = count(_whole(power.get("units_planned")))
        told += f" With the {planned} that are planned the power is {100 * at_planned:.0f} %."
    return f"**Units for {name}:** {told}"


def _whole(value: float | None) -> int | None:
    return None if value is None else round(value)


def _named(report: Report, name: str) -> str:
    return f"{metric_name(name)} (decides)" if name == report.metric else metric_name(name)


def _headed(arm: ArmReport) -> str:
    return f"{arm.alias} (control)" if arm.control else arm.called
