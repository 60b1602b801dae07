"""The versions of the registry in a table, and how good they were in their tests."""

import os
from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

from answers import Schema
from components.charts.palette import BASE, FILL, AnyChart, ink
from components.connection import served_profiles
from components.registry.versions import Models, Version, when
from components.words import percent

MLFLOW = "http://127.0.0.1:5000"
"""Where `mlflow ui` is unless `HITCAST_MLFLOW_URL` says otherwise."""
MEASURE = "test_average_precision"
METRICS = {
    MEASURE: ("Average precision", "Finds the {positive} ones, and few others: 1 is best, chance "
              "is their share among all {many}"),
    "test_areaUnderROC": ("Area under ROC", "How often a {positive} {entity} gets the higher "
                          "probability of two: 1 is best, 0.5 is chance"),
    "test_f1": ("F1", "Precision and recall at the threshold in one figure: 1 is best"),
    "test_log_loss": ("Log loss", "How far the probabilities are off: 0 is best"),
    "test_brier": ("Brier score", "How far the probabilities are off, squared: 0 is best"),
    "cv_average_precision": ("Average precision (CV)", "Cross-validated: the same on parts of the "
                             "training's own {many}, by which the candidates were chosen"),
}  # fmt: skip
"""What a metric is called, and what it says."""
ACCURACY = "test_accuracy"
OF_SEVERAL = {
    ACCURACY: ("Accuracy", "Share of {many} whose class it names: 1 is best, chance is the share "
               "of the largest class"),
    "test_macro_f1": ("F1", "Precision and recall of a class in one figure, averaged over the "
                      "classes: 1 is best"),
    "test_matthews": ("Matthews' correlation", "1 is best, 0 is chance, however unequal the "
                      "classes"),
    "test_areaUnderROC": ("Area under ROC", "How often one of a class gets the higher probability "
                          "of it than one of the rest, on average: 1 is best, 0.5 is chance"),
    "test_log_loss": METRICS["test_log_loss"],
    "test_brier": METRICS["test_brier"],
}  # fmt: skip
"""The same where there are several classes, none of which is the positive one."""
BAR = 40


def measured_by(schema: Schema) -> tuple[str, Mapping[str, tuple[str, str]]]:
    """The metric that versions are compared by, and all that are shown, by their names."""
    return (ACCURACY, OF_SEVERAL) if schema.several else (MEASURE, METRICS)


def show(schema: Schema, found: Models) -> None:
    """The table, and a chart where there is something to compare."""
    if not found.versions:
        st.info("The registry has told of no version yet.")
        return
    address = (os.environ.get("HITCAST_MLFLOW_URL") or MLFLOW).rstrip("/")
    lines = pd.DataFrame([line(schema, version, address) for version in found.versions])
    # What no version has would be an empty column.
    lines = lines.replace("", None).dropna(axis="columns", how="all")
    texts = lines.select_dtypes("object").columns
    lines[texts] = lines[texts].fillna("")
    st.dataframe(
        lines, hide_index=True, column_config=columns(schema), key="registry",
        alt=f"{len(lines)} versions with aliases, dates and metrics; newest first",
    )  # fmt: skip
    st.caption(
        f"Metrics are from {schema.many} kept from the training, unless they say otherwise. "
        f"The links open the training in MLflow at {address}: run `mlflow ui` in the home folder."
    )
    measure, _ = measured_by(schema)
    measured = [version for version in found.versions if version.metric(measure) is not None]
    if len(measured) > 1:
        compare(schema, measured)


def line(schema: Schema, version: Version, address: str) -> dict[str, Any]:
    """A version in the table."""
    rows = "Generated" if version.generated else "Real"
    return {
        "Version": version.number,
        "Aliases": ", ".join(version.aliases),
        "Problem": version.problem,
        "Created": when(version.created),
        "MLflow": f"{address}/#/runs/{version.run_id}" if version.run_id else None,
        **{name: version.metric(key) for key, (name, _) in measured_by(schema)[1].items()},
        "Family": version.family.replace("_", " ") if version.family else None,
        "Trained on": f"{rows} {schema.many}",
        "Promotion": version.promotion,
    }


def columns(schema: Schema) -> dict[str, Any]:
    """How the table's columns are shown."""
    words = {"positive": schema.positive, "entity": schema.entity, "many": schema.many}
    figures = {
        name: st.column_config.NumberColumn(format="%.3f", help=text.format(**words))
        for name, text in measured_by(schema)[1].values()
    }
    return {
        "Version": st.column_config.NumberColumn(pinned=True, width="small"),
        "Promotion": st.column_config.TextColumn(help="Why the training gave it its alias, or not"),
        "MLflow": st.column_config.LinkColumn(display_text="Open run"),
        **figures,
    }


def compare(schema: Schema, measured: Sequence[Version]) -> None:
    """A bar for each version's test, with chance beside it."""
    measure, known = measured_by(schema)
    name = known[measure][0]
    profiles = served_profiles()
    chance = profiles.overall.base_rate if profiles else None
    values = [version.metric(measure) or 0.0 for version in measured]
    each = zip(measured, values, strict=True)
    text = ", ".join(f"{version.label} {value:.3f}" for version, value in each)
    if chance is not None:
        text += f"; chance {chance:.3f}"
    st.markdown(f"**{name} in the test**")
    drawn = chart([version.label for version in measured], values, chance, name)
    st.altair_chart(drawn, alt=f"{name}: {text}", key="tests")
    notes = []
    if chance is not None:
        share = "the largest class" if schema.several else f"{schema.positive} {schema.many}"
        notes.append(
            f"Chance is the share of {share} ({percent(chance)}) that the "
            "version that answers was trained on: so much comes of guessing."
        )
    if len({version.generated for version in measured}) > 1:
        notes.append(
            f"Versions trained on generated {schema.many} were tested on such, too: their "
            "figures don't compare with those of the others."
        )
    st.caption(" ".join(notes))


def chart(
    labels: Sequence[str], values: Sequence[float], chance: float | None, name: str
) -> AnyChart:
    """Bars with their figures, and a line at chance."""
    rows = pd.DataFrame({"version": labels, "value": values})
    top = min(1.0, 1.2 * max(*values, chance or 0.0))
    x = alt.X("value:Q", axis=alt.Axis(title=None, tickCount=5), scale=alt.Scale(domain=[0, top]))
    y = alt.Y("version:N", sort=None, axis=alt.Axis(title=None, labelLimit=150))
    tips = [alt.Tooltip("version:N", title="Version"), alt.Tooltip("value:Q", format=".4f",
            title=name)]  # fmt: skip
    base = alt.Chart(rows, height=BAR * len(rows) + 60).encode(x=x, y=y, tooltip=tips)
    layers: list[Any] = [
        base.mark_bar(color=FILL, height=20, cornerRadius=4),
        base.mark_text(color=ink(), align="left", dx=6, fontSize=13)
        .encode(text=alt.Text("value:Q", format=".3f")),
    ]  # fmt: skip
    if chance is not None:
        mark = alt.Chart(pd.DataFrame({"value": [chance]})).encode(x=x)
        layers.append(mark.mark_rule(color=BASE, strokeWidth=2, strokeDash=[5, 3]))
        layers.append(
            mark.mark_text(
                text=f"chance {chance:.3f}", color=BASE, align="center", fontSize=13,
                baseline="bottom",
            ).encode(y=alt.value(-6))
        )  # fmt: skip
    return alt.layer(*layers)
