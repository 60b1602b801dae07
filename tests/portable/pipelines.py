"""Random rows and pipelines of every kind, and the comparison of Spark with the scorer."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pyspark.ml import Pipeline, PipelineModel
from pyspark.ml.feature import (
    PCA,
    Imputer,
    MinMaxScaler,
    OneHotEncoder,
    StandardScaler,
    StringIndexer,
    VectorAssembler,
)
from pyspark.ml.functions import vector_to_array
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from hitcast.portable.card import Card, InputColumn
from hitcast.portable.export import export_pipeline, save_scorer
from hitcast.portable.scorer import Scorer

INPUTS = (
    InputColumn("wide", "text"),
    InputColumn("narrow", "text", optional=True),
    InputColumn("x", "number"),
    InputColumn("y", "number"),
    InputColumn("count", "number", integer=True),
    InputColumn("constant", "number"),
    InputColumn("gap", "number", optional=True),
    InputColumn("hole", "number", optional=True),
    InputColumn("unused", "text", optional=True),
)
SCHEMA = (
    "wide string, narrow string, x double, y double, count double, constant double, "
    "gap double, hole double, unused string, label double"
)
TEXTS = ["wide", "narrow"]
NUMBERS = ["x", "y", "count", "constant"]
OPTIONAL = ["gap", "hole"]


def random_rows(
    spark: SparkSession, rng: np.random.Generator, rows: int, values: int = 90, unseen: float = 0.0
) -> DataFrame:
    """Rows with a label that depends on a wide text, numbers and what is missing.

    `unseen` is the share of rows with a text, a constant or numbers that training never saw.
    """

    def row() -> tuple[Any, ...]:
        place = int(rng.integers(values))
        x, y = float(rng.normal()), float(rng.uniform(0, 300))
        count = float(rng.integers(0, 6))
        gap = None if rng.random() < 0.2 else float(rng.integers(-2, 3))
        hole = None if rng.random() < 0.1 else float(rng.exponential())
        margin = np.sin(place * 1.7) + x - (y > 150) + 0.3 * (gap or 0) - 0.5 * (hole is None)
        label = float(margin + 0.7 * rng.normal() > 0)
        narrow = None if rng.random() < 0.1 else "abc"[int(rng.integers(3))]
        new = rng.random() < unseen
        wide = f"new {place}" if new else f"value {place}"
        constant = float(rng.normal()) if new else 7.0
        if new:
            x, y = x * 1e6, np.nextafter(y, np.inf)
        return (wide, narrow, x, float(y), count, constant, gap, hole, None, label)

    return spark.createDataFrame([row() for _ in range(rows)], SCHEMA)


def feature_stages(
    rng: np.random.Generator,
    one_hot: bool,
    impute: bool = True,
    scaler: str = "none",
    components: int = 0,
) -> list[Any]:
    """Feature stages of one kind, with random settings that should not matter to the export."""
    texts, numbers = [f"{name}_index" for name in TEXTS], NUMBERS + OPTIONAL
    stages: list[Any] = [StringIndexer(inputCols=TEXTS, outputCols=texts, handleInvalid="keep")]
    if impute:
        strategy = str(rng.choice(["median", "mean", "mode"]))
        imputed = [f"{name}_imputed" for name in OPTIONAL]
        imputer = Imputer(inputCols=OPTIONAL, outputCols=imputed, strategy=strategy)
        if rng.random() < 0.5:
            imputer.setMissingValue(-2.0)
        stages.append(imputer)
        numbers = NUMBERS + imputed
    if one_hot:
        encoded = [f"{name}_vector" for name in TEXTS]
        encoder = OneHotEncoder(inputCols=texts, outputCols=encoded)
        encoder.setDropLast(bool(rng.random() < 0.5))
        encoder.setHandleInvalid(str(rng.choice(["keep", "error"])))
        stages.append(encoder)
        texts = encoded
    order = [str(name) for name in rng.permutation(texts + numbers)]
    output = "features" if scaler == "none" and not components else "assembled"
    invalid = "error" if impute and rng.random() < 0.5 else "keep"
    stages.append(VectorAssembler(inputCols=order, outputCol=output, handleInvalid=invalid))
    if scaler != "none":
        output = "scaled" if components else "features"
        scale: Any = MinMaxScaler(inputCol="assembled", outputCol=output, min=-1.0, max=2.0)
        if scaler == "standard":
            means, deviations = bool(rng.random() < 0.5), bool(rng.random() < 0.8)
            scale = StandardScaler(
                inputCol="assembled", outputCol=output, withMean=means, withStd=deviations
            )
        stages.append(scale)
    if components:
        source = "scaled" if scaler != "none" else "assembled"
        stages.append(PCA(k=components, inputCol=source, outputCol="features"))
    return stages


def fit(rows: DataFrame, stages: Sequence[Any], classifier: Any) -> PipelineModel:
    """A fitted pipeline with the feature stages in a pipeline of their own."""
    features = Pipeline(stages=list(stages)).fit(rows)
    return PipelineModel(stages=[features, classifier.fit(features.transform(rows))])


def scorer_of(model: PipelineModel, folder: Path, inputs: Sequence[InputColumn] = INPUTS) -> Scorer:
    """The portable scorer of a pipeline, by way of its files."""
    card = Card("test", "any", 0.5, tuple(inputs))
    save_scorer(folder, export_pipeline(model, inputs), card)
    return Scorer.load(folder)


def raw_columns(rows: DataFrame, names: Sequence[str]) -> dict[str, list[Any]]:
    """Columns as lists, nulls as None."""
    found = rows.select(*names).collect()
    return {name: [row[name] for row in found] for name in names}


def spark_probabilities(model: PipelineModel, rows: DataFrame) -> NDArray[np.float64]:
    """P(label = 1) as Spark's own transform gives it."""
    found = (
        model.transform(rows).select(vector_to_array(F.col("probability"))[1].alias("p")).collect()
    )
    return np.array([row["p"] for row in found])


def largest_difference(model: PipelineModel, scorer: Scorer, rows: DataFrame) -> float:
    """The largest difference between Spark and the scorer, all rows at once and one by one."""
    expected = spark_probabilities(model, rows)
    columns = raw_columns(rows, [column.name for column in scorer.card.inputs])
    together = scorer.probabilities(columns)
    alone = [
        scorer.probabilities({name: values[i : i + 1] for name, values in columns.items()})[0]
        for i in range(min(50, len(expected)))
    ]
    np.testing.assert_allclose(alone, together[: len(alone)], rtol=0, atol=1e-15)
    return float(np.max(np.abs(expected - together)))
