"""The tracks that the tests of training share."""

import pandas as pd
import pytest

from hitcast.declaration.use_case import UseCase
from hitcast.sources.twin import generate_tracks


@pytest.fixture(scope="session")
def tracks(spotify: UseCase) -> pd.DataFrame:
    """1,500 generated tracks with the declared columns and their own popularity."""
    return generate_tracks(1500, seed=3)[list(spotify.column_names)]
