"""The statistics that the twin is drawn from, and how they are kept.

`profile.json` beside this module holds quantiles, shares, shrunken means, correlations and
coefficients; no line of the real file is in it. It is made again from a sample of real lines by

    python -m benchmarks.twin --sample PATH
"""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.floating[Any]]

PROFILE_PATH = Path(__file__).with_name("profile.json")

CONTINUOUS = (
    "danceability", "energy", "loudness", "speechiness", "acousticness", "instrumentalness",
    "liveness", "valence", "tempo", "duration_ms",
)  # fmt: skip
DISCRETE = ("key", "mode", "time_signature")
AUDIO = CONTINUOUS + DISCRETE
YEARS = tuple(range(2000, 2024))
SIGNIFICANT_DIGITS = 4


@dataclass(frozen=True)
class TwinProfile:
    """What is known of the tracks, by genre (rows of a table) and column (`AUDIO`'s order).

    Latent scores have mean 0 and standard deviation 1 over all tracks, roughly; `latent_grid`
    and the thresholds translate them to values, so that the marginals come out exactly.

    Attributes:
        genres: Names of the genres, in alphabetical order.
        genre_shares: Share of the tracks in each genre; sums to 1.
        year_shares: Share of each year of `YEARS` within each genre; rows sum to 1.
        value_grid: Quantiles of each continuous column, in the column's own unit.
        latent_grid: Latent score at which each of those quantiles is reached.
        shift: Mean latent score of each genre and audio column.
        scale: Standard deviation of the latent score within each genre.
        year_slope: Change of each audio column's latent score per standard deviation of year.
        correlation: Correlation of the audio columns' latent scores within a genre.
        artist_share: Share of that within-genre variance that tracks of one artist have in common.
        key_cuts: Latent scores that part the 12 keys.
        mode_cuts: Latent score above which a track is in major, by key.
        signature_cuts: Latent scores that part the time signatures 1, 3, 4 and 5.
        beatless: Share of each genre's tracks without any beat (noise, rain).
        lowest_score, highest_score: Bounds that audio scores are held in for popularity.
        popularity_genre: By genre: popularity's intercept, slope and curvature over the years.
        popularity_year: Popularity's effect of each year.
        popularity_linear, popularity_square, popularity_by_year: Effect of each continuous
            column's score, of its square and of its product with the year.
        popularity_by_genre: What each genre adds to the linear effects.
        popularity_noise_genre, popularity_noise_year: Standard deviation of what stays
            unexplained, by genre and by year; the two multiply.
        popularity_noise_fade: How much the noise shrinks per unit of expected score.
        popularity_noise_grid: Quantiles of what stays unexplained, in standard deviations.
        popularity_artist_share: Share of the unexplained variance that belongs to the artist.
        popularity_cuts: Latent scores from which popularity is at least 1, 2, ..., 100.
        year_artist_share: Share of the year's variance within a genre that belongs to the artist.
    """

    genres: tuple[str, ...]
    genre_shares: Array
    year_shares: Array
    value_grid: Array
    latent_grid: Array
    shift: Array
    scale: Array
    year_slope: Array
    correlation: Array
    artist_share: Array
    key_cuts: Array
    mode_cuts: Array
    signature_cuts: Array
    beatless: Array
    lowest_score: Array
    highest_score: Array
    popularity_genre: Array
    popularity_year: Array
    popularity_linear: Array
    popularity_square: Array
    popularity_by_year: Array
    popularity_by_genre: Array
    popularity_noise_genre: Array
    popularity_noise_year: Array
    popularity_noise_fade: float
    popularity_noise_grid: Array
    popularity_artist_share: float
    popularity_cuts: Array
    year_artist_share: float


@lru_cache(maxsize=1)
def load_profile() -> TwinProfile:
    """Read the profile that ships with the package."""
    content = json.loads(PROFILE_PATH.read_text(encoding="utf-8"))
    kept: dict[str, object] = {}
    for field in fields(TwinProfile):
        value = content[field.name]
        if field.name == "genres":
            kept[field.name] = tuple(value)
        else:
            kept[field.name] = np.array(value, dtype=float) if isinstance(value, list) else value
    return TwinProfile(**kept)  # type: ignore[arg-type]


def save_profile(profile: TwinProfile, path: Path = PROFILE_PATH) -> None:
    """Write a profile as JSON, one statistic a line, numbers to a few significant digits."""
    about = "Statistics of real tracks; no line of the real file. See docs/twin.md."
    lines = [f'"about": {json.dumps(about)}']
    for field in fields(TwinProfile):
        value = getattr(profile, field.name)
        if isinstance(value, np.ndarray):
            value = rounded(value).tolist()
        lines.append(f'"{field.name}": {json.dumps(value, separators=(",", ":"))}')
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


def rounded(numbers: Array, digits: int = SIGNIFICANT_DIGITS) -> Array:
    """Round to significant digits, so that a profile tells no more than it needs to."""
    texts = [f"{number:.{digits}g}" for number in np.ravel(numbers)]
    return np.array(texts, dtype=float).reshape(np.shape(numbers))
