"""Pipelines that tell more classes apart than two, against Spark itself."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pyspark.ml import PipelineModel
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from hitcast.declaration.candidates import Candidate, Family
from hitcast.portable.blend import Blend, softmax
from hitcast.portable.card import Card, probability_names
from hitcast.portable.export import export_pipelines, save_scorer
from hitcast.portable.parity import check_parity, tolerance_for
from hitcast.portable.pyfunc import signature
from hitcast.portable.scorer import Scorer
from hitcast.training.scores import collect_scores
from hitcast.training.split import ROW
from tests.portable.pipelines import INPUTS, fit, random_rows, raw_columns

NAMES = ("ash", "birch", "cedar", "deal", "elm")
SETTINGS: dict[str, tuple[Family, str, dict[str, Any]]] = {
    "logistic_regression": ("logistic_regression", "one_hot", {"regParam": 0.01}),
    "random_forest": ("random_forest", "indexed", {"numTrees": 7, "maxDepth": 4}),
    "xgboost": ("xgboost", "indexed", {"n_estimators": 9, "max_depth": 3}),
    "gaussian": ("naive_bayes", "one_hot", {"modelType": "gaussian"}),
}


def five_classes(rows: DataFrame) -> DataFrame:
    """Rows whose class follows from a number and a text."""
    number = F.pmod(F.floor(F.col("y") / 45) + F.length("wide") + F.col("label"), F.lit(5))
    numbered = rows.withColumn("label", number.cast("double"))
    return numbered.withColumn(ROW, F.monotonically_increasing_id()).cache()


@pytest.fixture(scope="module")
def fitted(classic_session: SparkSession) -> dict[str, PipelineModel]:
    rows = five_classes(random_rows(classic_session, np.random.default_rng(1), 400))
    return {
        name: fit(rows, family, Candidate.model_validate({"encoding": encoding}), setting, seed=1)
        for name, (family, encoding, setting) in SETTINGS.items()
    }


@pytest.fixture(scope="module")
def fresh(classic_session: SparkSession) -> DataFrame:
    return five_classes(random_rows(classic_session, np.random.default_rng(2), 200, unseen=0.2))


def exported(models: list[PipelineModel], blend: Blend | None, folder: Path) -> Scorer:
    card = Card("trees", "any", None, INPUTS, classes=NAMES)
    save_scorer(folder, export_pipelines(models, blend, INPUTS), card)
    return Scorer.load(folder)


def said(model: PipelineModel, rows: DataFrame) -> Any:
    scores = collect_scores(model, rows, len(NAMES))
    return scores.probability[np.argsort(scores.ids)]


@pytest.mark.spark
@pytest.mark.parametrize("name", SETTINGS)
def test_each_family_says_the_same_of_each_class(
    name: str, fitted: dict[str, PipelineModel], fresh: DataFrame, tmp_path: Path
) -> None:
    scorer = exported([fitted[name]], None, tmp_path)
    columns = raw_columns(fresh.orderBy(ROW), [column.name for column in INPUTS])
    found, expected = scorer.probabilities(columns), said(fitted[name], fresh)
    assert found.shape == (200, len(NAMES))
    assert found.sum(axis=1) == pytest.approx(np.ones(200))
    result = check_parity(expected, found, None, tolerance_for(SETTINGS[name][0]))
    assert result.label_disagreements == 0
    assert scorer.labels(found).tolist() == [NAMES[k] for k in expected.argmax(axis=1)]
    assert scorer.probabilities({n: [] for n in columns}).shape == (0, len(NAMES))


@pytest.mark.spark
def test_families_are_blended_in_one_graph(
    fitted: dict[str, PipelineModel], fresh: DataFrame, tmp_path: Path
) -> None:
    blend = Blend((0.8, 0.3, 0.1), intercepts=(0.5, -0.2, 0.1, 0.0))
    models = [fitted[name] for name in ("logistic_regression", "xgboost", "gaussian")]
    scorer = exported(models, blend, tmp_path)
    expected = blend.probabilities([said(model, fresh) for model in models])
    columns = raw_columns(fresh.orderBy(ROW), [column.name for column in INPUTS])
    assert np.abs(scorer.probabilities(columns) - expected).max() <= 1e-6


@pytest.mark.spark
@pytest.mark.parametrize("setting", [{"modelType": "gaussian"}, {"modelType": "multinomial"}])
def test_naive_bayes_tells_two_classes_apart_too(
    setting: dict[str, Any], classic_session: SparkSession, tmp_path: Path
) -> None:
    rng = np.random.default_rng(3)
    rows = random_rows(classic_session, rng, 200).withColumn(ROW, F.monotonically_increasing_id())
    # The multinomial kind counts, and takes nothing below 0.
    rows = rows.withColumns({"x": F.abs("x"), "gap": F.abs("gap")}).cache()
    steps = Candidate.model_validate({"encoding": "one_hot"})
    model = fit(rows, "naive_bayes", steps, setting, seed=1)
    save_scorer(tmp_path, export_pipelines([model], None, INPUTS), Card("t", "any", 0.5, INPUTS))
    scores = collect_scores(model, rows, 2)
    columns = raw_columns(rows.orderBy(ROW), [column.name for column in INPUTS])
    found = Scorer.load(tmp_path).probabilities(columns)
    assert np.abs(found - scores.probability[np.argsort(scores.ids)]).max() <= 1e-9


def test_the_answers_of_mlflow_have_a_column_a_class() -> None:
    card = Card("trees", "any", None, INPUTS, output="tree", classes=NAMES)
    assert probability_names(card.classes) == [f"probability_{name}" for name in NAMES]
    found = signature(card).outputs
    assert found.input_names() == ["tree", *probability_names(card.classes)]
    two = Card("nuts", "any", 0.5, INPUTS, output="type", classes=("round", "long"))
    assert signature(two).outputs.input_names() == ["type", "probability"]


def test_a_softmax_sums_to_one_however_far_apart_the_odds_are() -> None:
    found = softmax(np.array([[800.0, -800.0], [0.0, 0.0]]))
    assert found.sum(axis=1) == pytest.approx([1, 1])
    assert found[0].tolist() == [0.0, 1.0, 0.0]
