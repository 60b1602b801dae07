"""What jobs found about experiments: one report at a time, and those that can't be read."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from components.experiments import over_time, tables, traffic
from components.experiments.experiment import local
from components.experiments.names import DIRECTION, UNKNOWN, count, metric_name
from components.experiments.reading import UnreadableError
from components.experiments.report import Report
from components.words import plain

NONE = (
    "There is no report yet: `python jobs/experiment.py --name NAME` writes one from what "
    "`jobs/collect.py` has brought in."
)


def show(found: Sequence[Any]) -> None:
    """The newest report, or the one that is chosen.

    Args:
        found: As the API tells them, newest first.
    """
    readable, lost = read(found)
    if not found:
        st.info(NONE, icon=":material/lab_profile:")
    if readable:
        # The newest stands first, and so is chosen.
        named = {f"{report.name}, as of {local(report.at)}": report for report in readable}
        name = next(iter(named))
        if len(named) > 1:
            name = st.selectbox("Report", list(named), key="report", width=480) or name
        one(named[name])
    for name, why in lost:
        st.warning(
            f"**The report {plain(name)} can't be read:** {plain(why)}. Another version of the "
            "job wrote it: run `jobs/experiment.py` again.", icon=":material/broken_image:",
        )  # fmt: skip


def read(found: Sequence[Any]) -> tuple[list[Report], list[tuple[str, str]]]:
    """The reports that can be read; names of the others, and why not."""
    readable, lost = [], []
    for told in found:
        try:
            readable.append(Report.read(told))
        except UnreadableError as error:
            name = told.get("name") if isinstance(told, dict) else None
            lost.append((str(name)[:64] if name else "without a name", str(error)))
    return readable, lost


def one(report: Report) -> None:
    """All that a report says, the verdict first."""
    if report.generated:
        st.info(
            "**From generated rows**, or models trained on them: it shows how this works and says "
            "nothing about real ones.", icon=":material/science:",
        )  # fmt: skip
    if report.split_fault:
        st.error(split_told(report), icon=":material/call_split:")
    verdict(report)
    for arm in report.others:
        if looks := report.over_time.get(arm.alias):
            over_time.show(report, arm, looks)
    st.caption(
        "Look daily: the band holds at all looks together, in 95 of 100 experiments"
        + (" for all arms at once" if len(report.others) > 1 else "")
        + ", and the verdict uses it alone. The dashed lines hold for one look at a time set "
        "before: who looks daily and stops when they leave 0 finds differences that are chance, "
        "in about 1 of 4 experiments without any (at 30 looks)."
    )
    tables.arms(report)
    tables.differences(report)
    for arm in report.others:
        st.markdown(tables.power_told(report, arm))
    traffic.show(report)


def verdict(report: Report) -> None:
    """The verdict in the report's own words, its reasons, and what it rests on."""
    grid = st.grid(3, min_column_width=200)
    winners = ", ".join(report.winners)
    grid.metric(
        "Verdict", report.verdict.capitalize(), border=True, height="stretch",
        delta_description=winners or f"against {report.control}",
    )  # fmt: skip
    grid.metric(
        "Units", count(report.units), border=True, height="stretch",
        delta_description=f"{local(report.first)[:10]} to {local(report.at)[:10]}",
    )  # fmt: skip
    grid.metric(
        "Decided by", metric_name(report.metric), border=True, height="stretch",
        delta_description=f"{DIRECTION[report.higher_is_better]}; "
        f"{report.smallest_difference:g} matters",
    )  # fmt: skip
    if len(report.others) > 1:
        each = [
            f"{plain(arm.called)}: **{plain(arm.verdict or UNKNOWN)}**" for arm in report.others
        ]
        st.markdown(" · ".join(each))
    st.markdown("\n".join(f"- {plain(reason)}" for reason in report.reasons))
    rows = "generated" if report.generated else "real"
    st.caption(f"{report.title}, {rows} rows, as of {local(report.at)}, by the newest prediction.")


def split_told(report: Report) -> str:
    """That units are not split as the weights say."""
    each = ", ".join(
        f"{plain(arm)} {count(units)} (expected {count(None if e is None else round(e))})"
        for arm, (units, e) in report.split.items()
    )
    p = UNKNOWN if report.p_value is None else f"{report.p_value:.2g}"
    return (
        f"**The units are not split as the weights say, so no verdict holds:** {each}; p = {p} at "
        "every look. Find out why some are lost or counted twice, then start another experiment."
    )
