"""From tables of the log and feedback to the report, on Spark and Delta."""

import json
import math
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from hitcast.declaration.experiment import Arm
from hitcast.declaration.label import Label
from hitcast.declaration.use_case import UseCase
from hitcast.errors import ExperimentError
from hitcast.experiments import looks
from hitcast.experiments.by_unit import (
    by_unit,
    compared,
    lines_of,
    with_look,
    with_outcomes,
)
from hitcast.experiments.metrics import KEYS
from hitcast.experiments.reporting import report
from hitcast.experiments.shares import shares_of
from hitcast.experiments.verdicts import BETTER, NOT_YET
from hitcast.models.tracking import read_runs
from hitcast.tables.lakehouse import Lakehouse
from tests.copies import new_home
from tests.experiments.gathered import TWO, experiment
from tests.experiments.logged import FEEDBACK, NOON, line, log_of, made

pytestmark = [pytest.mark.spark, pytest.mark.slow]
WITH_SHADOW = (*TWO, Arm(alias="test-1", shadow=True))


def known_of(spark: SparkSession, told: Mapping[int, str]) -> DataFrame:
    rows = [(f"p{number}", outcome) for number, outcome in told.items()]
    return spark.createDataFrame(rows, "prediction_id string, outcome string")


def latest(log: DataFrame, feedback: DataFrame) -> DataFrame:  # noqa: ARG001
    """Stands in for collect's outcomes: the latest `at` wins."""
    last = F.max(F.struct("at", "outcome")).alias("last")
    found = feedback.groupBy("prediction_id").agg(last)
    return found.select("prediction_id", F.col("last.outcome").alias("outcome"))


def added_up(spark: SparkSession, lines: list[dict[str, Any]], told: Mapping[int, str],
             label: Label) -> dict[tuple[Any, ...], pd.Series]:  # fmt: skip
    """What units did, by unit, arm and `versus`."""
    held = lines_of(log_of(spark, lines), experiment(WITH_SHADOW))
    rows = compared(with_outcomes(held, known_of(spark, told), label), "production")
    found = by_unit(with_look(rows, NOON.timestamp(), 3600.0)).toPandas()
    assert set(KEYS) <= set(found)
    return {(r["unit"], r["arm"], r["versus"]): r for _, r in found.iterrows()}


def test_what_counts_is_added_up_by_unit_and_what_does_not_is_left_out(
    spark: SparkSession, spotify: UseCase
) -> None:
    lines = [
        line(0, "u", "staging", probability=0.8),
        line(1, "u", "staging", probability=0.3, label="0"),
        line(2, "u", "staging", probability=0.0, fallback=True),
        line(3, "u", "staging"),  # Its outcome is none of the label's.
        line(4, "u", "staging"),  # Nobody has told its outcome.
        line(5, "u", "staging", source="studio"),
        line(6, "u", "staging", experiment=None),
        line(7, "u", "other"),
        line(8, None, "staging"),
        line(9, "u", "staging", experiment="another"),
    ]
    told = {0: "1", 1: "0", 2: "1", 3: "maybe", 5: "1", 6: "1", 7: "1", 9: "1", 77: "1"}
    found = added_up(spark, lines, told, spotify.label)
    assert list(found) == [("u", "staging", None)]
    row = found["u", "staging", None]
    counts = {"predictions": 5, "fallbacks": 1, "positive": 4, "with_outcome": 3}
    sums = {"positive_outcomes": 2, "hits": 2, "called": 2, "correct": 3}
    assert {name: row[name] for name in (*counts, *sums)} == {**counts, **sums}
    assert row["log_loss"] == pytest.approx(-math.log(0.8) - math.log(0.7) - math.log(2**-52))
    assert row["brier"] == pytest.approx(0.04 + 0.09 + 1.0)


def test_a_shadow_is_paired_with_what_the_control_itself_answered(
    spark: SparkSession, spotify: UseCase
) -> None:
    def shadow(number: int, unit: str, probability: float) -> dict[str, Any]:
        shadowed = {"prediction_id": f"p{number}", "shadow": True, "probability": probability}
        return line(100 + number, unit, "test-1", **shadowed)

    lines = [
        line(0, "u", "production", probability=0.6), shadow(0, "u", 0.9),
        line(1, "u", "production", probability=0.6, fallback=True), shadow(1, "u", 0.9),
        line(2, "v", "staging", probability=0.6), shadow(2, "v", 0.9),
        line(3, "u", "production", probability=0.2),  # The shadow's queue was full.
    ]  # fmt: skip
    found = added_up(spark, lines, dict.fromkeys(range(4), "1"), spotify.label)
    assert set(found) == {
        ("u", "production", None), ("v", "staging", None),
        ("u", "production", "test-1"), ("u", "test-1", "test-1"),
    }  # fmt: skip
    assert found["u", "production", None]["predictions"] == 3
    pair = [found["u", arm, "test-1"] for arm in ("production", "test-1")]
    assert [row["predictions"] for row in pair] == [1, 1]
    assert [row["log_loss"] for row in pair] == pytest.approx([-math.log(0.6), -math.log(0.9)])


