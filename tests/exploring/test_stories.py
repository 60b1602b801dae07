"""What notebook 05 adds: inputs, metrics and timing in words, one page of runs; without Spark."""

import re
from pathlib import Path

import pandas as pd
import pytest
from matplotlib.figure import Figure

from hitcast.declaration.use_case import UseCase
from hitcast.exploring.rendering.__main__ import main, parser
from hitcast.exploring.runs.dashboard import dashboard_page
from hitcast.exploring.runs.measured import metrics_in_words, tell_metrics
from hitcast.exploring.runs.timing import PORTABLE, SPARK, Timed, timing_in_words
from hitcast.exploring.runs.version_pictures import draw_pair, shown_metrics
from hitcast.exploring.table.inputs import inputs_in_words, tell_inputs
from hitcast.exploring.words import told
from tests.exploring.herbarium import declared


def test_inputs_are_counted_by_kind_and_told_as_declared(spotify: UseCase) -> None:
    assert inputs_in_words(declared("blossoms")) == [
        "The model sees 3 quantities, 1 category and 1 text of a blossom."
    ]
    fraud = declared("fraud")
    assert inputs_in_words(fraud) == [
        "The model sees 30 quantities of a transaction.",
        "Computed from what callers give: hour (of Time).",
        "It does not see by itself: Time.",
    ]  # fmt: skip
    found = tell_inputs(fraud).set_index("name")
    amount = found.loc[["Amount"], ["type", "unit", "more"]].to_numpy().tolist()
    assert amount == [["number", "EUR", "minimum: 0.0, transform: log1p"]]
    assert found.loc[["hour"], ["more"]].to_numpy().tolist() == [
        ["way: hour_of_day, of: ('Time',)"]
    ]
    assert len(tell_inputs(spotify)) == len(spotify.features)


def test_metrics_of_a_training_are_told_the_deciding_one_first() -> None:
    blossoms = declared("blossoms")
    training = pd.Series(
        {"version": 3, "family": "random_forest", "rows": "real", "test_macro_f1": 0.75,
         "test_log_loss": 0.5, "test_accuracy": 0.8, "test_recall_Aster": 0.9, "threshold": None}
    )  # fmt: skip
    assert tell_metrics(training, blossoms).to_numpy().tolist() == [
        ["macro_f1", 0.75, "more"], ["accuracy", 0.8, "more"], ["log_loss", 0.5, "less"],
    ]  # fmt: skip
    assert metrics_in_words(training, blossoms) == [
        "Version 3 (random_forest), on real test rows: macro_f1, by which candidates are compared, "
        "is 0.750."
    ]
    of_two = training.drop("threshold").to_frame().T.assign(threshold=0.25).iloc[0]
    assert metrics_in_words(of_two, blossoms)[0].endswith("Rows are positive from 0.250 on.")


def test_a_pair_is_drawn_where_one_lacks_a_metric_and_another_is_negative() -> None:
    blossoms = declared("blossoms")
    pair = pd.DataFrame(
        {"version": [2, 3], "role": ["champion", "challenger"], "rows": "real",
         "table_version": "0", "test_macro_f1": [0.7, 0.8], "test_matthews": [None, -0.4]}
    )  # fmt: skip
    assert shown_metrics(pair, blossoms) == ["test_macro_f1", "test_matthews"]
    axes = draw_pair(pair, blossoms, comparable=True).axes[0]
    assert axes.get_xlim()[0] < -0.4
    assert {text.get_text() for text in axes.texts} == {"0.700", "0.800", "-0.400"}


def test_timing_tells_how_many_times_as_fast_and_how_far_apart() -> None:
    table = pd.DataFrame(
        {"what": [SPARK, PORTABLE], "rows": [1000, 1000], "seconds": [0.5, 0.002],
         "rows_a_second": [2000.0, 500_000.0]}
    )  # fmt: skip
    assert timing_in_words(Timed(table, 3e-16)) == [
        "1,000 rows: the Spark pipeline took 500 ms, the portable scorer 2 ms: 250 times as fast.",
        "Their probabilities of one row differ by 3.0e−16 at most.",
    ]


def test_a_dashboard_is_one_page_that_loads_nothing() -> None:
    page = dashboard_page("Runs < all", [told("a < b"), pd.DataFrame({"cv": [0.5]}), Figure()])
    assert "<h1>Runs &lt; all</h1>" in page and "a &lt; b" in page and "<td>0.5</td>" in page
    assert page.count("data:image/png;base64,") == 1
    assert not re.findall(r"""(?:src=|import\(|url\()["']?(https?:[^"')]*)""", page)


def test_a_story_is_left_out_for_other_use_cases(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "05_fraud_story.py").write_text("# Databricks notebook source\n1 / 0\n")
    options = parser().parse_args(["--from", str(tmp_path), "--to", str(tmp_path / "pages")])
    assert main(options) == {"seconds": {}, "left_out": ["05_fraud_story"]}
    told_of = "05_fraud_story: left out, for it is about another use case; run --use-case fraud"
    assert told_of in capsys.readouterr().err
