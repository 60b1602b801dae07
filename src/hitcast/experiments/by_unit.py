"""From the inference log and feedback to what each unit did: steps of DataFrames.

What counts is what was answered in the experiment: lines without it, and those of the studio, are
left out. A unit whose arm was broken counts for that arm all the same (as it was meant to be
treated), or arms that break would lose the units that they failed.
"""

from datetime import UTC, datetime

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from hitcast.declaration.experiment import Experiment
from hitcast.declaration.label import Label
from hitcast.experiments.metrics import COUNTS, KEYS, SUMS

LOOKED_AT = (
    "segment", "line", "time", "prediction_id", "version", "arm", "period", "share", "unit",
    "shadow", "fallback", "probability", "probabilities", "label",
)  # fmt: skip
"""Columns of the log; what was scored is none of them, and by far the largest."""
STUDIO = "studio"
"""Where lines come from that are no traffic: people who play with inputs."""
LEAST = 2.220446049250313e-16
"""The smallest probability that a log loss looks at, as scikit-learn has it."""


def lines_of(log: DataFrame, experiment: Experiment) -> DataFrame:
    """The lines of the inference log that an experiment is judged by; grain: one an answered row.

    Shadows' lines are there too, of which `shadow` is true.
    """
    wanted = (F.col("experiment") == experiment.name) & F.col("unit").isNotNull()
    aliases = [arm.alias for arm in experiment.arms]
    wanted &= F.col("arm").isin(aliases) & (F.coalesce("source", F.lit("")) != STUDIO)
    if experiment.starts is not None:
        wanted &= F.col("time") >= _time(experiment.starts)
    if experiment.ends is not None:
        wanted &= F.col("time") < _time(experiment.ends)
    flags = {name: F.coalesce(name, F.lit(False)) for name in ("shadow", "fallback")}
    # A table that nothing was collected into since lines have it lacks the column.
    share = {} if "share" in log.columns else {"share": F.lit(None).cast("double")}
    return log.where(wanted).withColumns(flags | share).select(*LOOKED_AT)


def _time(moment: datetime) -> Column:
    return F.timestamp_micros(F.lit(round(moment.astimezone(UTC).timestamp() * 1e6)))


def with_outcomes(lines: DataFrame, outcomes: DataFrame, label: Label) -> DataFrame:
    """Lines with what they add up; null where no outcome of the label is known, but for answers.

    Args:
        lines: See `lines_of`.
        outcomes: One row a prediction with feedback: `prediction_id` and `outcome`, its text.
        label: Its classes as the log's texts name them.

    Returns:
        The same rows with the columns of `metrics.COUNTS` and `SUMS`, and `number`, that of the
        outcome's class.
    """
    names = classes_of(label)
    numbers = F.create_map(*(F.lit(v) for n, name in enumerate(names) for v in (name, float(n))))
    known = outcomes.select("prediction_id", "outcome")
    joined = lines.join(known, "prediction_id", how="left")
    # An answer without a number, as of a model that says NaN, is no better by what came of it.
    said = F.col("probability" if len(names) == 2 else "probabilities").isNotNull()
    number = F.when(said, F.try_element_at(numbers, F.col("outcome")))
    rows = joined.withColumn("number", number)
    told = F.col("number").isNotNull()
    positive = (F.col("label") == names[-1]).cast("double")
    right = (F.col("label") == F.col("outcome")).cast("double")
    is_positive = (F.col("number") == len(names) - 1).cast("double")
    log_loss, brier = _losses(len(names))
    known_only = {
        "positive_outcomes": is_positive, "hits": positive * is_positive, "called": positive,
        "correct": right, "log_loss": log_loss, "brier": brier,
    }  # fmt: skip
    return rows.withColumns(
        {
            "predictions": F.lit(1.0),
            "fallbacks": F.col("fallback").cast("double"),
            "positive": positive,
            "with_outcome": told.cast("double"),
            **{name: F.when(told, of) for name, of in known_only.items()},
        }
    )


def classes_of(label: Label) -> tuple[str, ...]:
    """The classes as the log's texts name them, the positive one of two last."""
    return label.names or ("0", "1")


def _losses(classes: int) -> tuple[Column, Column]:
    """Log loss and Brier score of a row with `number`, by its probabilities."""
    if classes == 2:
        p = F.col("probability")
        of_outcome = F.when(F.col("number") == 1, p).otherwise(1 - p)
        brier = F.pow(p - F.col("number"), F.lit(2.0))
    else:
        said = F.map_values("probabilities")
        of_outcome = F.coalesce(F.try_element_at("probabilities", F.col("outcome")), F.lit(0.0))
        squares = F.aggregate(said, F.lit(0.0), lambda total, p: total + p * p)
        brier = squares - 2 * of_outcome + 1
    return -F.log(F.greatest(of_outcome, F.lit(LEAST))), brier


def compared(rows: DataFrame, control: str) -> DataFrame:
    """Answers, and for each shadow its scores beside the control's answers to the same predictions.

    Returns:
        The rows with `versus`: null for answers; the shadow's alias for both halves of a pair.
        Scores of what the control has not answered itself are left out.
    """
    answers = rows.where(~F.col("shadow"))
    scores = rows.where("shadow")
    of_control = answers.where((F.col("arm") == control) & ~F.col("fallback"))
    pairs = scores.select("prediction_id", F.col("arm").alias("versus"))
    return (
        answers.withColumn("versus", F.lit(None).cast("string"))
        .unionByName(of_control.join(pairs, "prediction_id", how="inner"))
        .unionByName(
            scores.join(of_control.select("prediction_id"), "prediction_id", how="left_semi")
            .withColumn("versus", F.col("arm"))
        )
    )  # fmt: skip


def with_look(rows: DataFrame, first: float, step: float) -> DataFrame:
    """Number rows by time, in steps of seconds from `first` (seconds since 1970) on."""
    seconds = F.unix_micros("time") / F.lit(1e6)
    return rows.withColumn("look", F.floor((seconds - first) / step).cast("int"))


def by_unit(rows: DataFrame) -> DataFrame:
    """Add up what each unit did: one row a unit, arm, `versus`, period and look.

    Returns:
        `metrics.KEYS`, `COUNTS` and `SUMS`.
    """
    sums = (F.coalesce(F.sum(name), F.lit(0.0)).alias(name) for name in (*COUNTS, *SUMS))
    return rows.groupBy(*KEYS).agg(*sums)
