"""Made-up rows of the tables that collect fills."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from pyspark.sql import DataFrame, SparkSession

LOG = """segment string, line long, time timestamp, prediction_id string, model string,
    version long, experiment string, arm string, period string, share double, unit string,
    source string, shadow boolean, fallback boolean, probability double,
    probabilities map<string, double>, label string"""
FEEDBACK = "segment string, line long, time timestamp, prediction_id string, outcome string, " \
    "at timestamp"  # fmt: skip
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def line(number: int, unit: str | None, arm: str | None, **told: Any) -> dict[str, Any]:
    """A line of the log."""
    return {
        "segment": "s", "line": number, "time": NOON + timedelta(seconds=number),
        "prediction_id": f"p{number}", "model": "spotify", "version": 1, "experiment": "trial",
        "arm": arm,
        "period": "2026-03-01T12:00:00.000000Z", "share": None, "unit": unit, "source": None,
        "shadow": False, "fallback": False, "probability": 0.5, "probabilities": None,
        "label": "1", **told,
    }  # fmt: skip


def log_of(spark: SparkSession, lines: Iterable[Mapping[str, Any]]) -> DataFrame:
    return spark.createDataFrame([tuple(of.values()) for of in lines], LOG)


def made(seed: int, users: int) -> tuple[list[dict[str, Any]], list[tuple[Any, ...]]]:
    """Lines of users of two arms, of which staging knows what will happen, and what they said."""
    random = np.random.default_rng(seed)
    lines: list[dict[str, Any]] = []
    said: list[tuple[Any, ...]] = []
    for user in range(users):
        arm = "staging" if random.random() < 0.5 else "production"
        for _ in range(int(random.integers(1, 5))):
            number, happens = len(lines), random.random() < 0.4
            sure = 0.8 if happens else 0.2
            probability = sure if arm == "staging" else 0.4
            told = {"probability": probability, "label": str(int(probability > 0.5))}
            version = 2 if arm == "staging" else 1
            lines.append(line(number, f"{user:032x}", arm, version=version, **told))
            at = lines[-1]["time"] + timedelta(minutes=5)
            # Some say something else first.
            if number % 50 == 0:
                said.append(("f", len(said), at, f"p{number}", "0", at - timedelta(minutes=1)))
            said.append(("f", len(said), at, f"p{number}", str(int(happens)), at))
    return lines, said
