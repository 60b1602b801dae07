"""The Spark ML stages from raw columns to the vector `features`.

What is derived is computed first. Missing numbers of optional columns get the median; texts and
categories become an index (null and unseen ones share the last) or, one-hot, a column a value,
where numbers are transformed too, as declared: to trees, a number and its logarithm are the same.
Texts of words become a column a word.
Then come scaling and principal components where the candidate asks for them.
"""

from collections.abc import Sequence
from typing import Any

from pyspark.ml import Estimator, Transformer
from pyspark.ml.feature import (
    Imputer,
    OneHotEncoder,
    StandardScaler,
    StringIndexer,
    StringIndexerModel,
    VectorAssembler,
)

from hitcast.declaration.candidates import Candidate
from hitcast.declaration.columns import Column, Transform
from hitcast.declaration.derived import Derived
from hitcast.features.computed import SPLINE, Computed, Computing, hinges
from hitcast.features.selecting import Reducing
from hitcast.features.words import (
    counted_words,
    counting_stages,
    token_rule,
    tokens_of,
    vector_of,
)

FEATURES = "features"
LOG1P = "log1p"
Stage = Estimator[Any] | Transformer


def feature_stages(columns: Sequence[Column], candidate: Candidate) -> list[Stage]:
    """Build the stages that turn `columns` into the vector `features`.

    Args:
        columns: What the model sees, as declared.
        candidate: Says how texts and categories are encoded and whether to scale and to reduce.

    Returns:
        Unfitted stages, to be fitted in order by a `Pipeline`.
    """
    if candidate.codes == "numbers":
        whole = {"type": "integer"}
        columns = [c.model_copy(update=whole) if c.type == "category" else c for c in columns]
    # A category's whole numbers are indexed as the texts that they would be written as.
    values = [c.name for c in columns if not c.is_quantity and c.vocabulary is None]
    optional = [c.name for c in columns if c.is_quantity and not c.required]
    stages: list[Stage] = []
    derived = [Computed(c.name, c.way, c.of) for c in columns if isinstance(c, Derived)]
    if derived:
        stages.append(Computing(derived))
    if optional:
        imputed = [_filled(name) for name in optional]
        stages.append(Imputer(inputCols=optional, outputCols=imputed, strategy="median"))
    if values:
        indexed = [_indexed(name) for name in values]
        stages.append(StringIndexer(inputCols=values, outputCols=indexed, handleInvalid="keep"))
        if candidate.encoding == "one_hot":
            hot = [_one_hot(name) for name in values]
            # The index of unseen values is the last, which gets no column: all zeros.
            stages.append(OneHotEncoder(inputCols=indexed, outputCols=hot, dropLast=True))
    if candidate.encoding == "one_hot":
        bent = [_transformed(c, c.transform) for c in columns if c.transform is not None]
        stages += [Computing(bent)] if bent else []
    others = [c for c in columns if c.vocabulary is None]
    sources = [name for column in others for name in _sources(column, candidate)]
    texts = [vector_of(c.name, c.vocabulary) for c in columns if c.vocabulary is not None]
    return stages + _word_stages(columns) + _vector_stages(sources, texts, candidate)


def most_categories(fitted: Sequence[Transformer]) -> int:
    """The most values that an indexed column has, unseen ones as one more; or 0."""
    indexers: list[Any] = [stage for stage in fitted if isinstance(stage, StringIndexerModel)]
    return max((len(v) + 1 for stage in indexers for v in stage.labelsArray), default=0)


def feature_types(columns: Sequence[Column], fitted: Sequence[Transformer]) -> list[str]:
    """XGBoost's type of each element of an indexed vector: c (category) or q (quantity).

    Args:
        columns: What the model sees.
        fitted: The stages that make the vector, which know how many words a text has.
    """
    types = ["q" if c.is_quantity else "c" for c in columns if c.vocabulary is None]
    return types + ["q"] * sum(map(len, counted_words(fitted).values()))


def _word_stages(columns: Sequence[Column]) -> list[Stage]:
    """What finds and counts the words of texts that have some."""
    held = [(c.name, c.vocabulary) for c in columns if c.vocabulary is not None]
    found = [Computed(tokens_of(n), "words", (n,), rule=token_rule(v)) for n, v in held]
    counting = [stage for name, declared in held for stage in counting_stages(name, declared)]
    return [Computing(found), *counting] if found else []


def _vector_stages(inputs: list[str], texts: list[str], candidate: Candidate) -> list[Stage]:
    """The assembler and what comes after it; the last stage's output is `features`.

    What words count comes last, and keeps its size: over their deviation, rare words were huge.
    """
    scaled = candidate.scaling == "standard" and bool(inputs)
    first = inputs if scaled else [*inputs, *texts]
    stages: list[Stage] = [VectorAssembler(inputCols=first, handleInvalid="keep")]
    if scaled:
        # No centring: it would turn one-hot vectors, almost all zeros, into dense ones.
        stages.append(StandardScaler(withMean=False, withStd=True))
    if scaled and texts:
        stages.append(VectorAssembler(inputCols=[_vector(1), *texts], handleInvalid="keep"))
    if candidate.pca is not None:
        stages.append(Reducing(candidate.pca))
    for number, stage in enumerate(stages):
        last = number == len(stages) - 1
        stage.set(stage.getParam("outputCol"), FEATURES if last else _vector(number))
        if number and not isinstance(stage, VectorAssembler):
            stage.set(stage.getParam("inputCol"), _vector(number - 1))
    return stages


def _transformed(column: Column, transform: Transform) -> Computed:
    name = _logarithm(column.name) if transform == LOG1P else column.name
    return Computed(name, transform, (_whole(column),))


def _sources(column: Column, candidate: Candidate) -> list[str]:
    """The columns that the assembler reads for `column`."""
    one_hot = candidate.encoding == "one_hot"
    if not column.is_quantity:
        return [_one_hot(column.name) if one_hot else _indexed(column.name)]
    if one_hot and column.transform == LOG1P:
        return [_logarithm(column.name)]
    bends = hinges(column.name) if one_hot and column.transform == SPLINE else []
    return [_whole(column), *bends]


def _whole(column: Column) -> str:
    """A quantity without gaps."""
    return column.name if column.required else _filled(column.name)


# Names between underscores are the engine's: no column of a use case has one.


def _vector(number: int) -> str:
    return f"_vector_{number}_"


def _logarithm(name: str) -> str:
    return f"_{name}_{LOG1P}_"


def _filled(name: str) -> str:
    return f"_{name}_filled_"


def _indexed(name: str) -> str:
    return f"_{name}_index_"


def _one_hot(name: str) -> str:
    return f"_{name}_one_hot_"
