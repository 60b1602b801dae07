"""Words of texts over versions: how many, how long, and which ones rise beyond chance."""

from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from hitcast.declaration.use_case import UseCase
from hitcast.exploring.trends.word_trends import rising_words, tell_words, words_in_words
from hitcast.tables.delta import GENERATED
from hitcast.tables.lakehouse import Lakehouse
from tests.exploring.herbarium import declared

pytestmark = pytest.mark.spark


@pytest.fixture
def songs(tmp_path: Path, spark: SparkSession) -> tuple[UseCase, Lakehouse]:
    """Songs of two genres in two versions; of FUNK, the second has a word of its own."""
    use_case = declared("lyrics")
    gold = Lakehouse(spark, tmp_path, "lyrics").gold

    def rows(first: int, words: str) -> list[tuple[str, str, str, str, str]]:
        texts = {"FUNK": words, "GOSPEL": "luz e paz"}
        return [
            (f"k{n}", "a", f"t{n}", texts[genre], genre)
            for n, genre in enumerate(("FUNK", "GOSPEL") * 30, first)
        ]

    schema = "row_key string, artist string, title string, lyrics string, genre string"
    gold.create_from(spark.createDataFrame(rows(0, "Baile e paz"), schema), {GENERATED: "false"})
    gold.append(spark.createDataFrame(rows(100, "baile grave GRAVE"), schema))
    return use_case, Lakehouse(spark, tmp_path, "lyrics")


def test_length_vocabulary_and_the_words_that_rise_are_told_by_class(
    songs: tuple[UseCase, Lakehouse],
) -> None:
    use_case, lakehouse = songs
    told = tell_words(lakehouse.gold, use_case, [0, 1])
    funk = told[told["class"] == "FUNK"]
    assert funk[["rows", "vocabulary"]].to_numpy().tolist() == [[30, 2], [60, 3]]
    assert told[told["class"] == "SERTANEJO"]["rows"].tolist() == [0, 0]
    rising = rising_words(lakehouse.gold, use_case, [0, 1])
    assert rising[["class", "word"]].to_numpy().tolist() == [["FUNK", "grave"]]
    sentences = words_in_words(told, rising, "songs")
    assert sentences[1] == (
        "FUNK: 30 songs with 2 different words in lyrics became 60 with 3; half have 2 words or "
        "more (before 2). Rising: grave."
    )
    assert sentences[2].endswith("No word rises beyond chance.")
