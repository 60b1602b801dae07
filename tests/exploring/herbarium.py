"""Rows of use cases that differ in all they can: few, made by arithmetic, no row like another."""

from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
from pyspark.sql import DataFrame, SparkSession

from hitcast.declaration.loading import load_use_case
from hitcast.declaration.use_case import UseCase
from tests.conftest import ROOT

CONF = ROOT / "tests" / "exploring" / "conf"
KINDS = ["Aster", "Bluebell", "Clover", "Daisy", "Edelweiss"]
DAY = date(2024, 5, 1)
ROWS = 60
NAMES = ("fraud", "pistachio", "blossoms")


def declared(name: str) -> UseCase:
    """A use case of the project, or the made-up one with five classes."""
    return load_use_case(name, folder=conf_of(name))


def conf_of(name: str) -> Path:
    """The folder that a use case is declared in."""
    return CONF if name == "blossoms" else ROOT / "conf"


def rows_of(use_case: UseCase, rows: int = ROWS) -> pd.DataFrame:
    """Rows of a use case as gold has them: key, declared columns and the day of the extract."""
    make = blossom if use_case.name == "blossoms" else measured
    found = pd.DataFrame([make(use_case, number) for number in range(rows)])
    found.insert(0, use_case.key, [f"k{number:03}" for number in range(rows)])
    return found[list(use_case.column_names)].assign(extraction_date=DAY)


def frame_of(spark: SparkSession, use_case: UseCase, rows: int = ROWS) -> DataFrame:
    """The same rows as Spark holds them, by the declared types."""
    types = [f"`{c.name}` {c.spark_type}" for c in use_case.columns]
    records = rows_of(use_case, rows).astype(object).to_numpy().tolist()
    return spark.createDataFrame(records, ", ".join([*types, "extraction_date date"]))


def blossom(_: UseCase, number: int) -> dict[str, Any]:
    """One of 20 Asters, 16 Bluebells, 12 Clovers, 8 Daisies and 4 Edelweiss in 60."""
    kind = next(k for k, end in enumerate((20, 36, 48, 56, 60)) if number % 60 < end)
    return {
        "width": 10.0 * kind + number % 7,
        "petals": 4 + kind + number % 2,
        # Clovers are red, others white or blue.
        "colour": 2 if kind == 2 else number % 2,
        "meadow": "north" if number % 3 else None,
        "month": 4 + number % 3,
        "kind": KINDS[kind],
    }


def measured(use_case: UseCase, number: int) -> dict[str, Any]:
    """A row of quantities: each third is of the positive class, which has more of everything."""
    positive = number % 3 == 0
    label = use_case.label
    answer: Any = int(positive) if not label.names else label.names[int(positive)]
    inputs: dict[str, Any] = {
        c.name: (number * (place + 3)) % 17 + (5 + place % 4) * positive + 1
        for place, c in enumerate(use_case.columns)
        if c.type in ("number", "integer") and c.name != label.column
    }
    values = {
        # A thousandth a row: no two are alike, as keys may be made of all values.
        name: int(v) if use_case.column(name).type == "integer" else v + number / 1000
        for name, v in inputs.items()
    }
    if "Time" in values:
        values["Time"] = 3600.0 * number
    return {**values, label.column: answer}
