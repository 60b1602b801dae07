"""A fitted Spark ML `PipelineModel`, features included, as one ONNX graph."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import numpy_helper
from pyspark.ml import PipelineModel

from hitcast.errors import ExportError
from hitcast.portable import bayes, boosters, computed, features, linear, scaling, trees, words
from hitcast.portable.blend import Blend
from hitcast.portable.card import CARD_FILE, MODEL_FILE, Card, InputColumn, free_text, sha256_of
from hitcast.portable.graph import ML_DOMAIN, OUTPUT, Graph, Piece

FEATURE_STAGES: dict[str, features.FeatureExport] = {
    "StringIndexerModel": features.string_indexer,
    "ImputerModel": features.imputer,
    "OneHotEncoderModel": features.one_hot_encoder,
    "VectorAssembler": features.vector_assembler,
    "SQLTransformer": computed.sql_transformer,
    "StandardScalerModel": scaling.standard_scaler,
    "PCAModel": scaling.pca,
    "VectorSlicer": scaling.vector_slicer,
    "VarianceThresholdSelectorModel": scaling.selector,
    "UnivariateFeatureSelectorModel": scaling.selector,
    "CountVectorizerModel": words.count_vectorizer,
    "IDFModel": words.idf,
    "Normalizer": words.normalizer,
}
CLASSIFIERS: dict[str, Callable[[Any, Graph, list[Piece]], str]] = {
    "LogisticRegressionModel": linear.logistic_regression,
    "NaiveBayesModel": bayes.naive_bayes,
    "SparkXGBClassifierModel": boosters.xgboost_classifier,
}
TREES: dict[str, Callable[[Any, Sequence[trees.NodeTable], Graph, list[Piece]], str]] = {
    "RandomForestClassificationModel": trees.forest,
    "GBTClassificationModel": trees.boosted_trees,
}
LAST = sorted([*CLASSIFIERS, *TREES])


def export_pipelines(
    models: Sequence[PipelineModel],
    blend: Blend | None,
    inputs: Sequence[InputColumn],
    scratch: Path | None = None,
) -> onnx.ModelProto:
    """Write fitted pipelines, blended, as one ONNX graph in double precision.

    NaN in a number column stands for null.

    Args:
        models: Fitted pipelines; the last stage of each is a classifier of the same classes.
        blend: How their probabilities become one; None: the only one's as it is.
        inputs: The raw feature columns, each of which becomes one graph input.
        scratch: A folder for what is temporary that Spark and this process both see; None: this
            machine's own, which is enough where all of Spark runs on it.

    Returns:
        Graph with one input of shape [N, 1] per column (double or string), [N, words] per text of
        words (double), and the output `probability`, double: P(label = 1), [N], or of each of
        several classes, [N, classes].

    Raises:
        ExportError: if a stage or one of its settings has no exact counterpart.
    """
    graph = Graph()
    known = words.words_of(models)
    columns: dict[str, list[Piece]] = {}
    for column in inputs:
        if column.name == OUTPUT or column.name in columns:
            raise ExportError(
                f"input column {column.name!r} is there twice, or has the output's name. "
                "Rename the column in the use case."
            )
        if column.name in known:
            columns[column.name] = words.counts_of(graph, column.name, known[column.name])
        else:
            columns[column.name] = [graph.input(column.name, text=column.kind == "text")]
    members = [_probability(model, graph, columns, scratch) for model in models]
    if blend is None:
        (whole,) = members
    else:
        classes = max(2, graph.widths[members[0]])
        whole = linear.blend_probabilities(graph, members, blend, classes)
    model = graph.model(whole)
    words.write_words(model, known)
    return model


def export_pipeline(
    model: PipelineModel, inputs: Sequence[InputColumn], scratch: Path | None = None
) -> onnx.ModelProto:
    """Write one fitted pipeline as it is; see `export_pipelines`."""
    return export_pipelines([model], None, inputs, scratch)


def _probability(
    model: PipelineModel,
    graph: Graph,
    inputs: Mapping[str, list[Piece]],
    scratch: Path | None,
) -> str:
    """Add a pipeline to the graph; returns the tensor of its probabilities, [N, 1 or classes]."""
    stages: list[Any] = list(model.stages)
    last = type(stages[-1]).__name__ if stages else "nothing"
    if last not in LAST:
        raise ExportError(
            f"a portable scorer ends with one of {LAST}; this pipeline ends with "
            f"{last}. Make the fitted classifier the last stage."
        )
    columns = dict(inputs)
    for stage in stages[:-1]:
        columns |= _exporter(stage)(stage, graph, columns)
    classifier = stages[-1]
    vector = features.pieces_of(classifier, columns, classifier.getOrDefault("featuresCol"))
    if last in TREES:
        return TREES[last](classifier, trees.read_nodes(classifier, scratch), graph, vector)
    return CLASSIFIERS[last](classifier, graph, vector)


def _exporter(stage: Any) -> features.FeatureExport:
    kind = type(stage).__name__
    if kind not in FEATURE_STAGES:
        raise ExportError(
            f"stage {stage.uid} is a {kind}; a portable scorer supports {sorted(FEATURE_STAGES)} "
            f"and, last, {LAST}. Replace the stage, or compute its column before "
            "the pipeline."
        )
    return FEATURE_STAGES[kind]


def known_values(model: onnx.ModelProto) -> dict[str, tuple[str, ...]]:
    """The values that a graph knows of its text inputs, most frequent in training first."""
    return {name: _texts(key) for name, key in _keys(model, "keys_strings") if name is not None}


def known_codes(model: onnx.ModelProto) -> dict[str, tuple[int, ...]]:
    """The numbers that a graph knows of its inputs that are categories, in the same order."""
    return {
        name: tuple(map(int, numpy_helper.to_array(key.t)))
        for name, key in _keys(model, "keys_tensor")
        if name is not None
    }


def _texts(key: onnx.AttributeProto) -> tuple[str, ...]:
    return tuple(text.decode() for text in key.strings)


def _keys(model: onnx.ModelProto, kind: str) -> list[tuple[str | None, onnx.AttributeProto]]:
    """The keys of the graph's encoders, each with the input whose known values they are.

    Those of a frequency have none: a model that is told how common a value is knows no value, and
    what such a column holds may be nobody else's business. `kind` is the attribute's name.
    """
    found: list[tuple[str | None, onnx.AttributeProto]] = []
    for node in model.graph.node:
        if node.op_type != "LabelEncoder" or node.domain != ML_DOMAIN:
            continue
        of = {attribute.name: attribute for attribute in node.attribute}
        if kind in of:
            places = numpy_helper.to_array(of["values_tensor"].t)
            is_index = np.array_equal(places, np.arange(len(places)))
            found.append((node.input[0] if is_index else None, of[kind]))
    return found


def save_scorer(folder: Path, model: onnx.ModelProto, card: Card) -> Card:
    """Write `model.onnx` and `card.json`; the folder is created, files are replaced.

    Args:
        folder: Where the two files go.
        model: Graph from `export_pipeline`.
        card: Its card; known values, the text for null and the hash are filled in here.

    Returns:
        The card as written.
    """
    values, codes, of_texts = known_values(model), known_codes(model), words.take_words(model)
    inputs = tuple(
        replace(
            column,
            values=values.get(column.name, column.values),
            codes=codes.get(column.name, column.codes),
            **vars(of_texts[column.name]) if column.name in of_texts else {},
        )
        for column in card.inputs
    )
    data = model.SerializeToString()
    texts = {text for _, key in _keys(model, "keys_strings") for text in _texts(key)}
    free = free_text(inputs, texts)
    complete = replace(card, inputs=inputs, missing_text=free, sha256=sha256_of(data))
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MODEL_FILE).write_bytes(data)
    (folder / CARD_FILE).write_text(complete.to_json(), encoding="utf-8")
    return complete
