from pathlib import Path

import numpy as np
import pytest
from pyspark.ml import Pipeline, PipelineModel
from pyspark.ml.classification import LogisticRegression
from pyspark.ml.feature import PCAModel, VectorAssembler, VectorSlicer
from pyspark.sql import DataFrame, SparkSession

from hitcast.declaration.selecting import Selection
from hitcast.features.selecting import SELECTED, reduction, stages_of, with_reduction

pytestmark = pytest.mark.spark


@pytest.fixture
def rows(spark: SparkSession) -> DataFrame:
    """Features 1 and 3 tell the label, 0 is chance, 2 is constant but for one row."""
    rng = np.random.default_rng(0)
    label = rng.integers(0, 2, 400)
    noise = rng.normal(size=(400, 2))
    values = [
        (float(a), float(y + 0.4 * b), float(place == 7), float(y != (place % 9 == 0)), float(y))
        for place, ((a, b), y) in enumerate(zip(noise, label, strict=True))
    ]
    found = spark.createDataFrame(values, "a double, b double, c double, d double, label double")
    assembler = VectorAssembler(inputCols=["a", "b", "c", "d"], outputCol="features")
    return assembler.transform(found)


@pytest.mark.sessions
@pytest.mark.parametrize(("told", "kept"), [("chi_square:2", [1, 3]), ("importance:2", [1, 3])])
def test_the_features_that_tell_the_label_are_kept(
    rows: DataFrame, told: str, kept: list[int]
) -> None:
    stages, read = reduction(Selection.of(told), 0, "features")
    fitted = stages[0].fit(rows)
    assert isinstance(fitted, VectorSlicer)
    assert (list(fitted.getIndices()), read) == (kept, SELECTED)


@pytest.mark.parametrize("told", ["chi_square:9", "importance:9"])
def test_no_more_are_kept_than_there_are(rows: DataFrame, told: str) -> None:
    (stage,), _ = reduction(Selection.of(told), 0, "features")
    assert list(stage.fit(rows).getIndices()) == [0, 1, 2, 3]


def test_a_setting_that_asks_for_more_than_there_is_or_leaves_nothing_still_fits(
    rows: DataFrame,
) -> None:
    stages, _ = reduction(Selection("variance", 1e6), 10, "features")
    kept, components = Pipeline(stages=[*stages]).fit(rows).stages
    assert isinstance(kept, VectorSlicer) and isinstance(components, PCAModel)
    # Of the four it is chance that varies most.
    assert list(kept.getIndices()) == [0]
    assert components.pc.toArray().shape == (1, 1)


def test_features_that_hardly_vary_are_left_out_and_the_rest_made_components_of(
    rows: DataFrame, tmp_path: Path
) -> None:
    stages, read = reduction(Selection("variance", 0.1), 2, "features")
    classifier = with_reduction(stages, LogisticRegression(featuresCol=read))
    model = classifier.fit(rows)
    selector, components, logistic = stages_of(model)
    assert isinstance(selector, VectorSlicer)
    assert list(selector.getIndices()) == [0, 1, 3]
    assert components.pc.toArray().shape == (3, 2)  # type: ignore[attr-defined]
    assert logistic.numFeatures == 2  # type: ignore[attr-defined]
    model.save(str(tmp_path / "model"))
    assert len(PipelineModel.load(str(tmp_path / "model")).stages) == 3


def test_without_reduction_a_classifier_is_what_it_is(rows: DataFrame) -> None:
    stages, read = reduction(None, 0, "features")
    classifier = LogisticRegression(featuresCol=read, maxIter=1)
    assert with_reduction(stages, classifier) is classifier
    model = classifier.fit(rows)
    assert stages_of(model) == [model]
    assert not isinstance(classifier, Pipeline)
