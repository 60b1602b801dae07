"""What the tests of notebooks share: another use case, and the shared home's rows."""

import pandas as pd
import pytest
from pyspark.sql import SparkSession

from hitcast.declaration.use_case import UseCase
from hitcast.tables.lakehouse import Lakehouse
from tests.homes import Prepared
from tests.ingest.books import books_like


@pytest.fixture(scope="session")
def books(spotify: UseCase) -> UseCase:
    """A use case with none of the tracks' columns."""
    like = books_like(spotify).model_copy(update={"entity": "book", "profiles": None})
    # Checked anew: a copy keeps the features that the other one has worked out.
    return UseCase.model_validate(like.model_dump())


@pytest.fixture(scope="session")
def gold(prepared: Prepared, spark: SparkSession, spotify: UseCase) -> pd.DataFrame:
    """The home's gold table as it stands, with `is_popular`."""
    rows = Lakehouse(spark, prepared.home.lakehouse, spotify.name).gold.read().toPandas()
    return rows.assign(is_popular=rows["popularity"] >= 50)
