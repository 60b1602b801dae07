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
