"""What the tests of notebooks share: the shared home's rows."""

import pandas as pd
import pytest
from pyspark.sql import SparkSession

from hitcast.declaration.use_case import UseCase
from hitcast.tables.lakehouse import Lakehouse
from tests.homes import Prepared


@pytest.fixture(scope="session")
def gold(prepared: Prepared, classic_session: SparkSession, spotify: UseCase) -> pd.DataFrame:
    """The home's gold table as it stands, with `is_popular`."""
    rows = Lakehouse(classic_session, prepared.home.lakehouse, spotify.name).gold.read().toPandas()
    return rows.assign(is_popular=rows["popularity"] >= 50)
