"""The table `experiment_report`: one row a look, arm and metric.

A look is known by what it looked at (`state`: the lines, the outcomes and the declaration), so that
a second report on the same adds nothing.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from pyspark.sql import functions as F

from hitcast.tables.delta import Table

NAME = "experiment_report"
COLUMNS = {
    "experiment": "string", "state": "string", "at": "timestamp", "arm": "string",
    "metric": "string", "decides": "boolean", "difference": "double", "low": "double",
    "high": "double", "sequence_low": "double", "sequence_high": "double", "units": "long",
    "verdict": "string", "reason": "string", "run_id": "string",
}  # fmt: skip
ROWS = f"array<struct<{', '.join(f'{name}: {kind}' for name, kind in COLUMNS.items())}>>"


def run_of(table: Table, experiment: str, state: str) -> str | None:
    """The MLflow run of a look that is in the table already; None where there is none."""
    if not table.exists():
        return None
    held = table.read().where((F.col("experiment") == experiment) & (F.col("state") == state))
    found = held.select("run_id").limit(1).toArrow().to_pylist()
    return str(found[0]["run_id"]) if found else None


def add(table: Table, found: Mapping[str, Any], state: str, run_id: str) -> None:
    """Add a look in one commit.

    Args:
        table: The table, which may not exist yet.
        found: What `findings` says.
        state: What the look is known by.
        run_id: Its run in MLflow.
    """
    rows = [{**row, "state": state, "run_id": run_id} for row in _rows(found)]
    parsed = F.explode(F.from_json(F.lit(json.dumps(rows)), ROWS)).alias("row")
    frame = table.spark.range(1, numPartitions=1).select(parsed).select("row.*")
    if table.exists():
        table.append(frame)
    else:
        table.create_from(frame, {})


def _rows(found: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for alias, arm in found["arms"].items():
        for metric, told in arm.get("differences", {}).items():
            decides = metric == found["metric"]
            yield {
                "experiment": found["name"],
                "at": found["at"],
                "arm": alias,
                "metric": metric,
                "decides": decides,
                **{name: told[name] for name in COLUMNS if name in told},
                "verdict": arm["verdict"] if decides else None,
                "reason": arm["reason"] if decides else None,
            }
