"""Homes with a gold table of generated tracks, made without an ingest."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from pyspark.sql import SparkSession

from hitcast.declaration.use_case import UseCase
from hitcast.running.home import Home
from hitcast.sources.twin import generate_tracks
from hitcast.tables.delta import GENERATED
from hitcast.tables.lakehouse import Lakehouse

MakeHome = Callable[[pd.DataFrame], Home]


@pytest.fixture(scope="session")
def tracks(spotify: UseCase) -> pd.DataFrame:
    """3,000 generated tracks with the declared columns."""
    return generate_tracks(3000, seed=3)[list(spotify.column_names)]


@pytest.fixture
def make_home(spark: SparkSession, spotify: UseCase, tmp_path: Path) -> MakeHome:
    """From tracks to a home whose gold table holds them."""

    def make(tracks: pd.DataFrame) -> Home:
        home = Home(tmp_path / "home")
        schema = ", ".join(f"`{c.name}` {c.spark_type}" for c in spotify.columns)
        rows = spark.createDataFrame(tracks, schema)
        gold = Lakehouse(spark, home.lakehouse, spotify.name).gold
        gold.create_from(rows, {GENERATED: "true"})
        return home

    return make
