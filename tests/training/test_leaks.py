"""Nothing can be learned from shuffled labels: who finds something has seen what it is judged by.

The whole pipeline is asked, from gold to the views of the report.
"""

import math
from collections.abc import Mapping
from pathlib import Path
from statistics import NormalDist
from typing import Any

import mlflow
import numpy as np
import pandas as pd
import pytest
from pyspark.sql import SparkSession

from hitcast.declaration.use_case import UseCase
from hitcast.models.connection import connect
from hitcast.training.trainer import train
from tests.planted import home_with, planted_tracks, quick

pytestmark = [pytest.mark.spark, pytest.mark.slow, pytest.mark.nightly]
AREA = "areaUnderROC"
ERRORS = 4
VIEWS = ("test", "known", "unseen", "cross_validated", "latest", "with", "without")


def shuffled_tracks() -> pd.DataFrame:
    """Tracks half of which are popular, whatever they are like."""
    tracks = planted_tracks()
    labels = np.arange(len(tracks)) % 2 * 60
    return tracks.assign(popularity=np.random.default_rng(0).permutation(labels))


def error_of_chance(positive: int, negative: int) -> float:
    """Standard error of areaUnderROC where labels are shuffled (Mann and Whitney, 1947)."""
    return math.sqrt((positive + negative + 1) / (12 * positive * negative))


def finds(told: Mapping[str, Any], logged: Mapping[str, float]) -> list[str]:
    """What is further from .5 than chance, of the families, the winner and its views."""
    rows = told["rows"]
    errors = {
        part: error_of_chance(rows[f"{part}_positive"], rows[part] - rows[f"{part}_positive"])
        for part in ("train", "test")
    }
    measured = {f"cv {name}": (cv[AREA], errors["train"]) for name, cv in told["families"].items()}
    measured |= {
        "cv": (told["cv"][AREA], errors["train"]),
        "test": (told["test"][AREA], errors["test"]),
    }
    reach = 2 * NormalDist().inv_cdf(0.975)
    for view in VIEWS:
        low, value, high = (logged[f"view_{view}_{AREA}{end}"] for end in ("_low", "", "_high"))
        measured[f"view {view}"] = (value, (high - low) / reach)
    return [
        f"{name}: {value:.4f} ({(value - 0.5) / error:+.1f} standard errors)"
        for name, (value, error) in measured.items()
        if not abs(value - 0.5) <= ERRORS * error
    ]


def found_in(
    spark: SparkSession, use_case: UseCase, folder: Path, tracks: pd.DataFrame, *families: str
) -> list[str]:
    """Train on the tracks, and tell what was found."""
    home = home_with(spark, use_case, folder, tracks)
    told = train(spark, use_case, home, quick(use_case, *families))
    connect(home, create=False)
    (run,) = mlflow.search_runs(
        search_all_experiments=True,
        filter_string="tags.`hitcast.level` = 'training'",
        output_format="list",
    )
    return finds(told, run.data.metrics)


def test_nothing_is_found_where_labels_are_shuffled(
    spark: SparkSession, spotify: UseCase, tmp_path: Path
) -> None:
    families = ("logistic_regression", "random_forest", "xgboost")
    assert found_in(spark, spotify, tmp_path, shuffled_tracks(), *families) == []


def test_a_label_that_leaks_into_an_input_is_found_everywhere(
    spark: SparkSession, spotify: UseCase, tmp_path: Path
) -> None:
    tracks = shuffled_tracks()
    hint = np.random.default_rng(1).normal(tracks["popularity"] / 60, 1.0)
    leaking = tracks.assign(liveness=np.clip(0.5 + hint / 10, 0, 1))
    found = found_in(spark, spotify, tmp_path, leaking, "logistic_regression")
    assert len(found) == len(VIEWS) + 3, found
