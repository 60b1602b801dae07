"""What an experiment is judged by: as it was changed last, and never two of one name."""

import json
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from hitcast.declaration.experiment import Experiment
from hitcast.errors import ExperimentError
from hitcast.experiments.declared import declaration_of, declared_in
from hitcast.tables.lakehouse import Lakehouse
from tests.experiments.logged import NOON

SCHEMA = """segment string, line long, time timestamp, date date, event string, experiment string,
    period string, declared string, versions map<string, long>"""
ARMS = [{"alias": "production"}, {"alias": "staging"}]
HEAVY = [{"alias": "production"}, {"alias": "staging", "weight": 9.0}]
VERSIONS = {"production": 1, "staging": 2}


def happened(
    name: str, number: int, event: str, versions: Mapping[str, int] = VERSIONS, **changes: Any
) -> tuple[Any, ...]:
    """A row of the table; an experiment has a period from `begun` on: then, or from its start."""
    declared = {"name": name, "arms": ARMS, "metric": "brier", **changes}
    at = NOON + timedelta(minutes=number)
    begins = changes.get("starts", (at - timedelta(minutes=0.5)).isoformat())
    period = None if event == "asked" else begins
    return ("s", number, at, at.date(), event, name, period, json.dumps(declared), dict(versions))


def logged(spark: SparkSession, root: Path, *rows: tuple[Any, ...]) -> Lakehouse:
    """Tables with these rows, the newest first."""
    lakehouse = Lakehouse(spark, root / "lakehouse", "spotify")
    frame = spark.createDataFrame([*reversed(rows)], SCHEMA)
    lakehouse.experiments.create_from(frame, {})
    return lakehouse


@pytest.mark.spark
@pytest.mark.slow
def test_the_newest_declaration_counts_and_another_one_of_the_same_name_is_refused(
    spark: SparkSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    end = "2026-04-01T00:00:00Z"
    lakehouse = logged(
        spark,
        tmp_path,
        happened("one", 0, "asked"),
        happened("one", 1, "begun"),
        happened("one", 2, "changed", arms=HEAVY, ends=end),
        happened("one", 3, "ended", arms=HEAVY, ends=end),
        # As before, so what is compared is the same; the newest end counts.
        happened("one", 4, "asked"),
        happened("one", 5, "begun", traffic=0.5),
        # What was ended before it began, or before its start, answered nobody.
        happened("two", 0, "asked", metric="log_loss"),
        happened("two", 1, "asked", starts=end, metric="log_loss"),
        happened("two", 2, "begun", starts=end, metric="log_loss"),
        happened("two", 3, "ended", starts=end, metric="log_loss"),
        happened("two", 4, "asked"),
        happened("two", 5, "begun"),
        happened("metric", 0, "begun"),
        happened("metric", 1, "asked", metric="log_loss"),
        happened("metric", 2, "begun", metric="log_loss"),
        happened("versions", 0, "begun"),
        happened("versions", 1, "ended"),
        happened("versions", 2, "asked", {"production": 2, "staging": 3}),
        happened("versions", 3, "begun", {"production": 2, "staging": 3}),
        happened("waits", 0, "asked"),
    )
    found = declared_in(lakehouse, "one")
    expected = Experiment(name="one", arms=ARMS, metric="brier", traffic=0.5)  # type: ignore[arg-type]
    assert found == expected
    assert [(e.name, e.metric) for n in ("two", "waits") if (e := declared_in(lakehouse, n))] == [
        ("two", "brier"), ("waits", "brier"),
    ]  # fmt: skip
    assert declared_in(lakehouse, "other") is None
    told = r"metric brier .*12:00:00 UTC\), and again with metric log_loss .*12:01:00.*another name"
    with pytest.raises(ExperimentError, match=told):
        declared_in(lakehouse, "metric")
    told = r"versions {'production': 1, .*, and again with versions {'production': 2, 'staging': 3}"
    with pytest.raises(ExperimentError, match=told):
        declared_in(lakehouse, "versions")

    # A file of conf/ says something else, or is all that there is.
    for name in ("one", "filed"):
        text = json.dumps({"name": name, "arms": ARMS[::-1], "smallest_difference": 0.5})
        path = tmp_path / f"conf/experiments/{name}.yml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    monkeypatch.setenv("HITCAST_CONF", str(tmp_path / "conf"))
    said: list[str] = []
    assert declaration_of(lakehouse, "one", said.append) == expected
    assert said == [
        "note: conf/experiments/one.yml has other arms, metric, smallest_difference than what ran; "
        "judged by what ran"
    ]
    assert declaration_of(lakehouse, "two", said.append).metric == "brier"
    assert declaration_of(lakehouse, "filed", said.append).smallest_difference == 0.5
    assert len(said) == 1
    told = r"among \['metric', 'one', 'two', 'versions', 'waits'\] .* or \['filed', 'one'\]"
    with pytest.raises(ExperimentError, match=told):
        declaration_of(lakehouse, "other", said.append)
