"""Derives the twin's profile from a sample of real lines: statistics by genre, shrunken.

Genres with fewer than `FEWEST_TRACKS` lines in the sample count as average in everything but
their share, so that no statistic rests on a line or two.
"""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import norm, rankdata

from hitcast.sources.twin_calibrate import calibrated
from hitcast.sources.twin_numbers import NOISE_KNOTS, SIGNATURES, Codes, year_units
from hitcast.sources.twin_profile import (
    AUDIO,
    CONTINUOUS,
    DISCRETE,
    YEARS,
    Array,
    TwinProfile,
    rounded,
)

FEWEST_TRACKS = 10
# The real file's extremes, which a sample seldom holds.
LOWEST = {"loudness": -58.1, "duration_ms": 2_073.0}
HIGHEST = dict(
    zip(
        CONTINUOUS,
        [0.993, 1.0, 6.172, 0.971, 0.996, 1.0, 1.0, 1.0, 249.993, 6_000_495.0],
        strict=True,
    )
)
INNER = np.concatenate([[0.001, 0.002], np.arange(0.005, 0.9975, 0.005), [0.998, 0.999]])
TAIL = np.array([0.9995, 0.9998, 0.9999])
TAIL_STEPS = np.array([0.2, 0.4, 0.6])
PROBABILITIES = np.concatenate([[0.0], INNER, TAIL, [1.0]])
CLIP = 2.5
# Set by hand, so that popular tracks are as hard to tell in the twin as in the real file: the
# noise is a little less than that left by a model of few lines, and less where much is expected.
NOISE_LEVEL, NOISE_FADE = 0.97, 0.17
FOLDS = 5


def derive_profile(sample: Path) -> TwinProfile:
    """Derive the profile from a CSV file of real lines in the real file's layout."""
    tracks = pd.read_csv(sample)
    names, genre = np.unique(tracks["genre"].to_numpy(str), return_inverse=True)
    year = tracks["year"].to_numpy(np.int64) - YEARS[0]
    scores = np.array([normal_scores(tracks[name].to_numpy(float)) for name in AUDIO])
    known = np.bincount(genre) >= FEWEST_TRACKS
    shift, scale = _genre_moments(scores, genre, known)
    slope, residuals = _without_year(scores, shift, scale, genre, year)
    pairs = _same_artist(tracks["artist_name"], genre)
    year_score = normal_scores(year.astype(float))
    year_residual = year_score - _shrunken_mean(year_score, genre, known)[genre]
    grid = [_quantiles(tracks[name].to_numpy(float), name) for name in CONTINUOUS]
    zero_share = np.array([(tracks[name] == 0).mean() for name in CONTINUOUS])
    profile = TwinProfile(
        genres=tuple(str(name) for name in names),
        genre_shares=rounded(np.bincount(genre) / len(tracks)),
        year_shares=rounded(_year_shares(genre, year, known)),
        value_grid=rounded(np.array(grid)),
        latent_grid=np.tile(norm.ppf(np.clip(PROBABILITIES, 1e-7, 1 - 1e-7)), (len(grid), 1)),
        shift=rounded(shift, 3),
        scale=rounded(scale, 3),
        year_slope=rounded(slope),
        correlation=rounded(np.corrcoef(residuals)),
        artist_share=rounded(np.array([_shared(row, pairs) for row in residuals]), 3),
        key_cuts=np.zeros(11),
        mode_cuts=np.zeros(12),
        signature_cuts=np.zeros(len(SIGNATURES) - 1),
        beatless=rounded(_beatless(tracks, genre, known)),
        lowest_score=rounded(np.where(zero_share > 0.01, norm.ppf(zero_share), -CLIP)),
        highest_score=np.full(len(CONTINUOUS), CLIP),
        **_popularity_model(tracks, scores, genre, year, known, pairs),
        popularity_cuts=np.zeros(100),
        year_artist_share=round(_shared(year_residual, pairs), 3),
    )
    return calibrated(profile, tracks, PROBABILITIES)


