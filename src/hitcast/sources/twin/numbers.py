"""Draws the twin's numbers: genre, artist, year, audio columns and popularity.

A Gaussian copula: each audio column has a latent normal score, shifted and scaled by genre,
correlated with the others and partly shared by an artist's tracks; quantiles of the real file turn
scores into values. Popularity is a score too: effects of genre, year and audio, plus artist, plus
noise. Sums are taken column by column rather than by a matrix product, whose order of additions
depends on the machine.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

from hitcast.sources.twin.profile import AUDIO, CONTINUOUS, YEARS, Array, TwinProfile

Codes = npt.NDArray[np.int64]

REAL_ROWS = 1_159_764
REAL_ARTISTS = 65_000  # of whom some 60,000 get a track when REAL_ROWS are drawn
ARTIST_SIZE_SPREAD = 1.34  # sd of the logarithm of an artist's share: most have few tracks
GUEST_SHARE = 0.08  # tracks by artists whose main genre is another one
# Normal scores at which the profile holds the quantiles of popularity's noise.
NOISE_KNOTS = np.concatenate([[-4.5], np.arange(-3.0, 3.01, 0.5), [4.5]])
SIGNATURES = np.array([1, 3, 4, 5])


@dataclass(frozen=True)
class Draw:
    """Latent scores of a set of tracks, one array element a track, grouped by genre.

    Attributes:
        genre: Index into the profile's genres.
        artist: Number of the artist, from 0.
        year: Index into `YEARS`.
        audio: One row of scores per column of `AUDIO`.
        popularity_noise: What popularity owes to artist and chance; variance 1.
        beatless: True where a track has no beat.
    """

    genre: Codes
    artist: Codes
    year: Codes
    audio: Array
    popularity_noise: Array
    beatless: npt.NDArray[np.bool_]


def draw_tracks(profile: TwinProfile, rows: int, rng: np.random.Generator) -> Draw:
    """Draw `rows` tracks' latent scores.

    Args:
        profile: Statistics to follow.
        rows: How many tracks.
        rng: Source of chance; the same state gives the same tracks.
    """
    artists = max(REAL_ARTISTS, REAL_ARTISTS * rows // REAL_ROWS)
    home = _pick(profile.genre_shares, rng.random(artists))
    guest_at = _pick(profile.genre_shares, rng.random(artists))
    size = np.exp(ARTIST_SIZE_SPREAD * rng.standard_normal(artists))
    artist_scores = _correlated(profile, rng, artists)
    artist_year, artist_fame = rng.standard_normal((2, artists))

    genre = np.sort(_pick(profile.genre_shares, rng.random(rows)))
    is_guest = rng.random(rows) < GUEST_SHARE
    place = rng.random(rows)
    artist = np.where(
        is_guest,
        _artists_of(genre, guest_at, size, place),
        _artists_of(genre, home, size, place),
    )
    share = profile.year_artist_share
    year_score = _mixed(share, artist_year[artist], rng.standard_normal(rows))
    year = _years(profile, genre, year_score)
    audio = _correlated(profile, rng, rows)
    for column in range(len(AUDIO)):
        own = _mixed(profile.artist_share[column], artist_scores[column][artist], audio[column])
        drift = profile.year_slope[column] * year_units(year)
        audio[column] = profile.shift[genre, column] + drift + profile.scale[genre, column] * own
    share = profile.popularity_artist_share
    noise = _mixed(share, artist_fame[artist], rng.standard_normal(rows))
    beatless = rng.random(rows) < profile.beatless[genre]
    return Draw(genre, artist, year, audio, noise, beatless)


def audio_values(profile: TwinProfile, draw: Draw) -> dict[str, Array]:
    """Turn latent scores into the audio columns' values, unrounded, in the columns' units."""
    values: dict[str, Array] = {}
    for column, name in enumerate(CONTINUOUS):
        values[name] = np.interp(
            draw.audio[column], profile.latent_grid[column], profile.value_grid[column]
        )
    key_score, mode_score, signature_score = draw.audio[len(CONTINUOUS) :]
    key = np.searchsorted(profile.key_cuts, key_score)
    values["key"] = key.astype(float)
    values["mode"] = (mode_score > profile.mode_cuts[key]).astype(float)
    signature = SIGNATURES[np.searchsorted(profile.signature_cuts, signature_score)]
    values["time_signature"] = signature.astype(float)
    for name in ("danceability", "speechiness", "valence", "tempo", "time_signature"):
        values[name][draw.beatless] = 0.0
    return values


def popularity_scores(profile: TwinProfile, draw: Draw) -> Array:
    """Give each track's latent popularity score; `popularity_cuts` turn it into 0 to 100."""
    time = year_units(draw.year)
    by_genre = profile.popularity_genre
    scores = by_genre[draw.genre, 0] + profile.popularity_year[draw.year]
    scores = scores + by_genre[draw.genre, 1] * time + by_genre[draw.genre, 2] * (time**2 - 1)
    for column in range(len(CONTINUOUS)):
        low, high = profile.lowest_score[column], profile.highest_score[column]
        score = np.clip(draw.audio[column], low, high)
        slope = profile.popularity_linear[column] + profile.popularity_by_year[column] * time
        slope = slope + profile.popularity_by_genre[draw.genre, column]
        scores = scores + slope * score + profile.popularity_square[column] * (score**2 - 1)
    spread = profile.popularity_noise_genre[draw.genre] * profile.popularity_noise_year[draw.year]
    spread = spread * np.clip(1 - profile.popularity_noise_fade * (scores - 0.2), 0.6, 1.15)
    noise = np.interp(draw.popularity_noise, NOISE_KNOTS, profile.popularity_noise_grid)
    result: Array = scores + spread * noise
    return result


