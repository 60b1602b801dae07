"""The engine knows no column: with each one renamed, in conf and in data, all stays the same."""

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from pyspark.sql import SparkSession

from hitcast.declaration.use_case import UseCase
from hitcast.sources.generators import generator_of
from jobs import ingest as ingest_job
from jobs import train as train_job
from tests.conftest import ROOT
from tests.jobs.commands import last_line_here

pytestmark = [pytest.mark.spark, pytest.mark.slow]
ROWS = {"spotify": 1200, "fraud": 1500, "pistachio": 600, "lyrics": 500}
SAME = ("rows", "cv", "test", "threshold", "parameters", "members", "decision")


def renamed(declared: dict[str, Any], to: Callable[[str], str]) -> dict[str, Any]:
    """A declaration with other names for all of its columns, wherever it names one."""

    def names(found: Any) -> Any:
        if isinstance(found, str):
            return to(found)
        return [to(name) for name in found]

    columns = declared["columns"]
    label = {**declared["label"], "column": to(declared["label"]["column"])}
    found = {**declared, "label": label, "columns": {to(n): c for n, c in columns.items()}}
    for section, keys in {
        "profiles": ("by", "shown"), "views": ("latest", "without"), "split": ("by",),
    }.items():  # fmt: skip
        if section in declared:
            held = declared[section]
            found[section] = held | {key: names(held[key]) for key in keys if key in held}
    if "derive" in declared:
        found["derive"] = {
            to(name): {key: names(value) if key != "type" else value for key, value in way.items()}
            for name, way in declared["derive"].items()
        }
    key = declared["key"]
    if isinstance(key, str):
        found["key"] = to(key)
    elif key["hash"] != "all":
        found["key"] = {**key, "hash": names(key["hash"])}
    if "group" in declared:
        found["group"] = to(declared["group"])
    return found


def more_frauds(path: Path, label: str) -> None:
    """So few generated rows have hardly a fraud among them: every tenth becomes one."""
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows[::10]:
        row[label] = "1"
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)


def rows_file(path: Path, header: str, lines: str, declared: dict[str, Any]) -> list[str | Path]:
    """The rows in the form that is declared, as the options of an ingest."""
    path.write_text(f"{header}\n{lines}", encoding="utf-8")
    if "sources" not in declared:
        return ["--file", path]
    with path.open(newline="", encoding="utf-8") as file:
        records = [json.dumps(row) for row in csv.DictReader(file)]
    written = path.with_suffix(".jsonl")
    written.write_text("\n".join(records), encoding="utf-8")
    return ["--source", next(iter(declared["sources"])), "--file", written]


@pytest.mark.parametrize(
    "name",
    [n if n == "spotify" else pytest.param(n, marks=pytest.mark.nightly) for n in ROWS],
)
def test_no_column_is_known_by_its_name(
    name: str,
    spark: SparkSession,  # noqa: ARG001 - the jobs take the session that is there
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    declared = yaml.safe_load((ROOT / f"conf/{name}.yml").read_text(encoding="utf-8"))
    path = tmp_path / "rows.csv"
    generator_of(UseCase.model_validate(declared)).write(path, ROWS[name], 0, None)
    if name == "fraud":
        more_frauds(path, declared["label"]["column"])
    header, lines = path.read_text(encoding="utf-8").split("\n", 1)
    # As many characters as before would not do: nothing may hang on the length either.
    to = {
        column: f"c{place}_{'x' * (place % 5)}" for place, column in enumerate(declared["columns"])
    }
    other = ",".join(to.get(column, column) for column in header.split(","))
    told: list[dict[str, Any]] = []
    for conf, text in (
        (declared, header),
        (renamed(declared, lambda column: to.get(column, f"d_{column}")), other),
    ):
        folder = tmp_path / f"conf-{len(told)}"
        folder.mkdir()
        (folder / f"{name}.yml").write_text(yaml.safe_dump(conf, sort_keys=False))
        monkeypatch.setenv("HITCAST_CONF", str(folder))
        extract = rows_file(tmp_path / f"rows-{len(told)}.csv", text, lines, declared)
        common = ("--use-case", name, "--home", tmp_path / f"home-{len(told)}")
        ingested = last_line_here(ingest_job, *common, *extract)
        few = ("--candidates", "logistic_regression", "--trials", "1", "--folds", "2")
        trained = last_line_here(train_job, *common, *few)
        counted = {key: ingested[key] for key in ("inserted", "duplicates", "quarantined")}
        told.append({**counted, **{key: trained[key] for key in SAME}})
    assert told[1] == told[0]
