"""Several pipelines as one graph: the blend of what Spark says of each."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pyspark.ml import Pipeline
from pyspark.ml.feature import VectorAssembler
from pyspark.sql import SparkSession
from pyspark.sql import functions as F
from xgboost.spark import SparkXGBClassifier

from hitcast.declaration.candidates import Candidate, Family
from hitcast.portable.blend import SURE, Blend, log_odds, sigmoid
from hitcast.portable.card import Card, InputColumn, Member
from hitcast.portable.export import export_pipelines, save_scorer
from hitcast.portable.scorer import Scorer
from hitcast.training.scores import collect_scores
from hitcast.training.split import ROW
from tests.portable.pipelines import INPUTS, fit, random_rows, raw_columns, spark_probabilities

PAIRS: dict[Family, str] = {
    "logistic_regression": "one_hot",
    "random_forest": "indexed",
    "xgboost": "indexed",
}


@pytest.mark.spark
def test_a_graph_of_several_families_says_what_their_blend_says(
    spark: SparkSession, tmp_path: Path
) -> None:
    rng = np.random.default_rng(5)
    rows = random_rows(spark, rng, 300).cache()
    models = [
        fit(rows, family, Candidate.model_validate({"encoding": encoding}), {}, seed=1)
        for family, encoding in PAIRS.items()
    ]
    blend = Blend((0.7, 0.4, 0.2), -0.3)
    members = tuple(Member(f, w) for f, w in zip(PAIRS, blend.weights, strict=True))
    card = Card("test", "ensemble", 0.5, INPUTS, members=members, intercept=blend.intercept)
    save_scorer(tmp_path, export_pipelines(models, blend, INPUTS), card)
    scorer = Scorer.load(tmp_path)
    assert scorer.card.members == members
    fresh = random_rows(spark, rng, 200, unseen=0.2)
    expected = blend.probabilities([spark_probabilities(model, fresh) for model in models])
    found = scorer.probabilities(raw_columns(fresh, [column.name for column in INPUTS]))
    assert np.abs(found - expected).max() <= 1e-6


@pytest.mark.spark
def test_an_xgboost_that_is_very_sure_blends_as_exactly(
    spark: SparkSession, tmp_path: Path
) -> None:
    # Spark's probability of it has single precision: near 1 its log-odds come in steps.
    rows = spark.range(400).selectExpr("id", "double(id) as x", "double(id > 200) as label")
    features = VectorAssembler(inputCols=["x"], outputCol="features", handleInvalid="keep")
    estimator: Any = SparkXGBClassifier(
        label_col="label", n_estimators=60, learning_rate=0.5, min_child_weight=0, reg_lambda=0.01,
        verbose=False,
    )  # fmt: skip
    model = Pipeline(stages=[features, estimator]).fit(rows)
    inputs = (InputColumn("x", "number"),)
    blend = Blend((0.3,), -1.0)
    save_scorer(
        tmp_path, export_pipelines([model], blend, inputs), Card("test", "any", 0.5, inputs)
    )
    scores = collect_scores(model, rows.withColumn(ROW, F.col("id")), 2)
    said = scores.probability[np.argsort(scores.ids)]
    assert said.max() > 0.99999
    x = [float(value) for value in range(400)]
    found = Scorer.load(tmp_path).probabilities({"x": x})
    assert np.abs(found - blend.probabilities([said])).max() <= 1e-6


def test_a_blend_of_one_is_a_line_through_its_log_odds() -> None:
    probability = np.array([0.0, 0.02, 0.5, 1.0])
    found = Blend((1.2,), -0.1).probabilities([probability])
    assert found == pytest.approx(sigmoid(1.2 * log_odds(probability) - 0.1))
    same = Blend((1.0,)).probabilities([probability])
    assert same == pytest.approx([SURE, 0.02, 0.5, 1 - SURE])
