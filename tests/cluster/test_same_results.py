"""Ingest and train give on a cluster what they give on one machine."""

from pathlib import Path
from typing import Any

import pytest
from deltalake import DeltaTable

from hitcast.home import Home
from tests.cluster.conftest import FAMILIES, TRAIN
from tests.cluster.standalone import HOST, Cluster
from tests.ingest.books import TABLES
from tests.jobs.commands import last_line, run

pytestmark = [pytest.mark.spark, pytest.mark.slow]


def table(home: Home, name: str) -> list[str]:
    """All rows of a table as text, in order, without the time of the run."""
    rows = DeltaTable(home.lakehouse / "spotify" / name).to_pyarrow_table()
    columns = [column for column in rows.column_names if column != "ingested_at"]
    return sorted(map(str, rows.select(columns).to_pylist()))


def test_tables_and_metrics_are_the_same_on_a_cluster(
    cluster: Cluster,
    local_home: Home,
    trained_locally: dict[str, Any],
    ingest_words: list[str],
    tmp_path: Path,
) -> None:
    home = Home(tmp_path / "home")

    def submit(*words: str) -> dict[str, Any]:
        options = [*cluster.options, *words, "--home", str(home.folder)]
        return last_line(run("spark-submit", *options, SPARK_LOCAL_IP=HOST))

    told = submit(*ingest_words)
    assert (told["quarantined"], told["duplicates"]) == (40, 30)
    for name in TABLES:
        rows = table(home, name)
        assert len(rows) == {"bronze": 4030, "quarantine": 40}.get(name, 3960)
        assert rows == table(local_home, name)

    on_cluster, alone = submit(*TRAIN, *FAMILIES), trained_locally
    assert on_cluster["best"] == alone["best"]
    assert on_cluster["rows"] == alone["rows"]
    assert on_cluster["test"] == pytest.approx(alone["test"], abs=1e-4)
    for family in FAMILIES:
        assert on_cluster["families"][family] == pytest.approx(alone["families"][family], abs=1e-4)
