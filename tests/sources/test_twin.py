import csv
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from hitcast.errors import SourceError
from hitcast.sources.twin import generate_tracks, write_twin
from hitcast.sources.twin.profile import Array
from hitcast.sources.twin.tracks import rounded_values

HEADER = (
    ",artist_name,track_name,track_id,popularity,year,genre,danceability,energy,key,loudness,"
    "mode,speechiness,acousticness,instrumentalness,liveness,valence,tempo,duration_ms,"
    "time_signature"
)


@pytest.fixture(scope="module")
def tracks() -> pd.DataFrame:
    return generate_tracks(20_000, seed=3)


@pytest.fixture(scope="module")
def lines(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    path = tmp_path_factory.mktemp("twin") / "tracks.csv"
    write_twin(path, 20_000, seed=3)
    return path.read_text(encoding="utf-8").splitlines()


def test_the_same_rows_and_seed_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("first.csv", "second.csv"):
        write_twin(tmp_path / name, 2_000, seed=5)
    write_twin(tmp_path / "other.csv", 2_000, seed=6)
    first = (tmp_path / "first.csv").read_bytes()
    assert first == (tmp_path / "second.csv").read_bytes()
    assert first != (tmp_path / "other.csv").read_bytes()


@pytest.mark.parametrize("rows", [1, 7, 1_000])
def test_any_number_of_rows_can_be_had(tmp_path: Path, rows: int) -> None:
    path = tmp_path / "new" / "tracks.csv"
    reported: list[int] = []
    write_twin(path, rows, progress=reported.append)
    assert path.read_text(encoding="utf-8").splitlines()[0] == HEADER
    assert len(pd.read_csv(path)) == rows == sum(reported)


@pytest.mark.parametrize("rows", [0, -3, True])
def test_fewer_than_one_row_is_refused(tmp_path: Path, rows: int) -> None:
    with pytest.raises(SourceError, match=r"at least 1; got (0|-3|True)\. Ask for"):
        write_twin(tmp_path / "tracks.csv", rows)
    assert list(tmp_path.iterdir()) == []


def test_an_interrupted_write_leaves_the_folder_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "tracks.csv"
    path.write_text("an older file", encoding="utf-8")

    def interrupt(_rows: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_twin(path, 100, progress=interrupt)
    assert [file.name for file in tmp_path.iterdir()] == ["tracks.csv"]
    assert path.read_text(encoding="utf-8") == "an older file"


def test_values_stay_within_the_real_ranges(tracks: pd.DataFrame) -> None:
    ranges = {
        "popularity": (0, 100), "year": (2000, 2023), "key": (0, 11), "mode": (0, 1),
        "danceability": (0, 0.993), "energy": (0, 1), "loudness": (-58.1, 6.172),
        "speechiness": (0, 0.971), "acousticness": (0, 0.996), "instrumentalness": (0, 1),
        "liveness": (0, 1), "valence": (0, 1), "tempo": (0, 249.993),
        "duration_ms": (2_073, 6_000_495), "time_signature": (0, 5),
    }  # fmt: skip
    for column, (low, high) in ranges.items():
        assert tracks[column].between(low, high).all(), column
    assert set(tracks["time_signature"]) == {0, 1, 3, 4, 5}
    assert set(tracks["key"]) == set(range(12))
    assert tracks["genre"].nunique() >= 81
    silent = tracks["time_signature"] == 0
    assert (tracks.loc[silent, ["tempo", "danceability", "valence"]] == 0).all(axis=None)


def test_every_track_id_is_unique_and_has_22_letters_and_digits(tracks: pd.DataFrame) -> None:
    assert tracks["track_id"].is_unique
    assert tracks["track_id"].str.fullmatch(r"[0-9A-Za-z]{22}").all()


def test_the_file_runs_in_blocks_of_years_and_genres(tracks: pd.DataFrame) -> None:
    years = tracks["year"].to_numpy()
    starts = years[np.flatnonzero(np.diff(years, prepend=0))]
    assert starts.tolist() == [*range(2012, 2024), *range(2000, 2012)]
    assert all(block["genre"].is_monotonic_increasing for _, block in tracks.groupby("year"))
    assert tracks.index.is_monotonic_increasing and tracks.index.is_unique


def test_most_artists_have_few_tracks_and_some_have_many(tracks: pd.DataFrame) -> None:
    sizes = tracks["artist_name"].value_counts()
    assert sizes.median() <= 2
    assert sizes.max() >= 15
    of_largest = tracks[tracks["artist_name"].isin(sizes.index[:50])].groupby("artist_name")
    main_genre = of_largest["genre"].agg(lambda genres: genres.value_counts(normalize=True).max())
    assert main_genre.mean() > 0.7


def test_artists_carry_popularity_beyond_genre_and_year(tracks: pd.DataFrame) -> None:
    rest = tracks["popularity"] - tracks.groupby(["genre", "year"])["popularity"].transform("mean")
    of_artist = rest.groupby(tracks["artist_name"])
    others = (of_artist.transform("sum") - rest) / (of_artist.transform("count") - 1)
    assert 0.05 < rest.corr(others) < 0.5


def test_lines_hold_the_real_files_defects(lines: list[str]) -> None:
    body = lines[1:]
    assert len(body) == 20_000  # no field holds a line break
    assert 0.006 < np.mean(['""' in line for line in body]) < 0.016
    assert 0.09 < np.mean([not line.isascii() for line in body]) < 0.15
    assert 0.03 < np.mean(['"' in line for line in body]) < 0.06
    assert any(re.search(r",\d\.\d+e-0[56],", line) for line in body)
    fields = list(csv.reader(body))
    assert {len(row) for row in fields} == {20}
    assert sum(row[1] == "" for row in fields) == 1
    assert sum(row[2] == "" for row in fields) == 1


def test_a_thousand_rows_already_lack_a_name() -> None:
    tracks = generate_tracks(1_000)
    assert tracks["artist_name"].isna().sum() == 1
    assert tracks["track_name"].isna().sum() == 1
    assert not tracks["track_name"].dropna().map(str.isascii).all()


def test_numbers_are_as_short_as_in_the_real_file() -> None:
    def text(name: str, value: float) -> str:
        values: Array = np.array([value])
        return repr(rounded_values(name, values).tolist()[0])

    assert text("acousticness", 0.0000070249) == "7.02e-06"
    assert text("acousticness", 0.00907123) == "0.00907"
    assert text("energy", 0.95549) == "0.955"
    assert text("energy", 1.0) == "1.0"
    assert text("instrumentalness", 0.0000004) == "0.0"
    assert text("loudness", -6.31923) == "-6.319"
    assert text("tempo", 120.31996) == "120.32"
    assert text("duration_ms", 206653.4) == "206653"