def popularity_values(profile: TwinProfile, scores: Array) -> Codes:
    """Turn latent popularity scores into whole numbers from 0 to 100."""
    return np.searchsorted(profile.popularity_cuts, scores, side="right").astype(np.int64)


def year_units(year: Codes) -> Array:
    """Express an index into `YEARS` in standard deviations from the middle of the years."""
    units: Array = (year - (len(YEARS) - 1) / 2) / 6.9
    return units


def _pick(shares: Array, chance: Array) -> Codes:
    """Map uniform numbers to the indices whose cumulated shares they fall in."""
    found = np.searchsorted(np.cumsum(shares), chance, side="right")
    return np.minimum(found, len(shares) - 1).astype(np.int64)


def _mixed(share: float, common: Array, own: Array) -> Array:
    """Mix two independent standard scores so that the common one has `share` of the variance."""
    mixed: Array = np.sqrt(share) * common + np.sqrt(1 - share) * own
    return mixed


def _correlated(profile: TwinProfile, rng: np.random.Generator, count: int) -> Array:
    """Draw standard scores of all audio columns (rows) with the profile's correlation."""
    root = np.linalg.cholesky(profile.correlation)
    plain = rng.standard_normal((len(AUDIO), count))
    for column in reversed(range(len(AUDIO))):
        plain[column] *= root[column, column]
        for other in range(column):
            plain[column] += root[column, other] * plain[other]
    return plain


def _artists_of(genre: Codes, artist_genre: Codes, size: Array, place: Array) -> Codes:
    """Choose an artist for each track among its genre's, in proportion to the artists' sizes.

    Args:
        genre: Genre of each track.
        artist_genre: Genre that each artist is looked up under.
        size: Weight of each artist.
        place: Uniform number of each track.
    """
    order = np.argsort(artist_genre, kind="stable")
    ends = np.concatenate([[0.0], np.cumsum(size[order])])
    first = np.searchsorted(artist_genre[order], np.arange(genre.max() + 2))
    low, high = ends[first[genre]], ends[first[genre + 1]]
    found = np.searchsorted(ends, low + place * (high - low), side="right") - 1
    chosen: Codes = order[np.clip(found, first[genre], first[genre + 1] - 1)]
    return chosen


def _years(profile: TwinProfile, genre: Codes, scores: Array) -> Codes:
    """Turn year scores into indices of `YEARS` by each genre's shares of the years."""
    normal = NormalDist()
    year = np.zeros(len(genre), dtype=np.int64)
    first = np.searchsorted(genre, np.arange(len(profile.genres) + 1))
    for number, shares in enumerate(profile.year_shares):
        inner = np.clip(np.cumsum(shares)[:-1], 1e-9, 1 - 1e-9)
        cuts = [normal.inv_cdf(float(share)) for share in inner]
        rows = slice(first[number], first[number + 1])
        year[rows] = np.searchsorted(cuts, scores[rows])
    return year
