"""Words are found alike by Spark and by whoever has no Spark, whatever the text holds."""

from collections import Counter
from typing import Any

import numpy as np
import pytest
from pyspark.ml import Pipeline
from pyspark.sql import SparkSession

from hitcast.declaration.tokens import TokenRule, rule_of
from hitcast.declaration.vocabulary import Vocabulary
from hitcast.features.computed import Computed, Computing, computed_of, statement_of
from hitcast.features.words import counted_words, counting_stages, token_rule, tokens_sql, vector_of

pytestmark = pytest.mark.spark
RULES: list[dict[str, Any]] = [
    {"counts": "plain", "shortest": 1},
    {"counts": "plain", "ngrams": 3},
    {"counts": "binary", "ngrams": 2, "language": "portuguese"},
    {"counts": "sublinear", "language": "portuguese"},
]


def random_texts(count: int, seed: int = 0) -> list[str | None]:
    """Texts of all that Unicode has but half characters, most of it near the beginning."""
    rng = np.random.default_rng(seed)

    def letter() -> str:
        code = int(rng.choice([0x80, 0x250, 0x600, 0x3100, 0x10000, 0x110000], p=[0.5, *[0.1] * 5]))
        drawn = int(rng.integers(code))
        return " " if 0xD800 <= drawn < 0xE000 or rng.random() < 0.1 else chr(drawn)

    texts = ["".join(letter() for _ in range(int(rng.integers(60)))) for _ in range(count)]
    return [*texts, *texts[:9], None, "", "Ação, ação! AÇÃO de não-amor e e\u0301 1999", "a " * 300]


@pytest.mark.sessions
def test_spark_finds_and_counts_the_words_that_python_does(spark: SparkSession) -> None:
    texts = random_texts(400)
    rows = spark.createDataFrame(list(enumerate(texts)), "id int, text string")
    rules = [token_rule(Vocabulary(**declared)) for declared in RULES]
    found = rows.selectExpr(
        "id", *(f"{tokens_sql('text', r)} AS w{n}" for n, r in enumerate(rules))
    )
    for row in found.collect():
        for number, rule in enumerate(rules):
            counted = Counter(rule.words(texts[row["id"]] or ""))
            wanted = {word: rule.weight(count) for word, count in counted.items()}
            assert Counter(row[f"w{number}"]) == wanted, (row["id"], rule.counts)


def test_case_accents_and_stop_words_are_of_no_account(spark: SparkSession) -> None:  # noqa: ARG001
    rule = token_rule(Vocabulary(language="portuguese", ngrams=2))
    assert rule.words("NÃO há Coração, coracao de São-João!") == [
        "coracao", "coracao", "joao", "coracao coracao", "coracao joao",
    ]  # fmt: skip
    assert "nao" in rule.left_out


def test_letters_of_all_scripts_make_words() -> None:
    rule = rule_of(shortest=2, stop_words=(), ngrams=1, counts="plain")
    assert rule.words("Ελλάδα, МИР «ёлка» 日本語・朝 हिन्दी İstanbul Straße ﬁ 12½ a\u0301b") == [
        "ελλαδα", "мир", "елка", "日本語", "हिन्दी", "istanbul", "straße", "12½", "ab",
    ]  # fmt: skip
    assert [rule_of(shortest=1, stop_words=(), ngrams=1, counts="sublinear").weight(count)
            for count in (1, 2, 3, 10, 1000)] == [10, 17, 21, 33, 79]  # fmt: skip


def test_a_statement_tells_the_rule_by_which_it_finds_words() -> None:
    rule = rule_of(shortest=2, stop_words=["*/ não"], ngrams=1, counts="plain")
    told = [Computed("_text_words_", "words", ("text",), rule=rule)]
    assert computed_of(statement_of(told)) == told
    assert isinstance(rule, TokenRule)


def test_the_most_common_words_are_features_and_texts_have_the_length_of_1(
    spark: SparkSession,
) -> None:
    texts = ["sol sol mar", "sol lua", "sol lua céu", "", None]
    rows = spark.createDataFrame([(text,) for text in texts], "text string")
    declared = Vocabulary(least_rows=2, counts="sublinear")
    words = Computing([Computed("_text_words_", "words", ("text",), rule=token_rule(declared))])
    stages = [words, *counting_stages("text", declared)]
    fitted = Pipeline(stages=stages).fit(rows)
    assert counted_words(fitted.stages) == {"_text_words_": ["sol", "lua"]}
    found = fitted.transform(rows).select(vector_of("text", declared)).collect()
    vectors = [row[0].toArray() for row in found]
    assert np.linalg.norm(vectors[:3], axis=1) == pytest.approx(np.ones(3))
    assert [vector.tolist() for vector in vectors[3:]] == [[0.0, 0.0], [0.0, 0.0]]
    # "lua" is in 2 of 5 texts, "sol" in 3: the rarer word weighs more.
    assert vectors[1][1] > vectors[1][0]
