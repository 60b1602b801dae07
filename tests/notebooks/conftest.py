"""A home that all notebooks run on: two extracts of generated tracks, a small training of them."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd
import pytest
from pyspark.sql import SparkSession

from hitcast.declaration.use_case import UseCase
from hitcast.ingest import IngestCounts, ingest
from hitcast.running.home import Home
from hitcast.sources.csv import csv_extract
from hitcast.sources.twin import generate_tracks
from hitcast.tables.lakehouse import Lakehouse
from hitcast.training.options import build_options
from hitcast.training.trainer import train
from tests.ingest.books import books_like

FIRST, SECOND = date(2024, 5, 1), date(2024, 6, 1)
TRACKS, MORE, CHANGED, BAD = 3000, 1000, 200, 7


@dataclass(frozen=True)
class Prepared:
    """A home, what its ingests counted, and what its training told."""

    home: Home
    first: IngestCounts
    second: IngestCounts
    trained: dict[str, Any]


@pytest.fixture(scope="session")
def books(spotify: UseCase) -> UseCase:
    """A use case with none of the tracks' columns."""
    like = books_like(spotify).model_copy(update={"entity": "book", "profiles": None})
    # Checked anew: a copy keeps the features that the other one has worked out.
    return UseCase.model_validate(like.model_dump())


@pytest.fixture(scope="session")
def prepared(
    spark: SparkSession, spotify: UseCase, tmp_path_factory: pytest.TempPathFactory
) -> Prepared:
    """Tests only read it; the one training more that notebook 02 does is part of `compared`."""
    folder = tmp_path_factory.mktemp("notebooks")
    home = Home(folder / "home")
    lakehouse = Lakehouse(spark, home.lakehouse, spotify.name)

    def bring(tracks: pd.DataFrame, day: date) -> IngestCounts:
        path = folder / f"{day}.csv"
        tracks.to_csv(path)
        extract = csv_extract(path, spotify, source="twin", generated=True)
        return ingest(spotify, lakehouse, extract, day)

    tracks = generate_tracks(TRACKS, seed=3)
    again = tracks[:CHANGED].assign(energy=0.987, popularity=77)
    more = generate_tracks(MORE, seed=4)
    bad = generate_tracks(BAD, seed=5).assign(tempo=999.0)
    first = bring(tracks, FIRST)
    second = bring(pd.concat([again, more, bad], ignore_index=True), SECOND)
    options = build_options(spotify, candidates=["logistic_regression"], trials=2, folds=2)
    return Prepared(home, first, second, train(spark, spotify, home, options))


@pytest.fixture(scope="session")
def gold(prepared: Prepared, spark: SparkSession, spotify: UseCase) -> pd.DataFrame:
    """The home's gold table as it stands, with `is_popular`."""
    rows = Lakehouse(spark, prepared.home.lakehouse, spotify.name).gold.read().toPandas()
    return rows.assign(is_popular=rows["popularity"] >= 50)