def test_what_the_weights_were_is_read_from_the_lines(spark: SparkSession) -> None:
    lines = [
        line(0, "u", "staging", period="1", share=0.2),
        line(1, "v", "production", period="1", share=0.8),
        line(2, "v", "production", period="2", share=0.5),  # Nobody got the other arm.
        line(3, "v", "production", period="3"),  # Of before shares were logged.
        line(4, "v", "test-1", period="2", shadow=True),
    ]  # fmt: skip
    held = experiment(WITH_SHADOW)
    found = shares_of(lines_of(log_of(spark, lines), held), held)
    assert found == {"1": {"production": 0.8, "staging": 0.2},
                     "2": {"production": 0.5, "staging": 0.5}}  # fmt: skip
    older = lines_of(log_of(spark, lines).drop("share"), held)
    assert shares_of(older, held) == {}


def test_losses_of_more_classes_are_by_the_probability_of_what_happened(
    spark: SparkSession,
) -> None:
    label = Label(column="kind", output="kind", classes=("a", "b", "c"))
    said = {"a": 0.5, "b": 0.3, "c": 0.2}
    lines = [
        line(0, "u", "staging", probabilities=said, probability=None, label="a"),
        line(1, "u", "staging", probabilities=said, probability=None, label="a"),
    ]
    row = added_up(spark, lines, {0: "a", 1: "c"}, label)["u", "staging", None]
    assert row["log_loss"] == pytest.approx(-math.log(0.5) - math.log(0.2))
    assert row["brier"] == pytest.approx((0.25 + 0.09 + 0.04) + (0.25 + 0.09 + 0.64))
    assert (row["correct"], row["with_outcome"]) == (1, 2)


def test_a_report_is_made_once_of_the_same_tables_and_again_of_more(
    spark: SparkSession, spotify: UseCase, tmp_path: Path
) -> None:
    home = new_home(tmp_path / "home")
    lakehouse = Lakehouse(spark, home.lakehouse, spotify.name)
    log, feedback = lakehouse.table("inference_log"), lakehouse.table("feedback")
    trial = experiment()
    with pytest.raises(ExperimentError, match="expected the inference_log table at .*collect.py"):
        report(spark, spotify, home, trial, latest)
    lines, said = made(1, 600)
    log.create_from(log_of(spark, lines), {})
    with pytest.raises(ExperimentError, match="expected lines of the experiment 'other'"):
        report(spark, spotify, home, experiment(name="other"), latest)

    early = report(spark, spotify, home, trial, latest)
    assert early["verdict"] == NOT_YET
    assert early["reasons"] == [
        "staging: production has 0 units with a known outcome, it takes 100"
    ]

    feedback.create_from(spark.createDataFrame(said, FEEDBACK), {})
    first = report(spark, spotify, home, trial, latest)
    again = report(spark, spotify, home, trial, latest)
    assert again == first
    assert first["verdict"] == BETTER
    assert first["units"] == 600
    assert first["arms"]["staging"]["versions"] == [2]
    expected = by_hand(lines, said)
    difference = first["differences"]["staging"]
    assert difference["difference"] == pytest.approx(expected["staging"] - expected["production"])
    assert difference["sequence_low"] < difference["low"] < difference["high"] < 0

    rows = lakehouse.table(looks.NAME).rows()
    assert len(rows) == 2 * 8, "one look before feedback and one after, of eight metrics each"
    deciding = [row for row in rows if row["decides"]]
    assert {row["verdict"] for row in deciding} == {NOT_YET, BETTER}
    assert {row["run_id"] for row in rows} == {early["run_id"], first["run_id"]}
    runs = read_runs(home, f"{spotify.name}-experiments")
    assert list(runs["tags.hitcast.verdict"]) == [BETTER, NOT_YET]

    page = Path(first["report"])
    assert page == home.folder / "reports/experiments/spotify/trial.html"
    told = json.loads(page.with_suffix(".json").read_text())
    assert told["arms"]["staging"]["metrics"]["areaUnderPR"]["value"] == pytest.approx(1.0)
    assert told["verdict"] == BETTER
    assert told["generated"] is False
    assert sum(day["predictions"] for day in told["traffic"]) == len(lines)
    assert len(told["over_time"]) > 1
    assert "Better" in page.read_text()


def by_hand(lines: list[dict[str, Any]], said: list[tuple[Any, ...]]) -> dict[str, float]:
    """The log loss of each arm, by the last that was said."""
    outcome = {of[3]: of[4] for of in sorted(said, key=lambda of: of[5])}
    losses = defaultdict(list)
    for of in lines:
        p = of["probability"]
        losses[of["arm"]].append(-math.log(p if outcome[of["prediction_id"]] == "1" else 1 - p))
    return {arm: float(np.mean(lost)) for arm, lost in losses.items()}
