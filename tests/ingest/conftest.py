"""What the tests of the ingest share: the books and their tables."""

from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from hitcast.declaration.use_case import UseCase
from hitcast.tables.lakehouse import Lakehouse
from tests.ingest.books import books_like


@pytest.fixture(scope="session")
def books(spotify: UseCase) -> UseCase:
    """The use case of the books."""
    return books_like(spotify)


@pytest.fixture
def lakehouse(spark: SparkSession, tmp_path: Path) -> Lakehouse:
    """Tables that do not exist yet."""
    return Lakehouse(spark, tmp_path / "lakehouse", "books")
