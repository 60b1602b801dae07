from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from hitcast.errors import SourceError
from hitcast.tables.delta import Table

pytestmark = pytest.mark.spark


def newest_by_history(table: Table) -> tuple[int, str | None]:
    """What Delta itself says of the newest commit."""
    newest = table.history().collect()[0]
    return newest["version"], newest["userMetadata"]


def test_version_and_note_are_those_of_deltas_history_beyond_a_checkpoint(
    spark: SparkSession, tmp_path: Path
) -> None:
    table = Table(spark, "numbers", str(tmp_path / "numbers"))
    rows = spark.range(3)
    table.create_from(rows, {"delta.checkpointInterval": "2"}, note="made")
    assert (table.version(), table.note()) == newest_by_history(table) == (0, "made")
    table.append(rows)
    assert (table.version(), table.note()) == newest_by_history(table) == (1, None)
    table.append(rows, note='a "quoted" note\nof two lines')
    assert list((tmp_path / "numbers" / "_delta_log").glob("*2.checkpoint*.parquet"))
    assert (table.version(), table.note()) == newest_by_history(table)
    assert table.version() == 2
    # Names of other files in a log, which hold several commits or none.
    (tmp_path / "numbers" / "_delta_log" / f"{0:020}.{9:020}.compacted.json").write_text("{}")
    assert table.version() == 2


def test_asking_for_version_and_note_costs_no_spark_job(
    spark: SparkSession, tmp_path: Path
) -> None:
    table = Table(spark, "numbers", str(tmp_path / "numbers"))
    table.create_from(spark.range(3), {}, note="made")
    context = spark.sparkContext
    context.setJobGroup("asked", "version and note")
    try:
        assert (table.version(), table.note()) == (0, "made")
        asked = list(context.statusTracker().getJobIdsForGroup("asked"))
        newest_by_history(table)
        history = list(context.statusTracker().getJobIdsForGroup("asked"))
    finally:
        context._jsc.clearJobGroup()
    assert asked == []
    # So the counting counts.
    assert history


def test_a_table_that_is_not_there_has_no_version(spark: SparkSession, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="expected the numbers table at .*, found none"):
        Table(spark, "numbers", str(tmp_path / "numbers")).version()


@pytest.mark.sessions
def test_a_merge_deletes_updates_and_adds_in_one_commit(
    spark: SparkSession, tmp_path: Path
) -> None:
    table = Table(spark, "letters", str(tmp_path / "letters"))
    named = "id long, `the {letter}` string"
    rows = spark.createDataFrame([(1, "a"), (2, "b"), (3, "c")], named)
    table.create_from(rows, {"delta.columnMapping.mode": "name"})
    changed = [(2, None, True), (3, "d", False), (4, "e", False), (5, None, True)]
    table.merge(
        spark.createDataFrame(changed, named + ", _gone_ boolean"),
        "held.id = incoming.id",
        "a note",
        gone="_gone_",
    )
    assert sorted(map(tuple, table.read().collect())) == [(1, "a"), (3, "d"), (4, "e")]
    assert (table.version(), table.note()) == (1, "a note")


@pytest.mark.sessions
def test_columns_that_a_table_lacks_are_added_once(spark: SparkSession, tmp_path: Path) -> None:
    table = Table(spark, "letters", str(tmp_path / "letters"))
    rows = spark.createDataFrame([(1, "a", 0.5)], "id long, letter string, `the {share}` double")
    table.create_from(rows.select("id", "letter"), {"delta.columnMapping.mode": "name"})
    table.widen(rows)
    table.widen(rows)
    assert (table.version(), table.read().dtypes) == (1, rows.dtypes)


@pytest.mark.sessions
def test_rows_of_other_columns_take_the_place_of_all_while_properties_and_versions_stay(
    spark: SparkSession, tmp_path: Path
) -> None:
    table = Table(spark, "letters", str(tmp_path / "letters"))
    rows = spark.createDataFrame([(1, "a")], "id long, letter string")
    table.create_from(rows, {"hitcast.generated": "true"})
    made_of_it = table.read().selectExpr("CAST(id AS STRING) AS id", "1.5D AS number")
    table.overwrite(made_of_it, "a note")
    assert table.read().dtypes == [("id", "string"), ("number", "double")]
    assert [tuple(row) for row in table.read().collect()] == [("1", 1.5)]
    assert [tuple(row) for row in table.read(0).collect()] == [(1, "a")]
    assert (table.version(), table.note(), table.is_generated()) == (1, "a note", True)
