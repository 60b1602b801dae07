"""What a Delta table's log says without Spark; the tables are delta-rs's own."""

from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from deltalake import DeltaTable, write_deltalake

from hitcast.tables.commit_log import CommitLog

TIME = datetime(2026, 3, 1, 12, 30, 15, 123456, UTC)


def _rows(*numbers: int) -> pa.Table:
    times = pa.array([TIME] * len(numbers), pa.timestamp("us", tz="UTC"))
    return pa.table({"number": pa.array(numbers, pa.int64()), "at": times})


def test_where_there_is_no_table_nothing_is_known(tmp_path: Path) -> None:
    log = CommitLog(str(tmp_path))
    assert (list(log.newest_first()), log.metadata(), log.rows()) == ([], None, None)


def test_rows_are_those_of_the_newest_version_with_their_zone(tmp_path: Path) -> None:
    write_deltalake(tmp_path, _rows(1))
    write_deltalake(tmp_path, _rows(2, 3), mode="append")
    DeltaTable(tmp_path).delete("number = 2")
    log = CommitLog(str(tmp_path))
    found = log.rows()
    assert found is not None
    assert sorted(row["number"] for row in found) == [1, 3]
    assert {row["at"] for row in found} == {TIME}
    commits = list(log.newest_first())
    assert [commit.version for commit in commits] == [2, 1, 0]
    assert [commit.operation for commit in commits] == ["DELETE", "WRITE", "WRITE"]


def test_times_that_spark_has_written_have_their_zone_too(tmp_path: Path) -> None:
    write_deltalake(tmp_path, _rows(1))
    (file,) = tmp_path.glob("*.parquet")
    pq.write_table(_rows(1), file, use_deprecated_int96_timestamps=True)
    assert CommitLog(str(tmp_path)).rows() == [{"number": 1, "at": TIME}]


def test_columns_and_properties_are_those_of_the_last_change_of_them(tmp_path: Path) -> None:
    write_deltalake(tmp_path, _rows(1), configuration={"delta.appendOnly": "false"})
    write_deltalake(tmp_path, _rows(2), mode="append")
    found = CommitLog(str(tmp_path)).metadata()
    assert found is not None
    assert found.columns == ["number", "at"]
    assert found.properties["delta.appendOnly"] == "false"
    other = pa.table({"title": ["x"]})
    write_deltalake(tmp_path, other, mode="overwrite", schema_mode="overwrite")
    found = CommitLog(str(tmp_path)).metadata()
    assert found is not None and found.columns == ["title"]
    assert CommitLog(str(tmp_path)).rows() == [{"title": "x"}]


def test_what_plain_commits_do_not_tell_is_left_to_spark(tmp_path: Path) -> None:
    partitioned, cleaned = tmp_path / "partitioned", tmp_path / "cleaned"
    write_deltalake(partitioned, _rows(1), partition_by=["number"])
    assert CommitLog(str(partitioned)).rows() is None
    for number in range(3):
        write_deltalake(cleaned, _rows(number), mode="append")
    DeltaTable(cleaned).create_checkpoint()
    (cleaned / "_delta_log" / f"{0:020}.json").unlink()
    log = CommitLog(str(cleaned))
    assert log.rows() is None
    assert log.metadata() is None
    assert [commit.version for commit in log.newest_first()] == [2, 1]
