"""What came of answers: one outcome a prediction, of all that feedback said.

The latest counts: that of the latest `at`, of several then the one that was received last. All
lines stay in the table.
"""

from datetime import timedelta

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from hitcast.tables.lakehouse import Lakehouse

COUNTS = ("known", "unknown", "late", "repeated", "contradicting")


def outcomes(log: DataFrame, feedback: DataFrame, within: timedelta | None = None) -> DataFrame:
    """The outcome of each prediction that feedback names.

    Args:
        log: The table of the inference log.
        feedback: The table of feedback.
        within: How long after its answer an outcome may be received; None: any time.

    Returns:
        A row a prediction id: `prediction_id`, `outcome` (text), `at` (when it happened), `time`
        (when that was received), `times` (lines that name the prediction), `contradicting` (whether
        they name several outcomes), `late` (whether this outcome was first received more than
        `within` after the answer; null where the log has no such prediction, or not yet).
    """
    told = feedback.groupBy("prediction_id", "outcome").agg(
        F.max(F.struct("at", "time", "segment", "line")).alias("last"),
        F.min("time").alias("first"),
        F.count("*").alias("times"),
    )
    winning = F.max(F.struct("last", "outcome", "first")).alias("won")
    one = told.groupBy("prediction_id").agg(
        winning, F.sum("times").alias("times"), (F.count("*") > 1).alias("contradicting")
    )
    # A shadow's line has the id of the answer that it shadows.
    answers = log.where(F.col("prediction_id").isNotNull()).groupBy("prediction_id")
    answered = answers.agg(F.min("time").alias("answered"))
    after = F.timestamp_diff("MICROSECOND", F.col("answered"), F.col("won.first"))
    longest = within / timedelta(microseconds=1) if within is not None else None
    is_late = F.lit(False) if longest is None else after > longest
    return one.join(answered, "prediction_id", "left").select(
        "prediction_id",
        F.col("won.outcome").alias("outcome"),
        F.col("won.last.at").alias("at"),
        F.col("won.last.time").alias("time"),
        "times",
        "contradicting",
        F.when(F.col("answered").isNotNull(), is_late).alias("late"),
    )


def count_outcomes(lakehouse: Lakehouse, within: timedelta | None = None) -> dict[str, int]:
    """How many predictions have an outcome, by what there is to say of it.

    Returns:
        `known` and `unknown` predictions; of the known ones those that are `late`; of all those of
        which feedback said the same again (`repeated`), or something else (`contradicting`).
    """
    log, feedback = lakehouse.inference_log, lakehouse.feedback
    if not feedback.exists():
        return dict.fromkeys(COUNTS, 0)
    rows = feedback.read()
    answers = log.read() if log.exists() else rows.limit(0)
    found = outcomes(answers, rows, within)
    contradicting = F.col("contradicting")
    by = {
        "known": F.col("late").isNotNull(),
        "unknown": F.col("late").isNull(),
        "late": F.coalesce("late", F.lit(False)),
        "repeated": (F.col("times") > 1) & ~contradicting,
        "contradicting": contradicting,
    }
    counted = found.agg(*(F.count_if(by[name]).alias(name) for name in COUNTS))
    return {name: int(count) for name, count in counted.collect()[0].asDict().items()}
