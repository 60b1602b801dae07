"""Popularity's part of the twin's profile: a ridge regression, and what it leaves over.

Also the helpers that it shares with the rest of the derivation: normal scores, shrunken means
and the variance that an artist's tracks have in common.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import norm, rankdata

from hitcast.sources.twin.numbers import NOISE_KNOTS, Codes, year_units
from hitcast.sources.twin.profile import YEARS, Array, rounded

Flags = npt.NDArray[np.bool_]

CLIP = 2.5
FOLDS = 5
# Set by hand, so that popular tracks are as hard to tell in the twin as in the real file: the
# noise is a little less than that left by a model of few lines, and less where much is expected.
NOISE_LEVEL, NOISE_FADE = 0.97, 0.17


def popularity_model(
    popularity: Array, audio: Array, genre: Codes, year: Codes, known: Flags
) -> tuple[dict[str, Array], Array]:
    """Regress popularity's normal score on genre, year and audio.

    Args:
        popularity: Popularity of each track, 0 to 100.
        audio: Clipped scores, one row per column of `CONTINUOUS`.
        genre: Index of each track's genre.
        year: Index of each track's year in `YEARS`.
        known: Genres with lines enough for effects of their own.

    Returns:
        The profile's popularity effects and noise, and the residual of each track.
    """
    target = normal_scores(popularity)
    blocks = _blocks(audio.T, genre, year, known)
    design = np.hstack([block for block, _ in blocks])
    penalty = np.concatenate([np.full(block.shape[1], weight) for block, weight in blocks])
    effects = _ridge(design, target, penalty)
    # What a regression leaves over on its own lines is too little: fit on four fifths each time.
    residuals = np.empty_like(target)
    for part in range(FOLDS):
        out = np.arange(len(target)) % FOLDS == part
        residuals[out] = target[out] - design[out] @ _ridge(design[~out], target[~out], penalty)
    ends = np.cumsum([block.shape[1] for block, _ in blocks])[:-1]
    own, slope, curve, yearly, linear, square, by_year, by_genre = np.split(effects, ends)
    fields = {
        "popularity_genre": rounded(np.column_stack([own, slope, curve])),
        "popularity_year": rounded(yearly),
        "popularity_linear": rounded(linear),
        "popularity_square": rounded(square),
        "popularity_by_year": rounded(by_year),
        "popularity_by_genre": rounded(by_genre.reshape(len(known), len(audio)), 3),
        **_noise(residuals, genre, year, known),
    }
    return fields, residuals


def _blocks(audio: Array, genre: Codes, year: Codes, known: Flags) -> list[tuple[Array, float]]:
    """Columns of the regression, group by group, each with its ridge penalty."""
    time = year_units(year)[:, None]
    member = np.eye(len(known))[genre] * known
    by_genre = (member[:, :, None] * audio[:, None, :]).reshape(len(genre), -1)
    return [
        (member, 3.0), (member * time, 8.0), (member * (time**2 - 1), 30.0),
        (np.eye(len(YEARS))[year], 1.0), (audio, 3.0), (audio**2 - 1, 10.0),
        (audio * time, 20.0), (by_genre, 150.0),
    ]  # fmt: skip


def _ridge(design: Array, target: Array, penalty: Array) -> Array:
    effects: Array = np.linalg.solve(design.T @ design + np.diag(penalty), design.T @ target)
    return effects


def _noise(residuals: Array, genre: Codes, year: Codes, known: Flags) -> dict[str, Array]:
    """Standard deviations of the residuals by genre and year, and the shape of the rest."""
    squares = residuals**2
    by_genre = np.sqrt(shrunken_mean(squares, genre, known, prior=30.0))
    all_years = np.ones(len(YEARS), dtype=bool)
    by_year = np.sqrt(shrunken_mean(squares / by_genre[genre] ** 2, year, all_years))
    return {
        "popularity_noise_genre": rounded(NOISE_LEVEL * by_genre),
        "popularity_noise_year": rounded(by_year),
        "popularity_noise_grid": rounded(
            _noise_grid(residuals / by_genre[genre] / by_year[year]), 3
        ),
    }


def _noise_grid(residuals: Array) -> Array:
    """Quantiles of standardised residuals at `NOISE_KNOTS`, prolonged straight beyond 3 sd."""
    inner = np.abs(NOISE_KNOTS) <= 3
    quantiles = np.quantile(residuals / residuals.std(), norm.cdf(NOISE_KNOTS[inner]))
    low = quantiles[0] - (quantiles[2] - quantiles[0]) * (NOISE_KNOTS[inner][0] - NOISE_KNOTS[0])
    high = quantiles[-1] + (quantiles[-1] - quantiles[-3]) * (
        NOISE_KNOTS[-1] - NOISE_KNOTS[inner][-1]
    )
    return np.concatenate([[low], quantiles, [high]])


def normal_scores(values: Array) -> Array:
    """Replace values by the normal quantiles of their ranks; ties get their middle."""
    scores: Array = norm.ppf((rankdata(values) - 0.5) / len(values))
    return scores


def shrunken_mean(values: Array, genre: Codes, known: Flags, prior: float = 8.0) -> Array:
    """Mean of each genre, drawn to the overall mean as if by `prior` average tracks."""
    sums = np.bincount(genre, values - values.mean())
    means: Array = values.mean() + np.where(known, sums / (np.bincount(genre) + prior), 0.0)
    return means


def same_artist(artists: pd.Series, genre: Codes) -> Codes:
    """Pairs of tracks of one artist and genre, both ways round, one pair a row."""
    pairs: list[tuple[int, int]] = []
    groups = pd.DataFrame({"artist": artists, "genre": genre}).groupby(["artist", "genre"])
    for rows in groups.indices.values():
        if 1 < len(rows) <= 8:  # a "Traditional" is no artist
            pairs += combinations(rows, 2)
    both = pairs + [(second, first) for first, second in pairs]
    return np.array(both, dtype=np.int64)


def shared(residuals: Array, pairs: Codes) -> float:
    """Correlation between tracks of the same artist, at least 0."""
    together = np.corrcoef(residuals[pairs[:, 0]], residuals[pairs[:, 1]])[0, 1]
    return float(max(0.0, together))
