"""Writes the twin: generated tracks with the real file's layout, statistics and defects.

The twin stands in for the real file where that can't be had. Everything made from it has to say so.
The same rows and seed give the same file, whatever the machine. How it is made and how near it
comes: docs/twin.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from hitcast.sources.generators.writing import Part, require_rows, write_whole
from hitcast.sources.twin.numbers import (
    REAL_ROWS,
    Codes,
    audio_values,
    draw_tracks,
    popularity_scores,
    popularity_values,
)
from hitcast.sources.twin.profile import YEARS, Array, TwinProfile, load_profile
from hitcast.sources.twin.text import artist_names, track_ids, track_names

COLUMNS = (
    "artist_name", "track_name", "track_id", "popularity", "year", "genre", "danceability",
    "energy", "key", "loudness", "mode", "speechiness", "acousticness", "instrumentalness",
    "liveness", "valence", "tempo", "duration_ms", "time_signature",
)  # fmt: skip
WHOLE = ("key", "mode", "duration_ms", "time_signature")
THREE_DECIMALS = ("loudness", "tempo")
FIRST_YEAR_OF_FILE = 2012  # the real file runs 2012 to 2023, then 2000 to 2011
MISSING_ARTISTS, MISSING_TITLES = 15, 1  # in REAL_ROWS
FEWEST_ROWS_WITH_GAPS = 1_000
ROWS_A_WRITE = 50_000


def write_twin(
    path: Path, rows: int, seed: int = 0, progress: Callable[[int], None] | None = None
) -> None:
    """Write a CSV file of generated tracks; it appears whole or not at all.

    Args:
        path: File to write; its folder is made if need be, an older file is replaced.
        rows: How many tracks, at least 1.
        seed: Another seed gives other tracks.
        progress: Called with the number of rows written since the last call.

    Raises:
        SourceError: if `rows` is not a whole number of at least 1.
    """
    tracks = generate_tracks(rows, seed)
    write_whole(path, ["", *COLUMNS], _parts(tracks), progress)


def _parts(tracks: pd.DataFrame) -> Iterator[Part]:
    for start in range(0, len(tracks), ROWS_A_WRITE):
        part = tracks.iloc[start : start + ROWS_A_WRITE]
        yield [part.index.tolist(), *(part[column].tolist() for column in COLUMNS)]


def generate_tracks(rows: int, seed: int = 0) -> pd.DataFrame:
    """Generate tracks in the real file's order, types and columns.

    Args:
        rows: How many tracks, at least 1.
        seed: Another seed gives other tracks.

    Returns:
        One row a track; the index is the file's first column. A missing name is None. `tempo` is
        in BPM, `loudness` in dB, `duration_ms` in milliseconds.

    Raises:
        SourceError: if `rows` is not a whole number of at least 1.
    """
    require_rows(rows, f"100000, or for {REAL_ROWS} as in the real file")
    profile = load_profile()
    numbers, names, order = (
        np.random.Generator(np.random.PCG64([seed, rows, k])) for k in range(3)
    )
    draw = draw_tracks(profile, rows, numbers)
    columns: dict[str, object] = {
        name: rounded_values(name, values) for name, values in audio_values(profile, draw).items()
    }
    columns["popularity"] = popularity_values(profile, popularity_scores(profile, draw))
    columns["year"] = draw.year + YEARS[0]
    columns["genre"] = np.array(profile.genres, dtype=object)[draw.genre]
    columns |= _texts(profile, draw.genre, draw.artist, names)
    tracks = pd.DataFrame({name: columns[name] for name in COLUMNS})
    # Genres are in order already, so a stable sort by year makes the real file's blocks.
    block = (draw.year - (FIRST_YEAR_OF_FILE - YEARS[0])) % len(YEARS)
    tracks = tracks.iloc[np.argsort(block, kind="stable")]
    return tracks.set_index(_file_index(np.sort(block), order))


def rounded_values(name: str, values: Array) -> Array | Codes:
    """Round a column as the real file does: whole numbers, 3 decimals or 3 significant digits."""
    if name in WHOLE:
        return np.rint(values).astype(np.int64)
    if name in THREE_DECIMALS:
        decimals: Array = np.rint(values * 1e3) / 1e3 + 0.0  # no negative zero
        return decimals
    # Dividing a whole number by a power of ten gives the double nearest to the short decimal.
    powers = 10.0 ** np.arange(10)
    decade = np.searchsorted(powers, 1.0 / np.maximum(values, 1e-6), side="left")
    unit = powers[np.minimum(decade, 6)] * 100
    short: Array = np.rint(values * unit) / unit
    return np.where(values < 1e-6, 0.0, short)


def _texts(
    profile: TwinProfile, genre: Codes, artist: Codes, rng: np.random.Generator
) -> dict[str, object]:
    """Name tracks and artists; take some names away where there are rows enough."""
    numbers, first_row, code = np.unique(artist, return_index=True, return_inverse=True)
    names = artist_names(genre[first_row], profile.genres, rng)
    artists = np.array([*names], dtype=object)[code]
    titles = np.array(track_names(genre, profile.genres, rng), dtype=object)
    rows = len(genre)
    if rows >= FEWEST_ROWS_WITH_GAPS:
        for column, in_real_file in ((artists, MISSING_ARTISTS), (titles, MISSING_TITLES)):
            gaps = max(1, round(in_real_file * rows / REAL_ROWS))
            column[rng.choice(rows, size=gaps, replace=False)] = None
    return {"artist_name": artists, "track_name": titles, "track_id": track_ids(rows, rng)}


def _file_index(block: Codes, rng: np.random.Generator) -> Codes:
    """Number the lines; the file's second half (2000 to 2011) has gaps, as in the real one."""
    gaps = np.where(block >= len(YEARS) // 2, rng.poisson(0.58, len(block)), 0)
    index: Codes = np.arange(len(block)) + np.cumsum(gaps)
    return index
