"""Random rows, what a declaration can ask of them, and Spark compared with the scorer."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pyspark.ml import Pipeline, PipelineModel
from pyspark.ml.functions import vector_to_array
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from hitcast.declaration.candidates import Candidate, Family, Scalar
from hitcast.declaration.columns import Column
from hitcast.declaration.derived import Derived
from hitcast.features.selecting import stages_of
from hitcast.features.stages import feature_stages
from hitcast.portable.card import Card, InputColumn
from hitcast.portable.export import export_pipeline, save_scorer
from hitcast.portable.scorer import Scorer
from hitcast.training.candidates import build_estimator
from hitcast.training.winner import input_columns


def _column(name: str, kind: str, *, required: bool = True, **more: Any) -> Column:
    return Column.model_validate(
        {
            "name": name, "role": "feature", "type": kind, "required": required, "meaning": name,
            **more,
        }
    )  # fmt: skip


def _derived(
    name: str, way: str, *of: str, kind: str = "number", required: bool = False
) -> Derived:
    return Derived.model_validate(
        {
            "name": name, "role": "feature", "type": kind, "required": required, "meaning": name,
            "way": way, "of": of,
        }
    )  # fmt: skip


COLUMNS = (
    _column("x", "number", transform="log1p"),
    _column("wide", "text"),
    _column("gap", "integer", required=False),
    _column("y", "number", transform="spline"),
    _column("narrow", "text", required=False),
    _column("count", "integer"),
    _column("constant", "number"),
    _column("hole", "number", required=False, transform="spline"),
    _column("code", "category"),
    _column("tag", "category", required=False),
    _column(
        "song",
        "words",
        required=False,
        vocabulary={
            "counts": "sublinear",
            "ngrams": 2,
            "least_rows": 9,
            "language": "portuguese",
        },
    ),
    _column("note", "words", vocabulary={"weights": "counts", "size": 12, "most_share": 0.9}),
)
MODELLED = (
    *COLUMNS,
    _derived("over", "ratio", "hole", "gap"),
    _derived("apart", "difference", "y", "x", required=True),
    _derived("hour", "hour_of_day", "y", kind="integer", required=True),
    _derived("hour_code", "hour_of_day", "x", kind="category", required=True),
    _derived("how_wide", "frequency", "wide", required=True),
    _derived("how_tagged", "frequency", "tag", required=True),
)
"""What models see: the inputs, and what is computed of them."""
INPUTS = (*input_columns(COLUMNS), InputColumn("unused", "text", optional=True))
SCHEMA = (
    "wide string, narrow string, x double, y double, count int, constant double, "
    "gap int, hole double, code int, tag int, unused string, song string, note string, label double"
)
VERSES = (
    "Ação",
    "de",
    "AMOR",
    "amor,",
    "não\n",
    "coração",
    "x",
    "日本語",
    "\U0001f3b5",
    "Straße",
    "ı\u0307",
)


def random_rows(
    spark: SparkSession, rng: np.random.Generator, rows: int, values: int = 90, unseen: float = 0.0
) -> DataFrame:
    """Rows with a label that depends on a wide text, numbers, a category and what is missing.

    `unseen` is the share of rows with a text, a category or numbers that training never saw.
    """

    def row() -> tuple[Any, ...]:
        place = int(rng.integers(values))
        x, y = float(rng.normal()), float(rng.uniform(0, 300_000))
        count = int(rng.integers(0, 6))
        gap = None if rng.random() < 0.2 else int(rng.integers(-2, 3))
        hole = None if rng.random() < 0.1 else float(rng.exponential())
        code = int(rng.choice([-1, 0, 2, 7, 11, 1_000_000]))
        tag = None if rng.random() < 0.2 else int(rng.integers(0, 4))
        margin = np.sin(place * 1.7) + x - (y > 150_000) + 0.3 * (gap or 0) - 0.5 * (hole is None)
        margin += (code in (0, 7)) - 0.5 * (tag == 2)
        label = float(margin + 0.7 * rng.normal() > 0)
        narrow = None if rng.random() < 0.1 else "abc"[int(rng.integers(3))]
        new = rng.random() < unseen
        wide = f"new {place}" if new else f"value {place}"
        constant = float(rng.normal()) if new else 7.0
        if new:
            x, y, code = x * 1e6, np.nextafter(y, np.inf), 3
            tag = tag and -tag
        # A positive row has more of the first words.
        skew = 1.0 / np.arange(1, len(VERSES) + 1) ** label
        texts = [
            " ".join(rng.choice(VERSES, int(rng.integers(0, 30)), p=skew / skew.sum()))
            for _ in "ab"
        ]
        heard = None if rng.random() < 0.1 else texts[0]
        others = (wide, narrow, x, float(y), count, constant, gap, hole, code, tag, None)
        return (*others, heard, texts[1], label)

    return spark.createDataFrame([row() for _ in range(rows)], SCHEMA)


def random_steps(rng: np.random.Generator, family: Family) -> Candidate:
    """Feature steps of one kind, as `conf/` can ask for them."""
    hot = family == "logistic_regression" or bool(rng.random() < 0.3)
    encoding = "one_hot" if hot else "indexed"
    pca = int(rng.choice([0, 0, 5])) if hot else 0
    # XGBoost refuses scaled indices as categories.
    scaling = "none" if family == "xgboost" and not hot else str(rng.choice(["none", "standard"]))
    kept = ["none", "variance:0.02", "frequency:20", "chi_square:20", "importance:9"]
    fixed = {"select": str(rng.choice(kept)), "pca": int(rng.choice([0, 0, 4]))} if hot else {}
    if pca:
        fixed = {}
    steps = {"encoding": encoding, "scaling": scaling, "pca": pca or None, "fixed": fixed}
    return Candidate.model_validate(steps)


def fit(
    rows: DataFrame, family: Family, steps: Candidate, parameters: dict[str, Scalar], seed: int
) -> PipelineModel:
    """A fitted pipeline, put together as a training does."""
    features = Pipeline(stages=feature_stages(MODELLED, steps)).fit(rows)
    estimator = build_estimator(
        family, steps, parameters, MODELLED, features.stages, seed=seed, partitions=1
    )
    return PipelineModel([*features.stages, *stages_of(estimator.fit(features.transform(rows)))])


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
