"""A fitted Spark ML `PipelineModel`, features included, as one ONNX graph."""

from collections.abc import Sequence
from pathlib import Path

import onnx
from pyspark.ml import PipelineModel

from hitcast.portable.card import Card, InputColumn


def export_pipeline(model: PipelineModel, inputs: Sequence[InputColumn]) -> onnx.ModelProto:
    """Write a fitted pipeline as one ONNX graph in double precision.

    Args:
        model: Fitted pipeline; its last stage is a binary classifier.
        inputs: The raw feature columns, each of which becomes one graph input.

    Returns:
        Graph with one input of shape [N, 1] per column (double or string) and the output
        `probability`, double [N]: P(label = 1).

    Raises:
        ExportError: if a stage or one of its settings has no exact counterpart.
    """
    raise NotImplementedError


def with_known_values(
    model: PipelineModel, inputs: Sequence[InputColumn]
) -> tuple[InputColumn, ...]:
    """The input columns, text ones completed with the labels the pipeline has learnt."""
    raise NotImplementedError


def save_scorer(folder: Path, model: onnx.ModelProto, card: Card) -> Card:
    """Write `model.onnx` and `card.json`; the folder is created, files are replaced.

    Returns:
        The card as written, with the graph's hash.
    """
    raise NotImplementedError
