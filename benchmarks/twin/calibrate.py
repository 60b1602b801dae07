"""Fits the twin to the sample by simulation: grids, thresholds and correlations.

Correlations of latent scores are not those of the values, and a mixture of genres is not normal.
So tracks are drawn, compared with the sample and the profile corrected, a few times over.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from hitcast.sources.twin.numbers import (
    SIGNATURES,
    Draw,
    audio_values,
    draw_tracks,
    popularity_scores,
    popularity_values,
)
from hitcast.sources.twin.profile import AUDIO, CONTINUOUS, YEARS, Array, TwinProfile, rounded

ROUNDS = 8
ROWS_A_ROUND = 150_000
ROWS_AT_LAST = 600_000
SEED = 20_240_101
# The real file's shares of popularity 0 and of 50 or more; the sample's differ by chance.
FULL_ZERO_SHARE, FULL_POPULAR_SHARE, POPULAR = 0.1366, 0.046, 50


def calibrated(profile: TwinProfile, tracks: pd.DataFrame, probabilities: Array) -> TwinProfile:
    """Correct a profile until tracks drawn from it have the sample's marginals and correlations.

    Args:
        profile: Profile whose grids and thresholds are still unset.
        tracks: The sample.
        probabilities: Where the quantiles of `profile.value_grid` were taken.
    """
    cumulated = popularity_shares(tracks["popularity"].to_numpy(float))
    target = _correlations({name: tracks[name].to_numpy(float) for name in _compared()})
    for turn in range(ROUNDS):
        draw = _draw(profile, ROWS_A_ROUND, turn)
        profile, values = _with_cuts(profile, draw, tracks, probabilities, cumulated)
        profile = _corrected(profile, target - _correlations(values))
    draw = _draw(profile, ROWS_AT_LAST, ROUNDS)
    return _with_cuts(profile, draw, tracks, probabilities, cumulated)[0]


def popularity_shares(popularity: Array) -> Array:
    """Share of tracks below popularity 1, 2, ..., 100, between the sample's and the real file's.

    Above the sample's 99th percentile the shares fall off geometrically to 100.
    """
    levels = np.arange(1, 101)
    below = np.searchsorted(np.sort(popularity), levels) / len(popularity)
    zero = (below[0] + FULL_ZERO_SHARE) / 2
    above = 1 - (1 - below[POPULAR - 1] + FULL_POPULAR_SHARE) / 2
    blended: Array = np.interp(below, [0, below[0], below[POPULAR - 1], 1], [0, zero, above, 1])
    start = int(np.searchsorted(blended, 0.99))
    falling = np.exp(-(levels[start:] - levels[start]) / 6.5)
    blended[start:] = 1 - (1 - blended[start]) * falling
    return blended


def _compared() -> tuple[str, ...]:
    return (*AUDIO, "popularity", "year")


def _correlations(values: dict[str, Array]) -> Array:
    matrix: Array = np.corrcoef([values[name] for name in _compared()])
    return matrix


def _draw(profile: TwinProfile, rows: int, turn: int) -> Draw:
    return draw_tracks(profile, rows, np.random.Generator(np.random.PCG64([SEED, turn])))


def _with_cuts(
    profile: TwinProfile,
    draw: Draw,
    tracks: pd.DataFrame,
    probabilities: Array,
    cumulated: Array,
) -> tuple[TwinProfile, dict[str, Array]]:
    """Set grids and thresholds by the drawn scores; return the drawn values as well."""
    grid = np.quantile(draw.audio[: len(CONTINUOUS)], probabilities, axis=1).T
    grid[:, 0], grid[:, -1] = grid[:, 0].min() - 0.5, grid[:, -1].max() + 0.5
    key_score, mode_score, signature_score = draw.audio[len(CONTINUOUS) :]
    key = tracks["key"].to_numpy(np.int64)
    key_cuts = np.quantile(key_score, np.cumsum(np.bincount(key, minlength=12) / len(key))[:11])
    minor = 1 - tracks["mode"].groupby(key).mean().to_numpy()
    drawn_key = np.searchsorted(key_cuts, key_score)
    mode_cuts = np.array([np.quantile(mode_score[drawn_key == k], minor[k]) for k in range(12)])
    beat = tracks.loc[tracks["time_signature"] > 0, "time_signature"].to_numpy(float)
    inner = [float((beat <= signature).mean()) for signature in SIGNATURES[:-1]]
    profile = replace(
        profile,
        latent_grid=rounded(grid),
        key_cuts=rounded(key_cuts),
        mode_cuts=rounded(mode_cuts),
        signature_cuts=rounded(np.quantile(signature_score, inner)),
    )
    scores = popularity_scores(profile, draw)
    profile = replace(profile, popularity_cuts=rounded(np.quantile(scores, cumulated), 5))
    values = audio_values(profile, draw)
    values["popularity"] = popularity_values(profile, scores).astype(float)
    values["year"] = draw.year + float(YEARS[0])
    return profile, values


def _corrected(profile: TwinProfile, missing: Array) -> TwinProfile:
    """Move the latent correlations, and popularity's and the year's slopes, by what is missing."""
    audio, continuous = len(AUDIO), len(CONTINUOUS)
    moved = profile.correlation + missing[:audio, :audio]
    eigenvalues, vectors = np.linalg.eigh(moved)
    moved = (vectors * np.maximum(eigenvalues, 0.02)) @ vectors.T
    width = np.sqrt(np.diag(moved))
    popularity, year = audio, audio + 1
    steps = np.linalg.solve(
        profile.correlation[:continuous, :continuous] + 0.2 * np.eye(continuous),
        missing[popularity, :continuous],
    )
    return replace(
        profile,
        correlation=rounded(moved / np.outer(width, width), 5),
        year_slope=rounded(profile.year_slope + missing[year, :audio]),
        popularity_linear=rounded(profile.popularity_linear + 0.5 * steps),
    )