def normal_scores(values: Array) -> Array:
    """Replace values by the normal quantiles of their ranks; ties get their middle."""
    scores: Array = norm.ppf((rankdata(values) - 0.5) / len(values))
    return scores


def _shrunken_mean(values: Array, genre: Codes, known: Array, prior: float = 8.0) -> Array:
    """Mean of each genre, drawn to the overall mean as if by `prior` average tracks."""
    sums = np.bincount(genre, values - values.mean())
    means: Array = values.mean() + np.where(known, sums / (np.bincount(genre) + prior), 0.0)
    return means


def _genre_moments(scores: Array, genre: Codes, known: Array) -> tuple[Array, Array]:
    """Shrunken mean and standard deviation of each column's scores within each genre."""
    count, prior = np.bincount(genre), 20.0
    shift = np.array([_shrunken_mean(row, genre, known) for row in scores]).T
    scale = np.empty_like(shift)
    for column, row in enumerate(scores):
        squares = (row - shift[genre, column]) ** 2
        pooled = squares.mean()
        own = (np.bincount(genre, squares) + prior * pooled) / (count + prior)
        # Sorted values have no spread of their own worth keeping.
        keep = known & (AUDIO[column] not in DISCRETE)
        scale[:, column] = np.sqrt(np.where(keep, own, pooled))
    return shift, scale


def _without_year(
    scores: Array, shift: Array, scale: Array, genre: Codes, year: Codes
) -> tuple[Array, Array]:
    """Each column's slope over the years, and its standardised scores without genre and year."""
    time = year_units(year)
    within = scores - shift[genre].T
    slope = within @ time / (time @ time)
    residuals = (within - np.outer(slope, time)) / scale[genre].T
    return slope, residuals


def _year_shares(genre: Codes, year: Codes, known: Array) -> Array:
    """Shares of the years in each genre: smoothed over neighbouring years, shrunken, raked."""
    counts = np.zeros((genre.max() + 1, len(YEARS)))
    np.add.at(counts, (genre, year), 1.0)
    counts[~known] = 0.0
    distance = np.subtract.outer(np.arange(len(YEARS)), np.arange(len(YEARS)))
    kernel = np.exp(-0.5 * (distance / 1.2) ** 2)
    kernel /= kernel.sum(axis=0)
    overall = np.bincount(year, minlength=len(YEARS)) / len(year)
    shares = counts @ kernel.T + 12.0 * overall
    weight = np.bincount(genre) / len(genre)
    for _ in range(50):  # rake: the years' shares over all genres are the sample's
        shares /= shares.sum(axis=1, keepdims=True)
        shares *= overall / (weight @ shares)
    result: Array = shares / shares.sum(axis=1, keepdims=True)
    return result


def _quantiles(values: Array, name: str) -> Array:
    """Quantiles at `PROBABILITIES`; the ends are the real file's extremes."""
    inner = np.quantile(values, INNER)
    if name == "duration_ms":  # few tracks are far longer than the sample's longest
        inner = np.concatenate([inner, inner[-1] * np.array([1.4, 2.5, 4.0])])
    else:
        inner = np.concatenate([inner, inner[-1] + (HIGHEST[name] - inner[-1]) * TAIL_STEPS])
    return np.concatenate([[LOWEST.get(name, 0.0)], inner, [HIGHEST[name]]])


def _beatless(tracks: pd.DataFrame, genre: Codes, known: Array) -> Array:
    """Share of each genre's tracks with time signature 0, drawn to the overall share."""
    silent = (tracks["time_signature"] == 0).to_numpy(float)
    return np.maximum(_shrunken_mean(silent, genre, known, prior=40.0), silent.mean() / 4)


def _same_artist(artists: pd.Series, genre: Codes) -> Codes:
    """Pairs of tracks of one artist and genre, both ways round, one pair a row."""
    pairs: list[tuple[int, int]] = []
    groups = pd.DataFrame({"artist": artists, "genre": genre}).groupby(["artist", "genre"])
    for rows in groups.indices.values():
        if 1 < len(rows) <= 8:  # a "Traditional" is no artist
            pairs += combinations(rows, 2)
    both = pairs + [(second, first) for first, second in pairs]
    return np.array(both, dtype=np.int64)


