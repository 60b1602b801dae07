"""Derives the twin's profile from a sample of real lines: statistics by genre, shrunken.

Genres with fewer than `FEWEST_TRACKS` lines in the sample count as average in everything but
their share, so that no statistic rests on a line or two.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import norm

from benchmarks.twin.calibrate import calibrated
from benchmarks.twin.popularity import (
    CLIP,
    NOISE_FADE,
    Flags,
    normal_scores,
    popularity_model,
    same_artist,
    shared,
    shrunken_mean,
)
from hitcast.sources.twin.numbers import SIGNATURES, Codes, year_units
from hitcast.sources.twin.profile import (
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


def derive_profile(sample: Path) -> TwinProfile:
    """Derive the profile from a CSV file of real lines in the real file's layout."""
    tracks = pd.read_csv(sample)
    names, genre = np.unique(tracks["genre"].to_numpy(str), return_inverse=True)
    year = tracks["year"].to_numpy(np.int64) - YEARS[0]
    scores = np.array([normal_scores(tracks[name].to_numpy(float)) for name in AUDIO])
    known = np.bincount(genre) >= FEWEST_TRACKS
    shift, scale = _genre_moments(scores, genre, known)
    slope, residuals = _without_year(scores, shift, scale, genre, year)
    pairs = same_artist(tracks["artist_name"], genre)
    year_score = normal_scores(year.astype(float))
    year_residual = year_score - shrunken_mean(year_score, genre, known)[genre]
    grid = [_quantiles(tracks[name].to_numpy(float), name) for name in CONTINUOUS]
    zero_share = np.array([(tracks[name] == 0).mean() for name in CONTINUOUS])
    lowest = np.where(zero_share > 0.01, norm.ppf(zero_share), -CLIP)
    heard = np.clip(scores[: len(CONTINUOUS)], lowest[:, None], CLIP)
    popularity = tracks["popularity"].to_numpy(float)
    effects, unexplained = popularity_model(popularity, heard, genre, year, known)
    profile = TwinProfile(
        genres=tuple(str(name) for name in names),
        genre_shares=rounded(np.bincount(genre) / len(tracks)),
        year_shares=rounded(_year_shares(genre, year, known)),
        value_grid=rounded(np.array(grid)),
        latent_grid=np.tile(norm.ppf(np.clip(PROBABILITIES, 1e-7, 1 - 1e-7)), (len(grid), 1)),
        shift=rounded(shift, 3),
        scale=rounded(scale, 3),
        year_slope=rounded(slope),
        correlation=rounded(np.array(np.corrcoef(residuals))),
        artist_share=rounded(np.array([shared(row, pairs) for row in residuals]), 3),
        key_cuts=np.zeros(11),
        mode_cuts=np.zeros(12),
        signature_cuts=np.zeros(len(SIGNATURES) - 1),
        beatless=rounded(_beatless(tracks, genre, known)),
        lowest_score=rounded(lowest),
        highest_score=np.full(len(CONTINUOUS), CLIP),
        **effects,
        popularity_noise_fade=NOISE_FADE,
        popularity_artist_share=round(shared(unexplained, pairs), 3),
        popularity_cuts=np.zeros(100),
        year_artist_share=round(shared(year_residual, pairs), 3),
    )
    return calibrated(profile, tracks, PROBABILITIES)


def _genre_moments(scores: Array, genre: Codes, known: Flags) -> tuple[Array, Array]:
    """Shrunken mean and standard deviation of each column's scores within each genre."""
    count, prior = np.bincount(genre), 20.0
    shift = np.array([shrunken_mean(row, genre, known) for row in scores]).T
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


def _year_shares(genre: Codes, year: Codes, known: Flags) -> Array:
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


def _beatless(tracks: pd.DataFrame, genre: Codes, known: Flags) -> Array:
    """Share of each genre's tracks with time signature 0, drawn to the overall share."""
    silent = np.asarray(tracks["time_signature"] == 0, dtype=float)
    shares = shrunken_mean(silent, genre, known, prior=40.0)
    return np.array(np.maximum(shares, silent.mean() / 4))
