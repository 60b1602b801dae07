"""The winner: scored on the test rows, exported, compared with Spark row by row."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from pyspark.ml.functions import vector_to_array
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from hitcast.declaration.columns import Column
from hitcast.declaration.use_case import UseCase
from hitcast.features.label import LABEL
from hitcast.models.metrics import Scored
from hitcast.portable.card import Card, InputColumn
from hitcast.portable.export import export_pipeline, save_scorer
from hitcast.portable.parity import ParityResult, check_parity, tolerance_for
from hitcast.portable.scorer import Scorer
from hitcast.training.data import TrainingData, to_columns
from hitcast.training.families import FamilyResult

PROBABILITY = "probability"


@dataclass(frozen=True)
class Winner:
    """The best family's pipeline with what was measured of it.

    Attributes:
        family: Its search and its fitted pipeline.
        threshold: Chosen on the out-of-fold predictions.
        test_rows: Raw inputs, `label` and `probability` of the test rows.
        test: All metrics on the test rows.
        parity: Spark's probabilities against the portable scorer's, on all test rows.
        scorer: The portable scorer, as loaded from its files.
        folder: Where those files lie.
    """

    family: FamilyResult
    threshold: float
    test_rows: pd.DataFrame
    test: dict[str, float]
    parity: ParityResult
    scorer: Scorer
    folder: Path

    @property
    def scored(self) -> Scored:
        """Labels and Spark's probabilities of the test rows."""
        rows = self.test_rows
        return Scored(rows[LABEL].to_numpy(float), rows[PROBABILITY].to_numpy(float))


def finish_winner(
    family: FamilyResult,
    data: TrainingData,
    use_case: UseCase,
    folder: Path,
    scratch: Path | None = None,
) -> Winner:
    """Score the test rows with Spark, export the pipeline into `folder`, check the two agree.

    Args:
        family: What its search and refit gave.
        data: The rows of the training.
        use_case: Names the columns.
        folder: Where the scorer's files go.
        scratch: A folder that Spark and this process both see, as `export_pipeline` takes it.

    Raises:
        ExportError: if a stage has no exact counterpart.
        ParityError: if the portable scorer says something else than Spark.
    """
    names = [column.name for column in use_case.features]
    positive = vector_to_array(F.col(PROBABILITY))[1].alias(PROBABILITY)
    scored = family.model.transform(data.test).select(*names, LABEL, positive)
    rows = scored.toPandas()
    threshold = family.best.threshold
    seen = seen_ranges(data.train, [c.name for c in use_case.features if c.type != "text"])
    inputs = input_columns(use_case.features, seen)
    card = Card(
        model_name=use_case.name,
        family=family.best.family,
        threshold=threshold,
        inputs=inputs,
        output=use_case.label.output,
        label=f"{use_case.label.column} at least {use_case.label.at_least:g}",
        data_version=str(data.table_version),
        generated=data.generated,
    )
    save_scorer(folder, export_pipeline(family.model, inputs, scratch), card)
    scorer = Scorer.load(folder)
    spark_probability = rows[PROBABILITY].to_numpy(float)
    parity = check_parity(
        spark_probability,
        scorer.probabilities(to_columns(rows, names)),
        threshold,
        tolerance_for(family.best.family),
    )
    test = Scored(rows[LABEL].to_numpy(float), spark_probability).metrics(threshold)
    return Winner(family, threshold, rows, test, parity, scorer, folder)


def seen_ranges(rows: DataFrame, numbers: Sequence[str]) -> dict[str, tuple[float, float]]:
    """Lowest and highest value of each number, nulls and NaN aside; in one pass over the rows."""
    if not numbers:
        return {}
    held = {name: F.nanvl(F.col(name).cast("double"), F.lit(None)) for name in numbers}
    (found,) = rows.agg(
        *(F.min(value).alias(f"low {name}") for name, value in held.items()),
        *(F.max(value).alias(f"high {name}") for name, value in held.items()),
    ).collect()
    pairs = {name: (found[f"low {name}"], found[f"high {name}"]) for name in numbers}
    return {name: pair for name, pair in pairs.items() if pair[0] is not None}


def input_columns(
    columns: Sequence[Column], seen: Mapping[str, tuple[float, float]] | None = None
) -> tuple[InputColumn, ...]:
    """The use case's inputs as a scorer's card states them.

    Args:
        columns: As declared.
        seen: What `seen_ranges` found in the training rows.
    """
    return tuple(
        InputColumn(
            name=column.name,
            kind="text" if column.type == "text" else "number",
            optional=not column.required,
            unit=column.unit or "",
            minimum=column.minimum,
            maximum=column.maximum,
            integer=column.type == "integer",
            description=column.meaning,
            seen=(seen or {}).get(column.name),
        )
        for column in columns
    )
