"""Which part of the units each arm was to have, as the log tells it: steps of DataFrames."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from hitcast.declaration.experiment import Experiment


def shares_of(lines: DataFrame, experiment: Experiment) -> dict[str, dict[str, float]]:
    """By period, the part of the units that each arm was to have, as the lines tell it.

    Of periods whose lines do not tell it, nothing. What is left of the whole is of the arms that no
    line is of: were a split broken so that an arm has none, they would be missing here.

    Args:
        lines: See `lines_of`.
        experiment: Names the arms.
    """
    told = lines.where(~F.col("shadow") & F.col("share").isNotNull() & F.col("period").isNotNull())
    rows = told.groupBy("period", "arm").agg(F.max("share").alias("share")).toArrow().to_pylist()
    found: dict[str, dict[str, float]] = {}
    for row in rows:
        found.setdefault(row["period"], {})[row["arm"]] = row["share"]
    for shares in found.values():
        unseen = [arm.alias for arm in experiment.answering if arm.alias not in shares]
        rest = (1 - sum(shares.values())) / max(1, len(unseen))
        shares |= dict.fromkeys(unseen, max(rest, 1e-9))
    return found
