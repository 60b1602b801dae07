"""The winner: scored on the test rows, exported, compared with Spark row by row."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from hitcast.declaration.columns import Column
from hitcast.declaration.fingerprint import fingerprint_of
from hitcast.declaration.use_case import UseCase
from hitcast.features.label import LABEL
from hitcast.models.bootstrap import Interval, units_of
from hitcast.models.drawn import intervals
from hitcast.models.measures import Measured
from hitcast.models.metrics import Array, Scored
from hitcast.models.standing import prior_weights
from hitcast.portable.card import Card, InputColumn
from hitcast.portable.card import Member as CardMember
from hitcast.portable.export import export_pipelines, save_scorer
from hitcast.portable.parity import ParityResult, check_parity, nearest_gap, tolerance_for
from hitcast.portable.scorer import Scorer
from hitcast.training.data import TrainingData, to_columns
from hitcast.training.members import Model
from hitcast.training.scores import collect_scores
from hitcast.training.split import ROW, UNIT

CALIBRATION = ("calibration_slope", "top_gap")
DRAWS = 100
"""The gap is measured in one after the other."""


@dataclass(frozen=True)
class Winner:
    """What answers, with what was measured of it.

    Attributes:
        model: Its members and how they are blended.
        threshold: Chosen on the out-of-fold predictions, and moved into the nearest gap between
            the test rows' probabilities, whose labels it does not see; None where there are more
            classes than two.
        test_rows: Raw inputs, `_row_`, `_unit_` and `label` of the test rows, in the order of
            `_row_`.
        scored: Labels and Spark's probabilities of the test rows.
        test: All metrics on the test rows.
        calibration: How true their probabilities are, with 95 % intervals over groups.
        parity: Spark's probabilities against the portable scorer's, on all test rows.
        scorer: The portable scorer, as loaded from its files.
        folder: Where those files lie.
    """

    model: Model
    threshold: float | None
    test_rows: pd.DataFrame
    scored: Scored
    test: dict[str, float]
    calibration: dict[str, Interval]
    parity: ParityResult
    scorer: Scorer
    folder: Path


def finish_winner(
    model: Model,
    data: TrainingData,
    use_case: UseCase,
    folder: Path,
    scratch: Path | None = None,
) -> Winner:
    """Score the test rows with Spark, export the pipelines into `folder`, check the two agree.

    Args:
        model: What answers.
        data: The rows of the training.
        use_case: Names the columns.
        folder: Where the scorer's files go.
        scratch: A folder that Spark and this process both see, as `export_pipelines` takes it.

    Raises:
        ExportError: if a stage has no exact counterpart.
        ParityError: if the portable scorer says something else than Spark.
    """
    names = [column.name for column in use_case.features]
    rows = data.test.select(*names, ROW, UNIT, LABEL).toPandas()
    rows = rows.sort_values(ROW, kind="stable", ignore_index=True)
    classes = use_case.label.count
    by_spark = _spark_probabilities(model, data.test, classes)
    tolerance = tolerance_for(*model.families)
    threshold = model.chosen.threshold
    if threshold is not None:
        threshold = nearest_gap(threshold, by_spark, tolerance)
    seen = seen_ranges(data.train, [c.name for c in use_case.features if c.type != "text"])
    inputs = input_columns(use_case.features, seen)
    pipelines = [member.model for member in model.members]
    graph = export_pipelines(pipelines, model.chosen.blend, inputs, scratch)
    save_scorer(folder, graph, _card(model, threshold, inputs, data, use_case))
    scorer = Scorer.load(folder)
    portable = scorer.probabilities(to_columns(rows, names))
    parity = check_parity(by_spark, portable, threshold, tolerance)
    label = rows[LABEL].to_numpy(float)
    scored = Scored(label, by_spark, prior_weights(label, use_case.training.prior))
    measured = Measured(scored, threshold)
    units = units_of(rows[UNIT].to_numpy())
    calibration = intervals(measured, units, CALIBRATION, draws=DRAWS)
    test = scored.metrics(threshold)
    return Winner(model, threshold, rows, scored, test, calibration, parity, scorer, folder)


def _spark_probabilities(model: Model, test: DataFrame, classes: int) -> Array:
    """What Spark's pipelines say of the test rows, blended, in the order of `_row_`."""
    scores = [collect_scores(member.model, test, classes) for member in model.members]
    return model.chosen.blend.probabilities([s.probability[np.argsort(s.ids)] for s in scores])


def _card(
    model: Model,
    threshold: float | None,
    inputs: tuple[InputColumn, ...],
    data: TrainingData,
    use_case: UseCase,
) -> Card:
    return Card(
        model_name=use_case.name,
        family=model.family,
        threshold=threshold,
        inputs=inputs,
        output=use_case.label.output,
        label=use_case.label.told,
        classes=use_case.label.names,
        data_version=str(data.table_version),
        generated=data.generated,
        members=tuple(CardMember(str(m.result.name), m.weight) for m in model.members),
        intercept=model.chosen.blend.intercept,
        intercepts=model.chosen.blend.intercepts,
        fingerprint=fingerprint_of(use_case),
    )


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
            integer=column.is_whole,
            description=column.meaning,
            seen=(seen or {}).get(column.name),
        )
        for column in columns
    )
