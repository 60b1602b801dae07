"""Homes that the whole run shares, each made once by the jobs themselves.

Tests only read them; who changes a home takes a copy (`copy_home`), which costs a moment.
"""

from dataclasses import dataclass, fields
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from pyspark.sql import SparkSession

from hitcast.declaration.use_case import UseCase
from hitcast.ingest import IngestCounts, ingest
from hitcast.running.home import Home
from hitcast.sources.csv import csv_extract
from hitcast.sources.twin import generate_tracks
from hitcast.tables.lakehouse import Lakehouse
from jobs import ingest as ingest_job
from tests.copies import copy_home
from tests.jobs.commands import last_line, last_line_here, run

if TYPE_CHECKING:
    from tests.notebooks.runner import Ran

FIRST, SECOND = date(2024, 5, 1), date(2024, 6, 1)
TRACKS, MORE, CHANGED, BAD = 3000, 1000, 200, 7
FAMILIES = ["logistic_regression", "xgboost"]


@dataclass(frozen=True)
class Prepared:
    """A home, what its ingests counted, and what its training told."""

    home: Home
    first: IngestCounts
    second: IngestCounts
    trained: dict[str, Any]


@dataclass(frozen=True)
class Compared:
    """A home with a second version in its registry, and the notebook that trained it."""

    home: Home
    trained: dict[str, Any]
    ran: "Ran"


@dataclass(frozen=True)
class Sampled:
    """A home with the real sample in its tables, and the last line of that ingest."""

    home: Home
    counts: dict[str, Any]


@pytest.fixture(scope="session")
def prepared(
    classic_session: SparkSession, spotify: UseCase, tmp_path_factory: pytest.TempPathFactory
) -> Prepared:
    """Two extracts of generated tracks, and version 1, trained on both, in production.

    The first extract and the training are the jobs as users start them: by spark-submit without
    any option. Only the second extract comes by the tests' own session.
    """
    folder = tmp_path_factory.mktemp("prepared")
    home = Home(folder / "home")
    twin = ["--twin", str(TRACKS), "--extraction-date", str(FIRST)]
    told = last_line(run("spark-submit", "jobs/ingest.py", "--home", home.folder, *twin))
    first = IngestCounts(**{field.name: told[field.name] for field in fields(IngestCounts)})
    path = second_extract(folder / "second.csv")
    extract = csv_extract(path, spotify, source="twin", generated=True)
    second = ingest(
        spotify, Lakehouse(classic_session, home.lakehouse, spotify.name), extract, SECOND
    )
    words = ["--candidates", *FAMILIES, "--trials", "1", "--folds", "2"]
    trained = run("spark-submit", "jobs/train.py", *words, HITCAST_HOME=str(home.folder))
    return Prepared(home, first, second, last_line(trained))


def second_extract(path: Path) -> Path:
    """Tracks of the first extract, changed, new ones, and ones that belong in quarantine."""
    again = generate_tracks(TRACKS, seed=0)[:CHANGED].assign(energy=0.987, popularity=77)
    more = generate_tracks(MORE, seed=4)
    bad = generate_tracks(BAD, seed=5).assign(tempo=999.0)
    pd.concat([again, more, bad], ignore_index=True).to_csv(path)
    return path


@pytest.fixture(scope="session")
def compared(
    classic_session: SparkSession, prepared: Prepared, tmp_path_factory: pytest.TempPathFactory
) -> Compared:
    """A copy of `prepared` in which notebook 02 has trained version 2, which is in staging."""
    from tests.notebooks.runner import run_notebook

    home = copy_home(prepared.home.folder, tmp_path_factory.mktemp("compared") / "home")
    asked = {"train": "yes", "candidates": FAMILIES[0], "trials": "2", "folds": "2"}
    ran = run_notebook("02_train_and_compare", classic_session, home=str(home.folder), **asked)
    return Compared(home, prepared.trained, ran)


@pytest.fixture(scope="session")
def sampled(
    classic_session: SparkSession,  # noqa: ARG001 - the job takes the session that is there
    sample_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Sampled:
    """The real sample, brought in by the job's own main on the tests' session."""
    home = Home(tmp_path_factory.mktemp("sampled"))
    counts = last_line_here(ingest_job, "--home", home.folder, "--csv", sample_path)
    return Sampled(home, counts)
