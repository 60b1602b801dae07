"""The Spark ML stages from a text to the numbers that its words count.

A statement finds the words; then come Spark ML's own stages, fitted on the training rows: which
words are features, how rare each is, and the same length for all.
"""

from collections.abc import Sequence
from typing import Any

from pyspark.ml import Estimator, Transformer
from pyspark.ml.feature import IDF, CountVectorizerModel, Normalizer, StopWordsRemover
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from hitcast.declaration.tokens import TENTHS, TokenRule, rule_of
from hitcast.declaration.vocabulary import Vocabulary
from hitcast.errors import UseCaseError
from hitcast.tables.names import col


def token_rule(declared: Vocabulary) -> TokenRule:
    """The rule by which such a text is read; a session knows the language's stop words."""
    stop_words: Sequence[str] = ()
    if declared.language != "none":
        stop_words = StopWordsRemover.loadDefaultStopWords(declared.language)
    return rule_of(
        shortest=declared.shortest,
        stop_words=stop_words,
        ngrams=declared.ngrams,
        counts=declared.counts,
    )


def tokens_of(name: str) -> str:
    """The column of a text's words, as many times as each of them counts."""
    return f"_{name}_words_"


def vector_of(name: str, declared: Vocabulary) -> str:
    """The column of the numbers that a text's words count."""
    return _normal(name) if declared.weights == "tf_idf" else _counted(name)


class Counting(Estimator[CountVectorizerModel]):
    """Learns which words of a text are features: those in the most rows, then by their letters.

    Spark's own `CountVectorizer` leaves open which of several as frequent words it keeps, and in
    which order.
    """

    def __init__(self, name: str, declared: Vocabulary) -> None:
        super().__init__()
        self._name, self._declared = name, declared

    def _fit(self, dataset: DataFrame) -> CountVectorizerModel:
        asked, tokens = self._declared, tokens_of(self._name)
        most = asked.most_share * dataset.count()
        words = dataset.select(F.explode(F.array_distinct(col(tokens))).alias("word"))
        rows = words.groupBy("word").agg(F.count("*").alias("rows"))
        kept = rows.where(F.col("rows").between(asked.least_rows, most))
        best = kept.orderBy(F.col("rows").desc(), "word").limit(asked.size).collect()
        if not best:
            raise UseCaseError(
                f"columns.{self._name}.vocabulary: expected words in {asked.least_rows} training "
                f"rows or more and in {most:.0f} at most, found none; lower least_rows, raise "
                "most_share, or leave the column out"
            )
        found = [row["word"] for row in best]
        return CountVectorizerModel.from_vocabulary(found, tokens, _counted(self._name))


def counting_stages(name: str, declared: Vocabulary) -> list[Estimator[Any] | Transformer]:
    """The stages from a text's words to `vector_of` it.

    Args:
        name: The text's column.
        declared: Which words are features.
    """
    counter = Counting(name, declared)
    if declared.weights == "counts":
        return [counter]
    rare = IDF(inputCol=_counted(name), outputCol=_rare(name))
    return [counter, rare, Normalizer(inputCol=_rare(name), outputCol=_normal(name))]


def counted_words(fitted: Sequence[Transformer]) -> dict[str, list[str]]:
    """The words that are features, by the column that each stage reads, most common first."""
    counters: list[Any] = [stage for stage in fitted if isinstance(stage, CountVectorizerModel)]
    return {stage.getInputCol(): list(stage.vocabulary) for stage in counters}


def tokens_sql(text: str, rule: TokenRule) -> str:
    """An expression of Spark's SQL: what `TokenRule.words` finds, by `weight` each time.

    Args:
        text: An expression; nothing is a text without words.
        rule: How words are found and counted.
    """
    plain = f"TRANSLATE(COALESCE({text}, ''), {literal(rule.letters)}, {literal(rule.plain)})"
    found = f"REGEXP_EXTRACT_ALL({plain}, {literal(rule.pattern)}, 0)"
    if rule.left_out:
        none = ", ".join(map(literal, rule.left_out))
        found = f"FILTER({found}, w -> NOT ARRAY_CONTAINS(ARRAY({none}), w))"
    if rule.ngrams > 1:
        found = _once(found, _with_runs("t", rule.ngrams))
    if rule.counts == "binary":
        return f"ARRAY_DISTINCT({found})"
    if rule.counts == "sublinear":
        # In order, equal words are runs: where each begins tells how often it occurs.
        often = "COALESCE(GET(b, k + 1), SIZE(t)) - at"
        tenths = f"CAST(FLOOR({TENTHS}D * (1D + LN({often})) + 0.5D) AS INT)"
        repeated = f"FLATTEN(TRANSFORM(b, (at, k) -> ARRAY_REPEAT(GET(t, at), {tenths})))"
        begins = "FILTER(SEQUENCE(0, SIZE(t) - 1), i -> i = 0 OR GET(t, i) != GET(t, i - 1))"
        counted = f"IF(SIZE(t) = 0, t, {_once(begins, repeated, 'b')})"
        return _once(f"ARRAY_SORT({found})", counted)
    return found


def _with_runs(words: str, most: int) -> str:
    """Words and, after them, those of up to `most` in a row."""
    parts = [words]
    for length in range(2, most + 1):
        joined, rest = words, f"GREATEST(SIZE({words}) - {length - 1}, 0)"
        joined = f"SLICE({words}, 1, {rest})"
        for place in range(2, length + 1):
            other = f"SLICE({words}, {place}, {rest})"
            joined = f"ZIP_WITH({joined}, {other}, (a, b) -> CONCAT(a, ' ', b))"
        parts.append(joined)
    return f"CONCAT({', '.join(parts)})"


def _once(value: str, of_it: str, name: str = "t") -> str:
    """What is made of `name`, where that is a value: written out twice, it were computed twice."""
    return f"ELEMENT_AT(TRANSFORM(ARRAY({value}), {name} -> {of_it}), 1)"


def literal(text: str) -> str:
    """A text in a statement of Spark's SQL."""
    # Bytes need no escapes, whose rules are a setting of the session's.
    return f"CAST(X'{text.encode().hex()}' AS STRING)"


def _counted(name: str) -> str:
    return f"_{name}_counts_"


def _rare(name: str) -> str:
    return f"_{name}_rare_"


def _normal(name: str) -> str:
    return f"_{name}_normal_"
