"""How near the twin comes to the real sample. The bounds are the promise: don't loosen them."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import ks_2samp
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score

from hitcast.sources.twin import generate_tracks
from hitcast.sources.twin.profile import AUDIO, Array

pytestmark = pytest.mark.sample

ROWS = 100_000
NUMERIC = [*AUDIO, "popularity", "year"]
POPULAR = 50


@pytest.fixture(scope="module")
def tracks() -> pd.DataFrame:
    return generate_tracks(ROWS)


@pytest.fixture(scope="module")
def sample(sample_path: Path) -> pd.DataFrame:
    return pd.read_csv(sample_path)


@pytest.mark.parametrize("column", NUMERIC)
def test_each_column_is_distributed_as_in_the_sample(
    tracks: pd.DataFrame, sample: pd.DataFrame, column: str
) -> None:
    assert ks_2samp(tracks[column], sample[column]).statistic <= 0.03


def test_each_pair_of_columns_is_correlated_as_in_the_sample(
    tracks: pd.DataFrame, sample: pd.DataFrame
) -> None:
    difference = (tracks[NUMERIC].corr() - sample[NUMERIC].corr()).abs().stack()
    assert difference.max() <= 0.06, difference.idxmax()


def test_as_many_tracks_are_popular_as_in_the_sample(
    tracks: pd.DataFrame, sample: pd.DataFrame
) -> None:
    shares = [(rows["popularity"] >= POPULAR).mean() for rows in (tracks, sample)]
    assert abs(shares[0] - shares[1]) <= 0.005


def test_a_model_trained_on_the_twin_scores_the_real_sample(
    tracks: pd.DataFrame, sample: pd.DataFrame
) -> None:
    genres = sorted(set(sample["genre"]) | set(tracks["genre"]))

    def inputs(rows: pd.DataFrame) -> Array:
        genre = pd.Categorical(rows["genre"], categories=genres).codes
        return np.column_stack([rows[[*AUDIO, "year"]].to_numpy(float), genre])

    model = HistGradientBoostingClassifier(
        categorical_features=[len(AUDIO) + 1], max_iter=40, learning_rate=0.2, random_state=0
    )
    model.fit(inputs(tracks), tracks["popularity"] >= POPULAR)
    probability = model.predict_proba(inputs(sample))[:, 1]
    assert roc_auc_score(sample["popularity"] >= POPULAR, probability) >= 0.85


def test_no_name_or_id_of_the_sample_is_in_the_twin(
    tracks: pd.DataFrame, sample: pd.DataFrame
) -> None:
    for column in ("artist_name", "track_id"):
        assert set(tracks[column].dropna()).isdisjoint(sample[column].dropna()), column
