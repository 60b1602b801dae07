"""What fitted Spark models say of rows, brought to the driver."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from pyspark.ml import Model
from pyspark.ml.functions import vector_to_array
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from hitcast.declaration.use_case import UseCase
from hitcast.features.label import LABEL
from hitcast.models.metrics import Array, Scored
from hitcast.models.standing import prior_weights
from hitcast.portable.blend import sigmoid, softmax
from hitcast.training.rows import Scores
from hitcast.training.split import ROW

XGBOOST = "SparkXGBClassifierModel"


def collect_scores(model: Model, rows: DataFrame, classes: int) -> Scores:
    """Score `rows` with Spark and bring `_row_` and probabilities to the driver."""
    held, probability = scored_with(model, rows, classes, [ROW])
    return Scores(held[ROW].to_numpy(), probability)


def labelled_scores(
    model: Model, rows: DataFrame, use_case: UseCase, names: Sequence[str] = ()
) -> tuple[pd.DataFrame, Scored]:
    """Score `rows` with Spark; some columns of them, and their labels beside the probabilities."""
    found, probability = scored_with(model, rows, use_case.label.count, [*names, LABEL])
    label = found[LABEL].to_numpy(float)
    return found, Scored(label, probability, prior_weights(label, use_case.training.prior))


def scored_with(
    model: Model, rows: DataFrame, classes: int, names: Sequence[str]
) -> tuple[pd.DataFrame, Array]:
    """Score `rows` with Spark and bring some columns and probabilities to the driver.

    Args:
        model: A fitted classifier, or a pipeline that ends with one.
        rows: What it reads, and the columns.
        classes: How many classes it tells apart.
        names: The columns that come along.

    Returns:
        The columns, and probabilities of the same rows: P(label = 1), shape (n,), or of each of
        more classes than two, (n, classes).
    """
    last: Any = getattr(model, "stages", [model])[-1]
    # XGBoost's probability has single precision: near 1 it comes in steps that log-odds magnify.
    by_margin = type(last).__name__ == XGBOOST
    column = last.getOrDefault("rawPredictionCol" if by_margin else "probabilityCol")
    vector = vector_to_array(F.col(column))
    wanted = [1] if classes == 2 else list(range(classes))
    asked = [vector[number].alias(f"_class_{number}_") for number in wanted]
    found = model.transform(rows).select(*names, *asked).toPandas()
    values: Array = found[[f"_class_{number}_" for number in wanted]].to_numpy(dtype=np.float64)
    if classes == 2:
        one = values[:, 0]
        return found[list(names)], sigmoid(one) if by_margin else one
    against_first = values[:, 1:] - values[:, :1]
    return found[list(names)], softmax(against_first) if by_margin else values