def _shared(residuals: Array, pairs: Codes) -> float:
    """Correlation between tracks of the same artist, at least 0."""
    together = np.corrcoef(residuals[pairs[:, 0]], residuals[pairs[:, 1]])[0, 1]
    return float(max(0.0, together))


def _noise_grid(residuals: Array) -> Array:
    """Quantiles of standardised residuals at `NOISE_KNOTS`, prolonged straight beyond 3 sd."""
    inner = np.abs(NOISE_KNOTS) <= 3
    quantiles = np.quantile(residuals / residuals.std(), norm.cdf(NOISE_KNOTS[inner]))
    low = quantiles[0] - (quantiles[2] - quantiles[0]) * (NOISE_KNOTS[inner][0] - NOISE_KNOTS[0])
    high = quantiles[-1] + (quantiles[-1] - quantiles[-3]) * (
        NOISE_KNOTS[-1] - NOISE_KNOTS[inner][-1]
    )
    return np.concatenate([[low], quantiles, [high]])


def _popularity_model(
    tracks: pd.DataFrame, scores: Array, genre: Codes, year: Codes, known: Array, pairs: Codes
) -> dict[str, Array]:
    """Ridge regression of popularity's normal score; returns the profile's popularity fields."""
    target = normal_scores(tracks["popularity"].to_numpy(float))
    genres, columns = len(known), len(CONTINUOUS)
    zeros = np.array([(tracks[name] == 0).mean() for name in CONTINUOUS])
    lowest = np.where(zeros > 0.01, norm.ppf(zeros), -CLIP)
    audio = np.clip(scores[:columns], lowest[:, None], CLIP).T
    time = year_units(year)[:, None]
    member = np.eye(genres)[genre] * known
    by_genre = (member[:, :, None] * audio[:, None, :]).reshape(len(target), -1)
    blocks = [
        (member, 3.0), (member * time, 8.0), (member * (time**2 - 1), 30.0),
        (np.eye(len(YEARS))[year], 1.0), (audio, 3.0), (audio**2 - 1, 10.0),
        (audio * time, 20.0), (by_genre, 150.0),
    ]  # fmt: skip
    design = np.hstack([block for block, _ in blocks])
    penalty = np.concatenate([np.full(block.shape[1], weight) for block, weight in blocks])
    effects = np.linalg.solve(design.T @ design + np.diag(penalty), design.T @ target)
    residuals = target - design @ effects
    ends = np.cumsum([block.shape[1] for block, _ in blocks])[:-1]
    own, slope, curve, yearly, linear, square, by_year, genre_slopes = np.split(effects, ends)
    # What a regression leaves over on its own lines is too little: fit on four fifths each time.
    for part in range(FOLDS):
        out = np.arange(len(target)) % FOLDS == part
        inside = design[~out].T @ design[~out] + np.diag(penalty)
        unseen = design[out] @ np.linalg.solve(inside, design[~out].T @ target[~out])
        residuals[out] = target[out] - unseen
    squares = residuals**2
    noise_genre = np.sqrt(_shrunken_mean(squares, genre, known, prior=30.0))
    noise_year = np.sqrt(_shrunken_mean(squares / noise_genre[genre] ** 2, year, np.array(True)))
    standard = residuals / noise_genre[genre] / noise_year[year]
    return {
        "popularity_noise_grid": rounded(_noise_grid(standard), 3),
        "popularity_genre": rounded(np.column_stack([own, slope, curve])),
        "popularity_year": rounded(yearly),
        "popularity_linear": rounded(linear),
        "popularity_square": rounded(square),
        "popularity_by_year": rounded(by_year),
        "popularity_by_genre": rounded(genre_slopes.reshape(genres, columns), 3),
        "popularity_noise_genre": rounded(NOISE_LEVEL * noise_genre),
        "popularity_noise_fade": NOISE_FADE,  # type: ignore[dict-item]
        "popularity_noise_year": rounded(noise_year),
        "popularity_artist_share": round(_shared(residuals, pairs), 3),  # type: ignore[dict-item]
    }
