"""Extracts of the tracks, line by line."""

from pathlib import Path

SPOTIFY_HEADER = (
    ",artist_name,track_name,track_id,popularity,year,genre,danceability,energy,key,loudness,mode,"
    "speechiness,acousticness,instrumentalness,liveness,valence,tempo,duration_ms,time_signature"
)


def track(number: int, popularity: str = "7", name: str = "name") -> str:
    """A line of a tracks extract."""
    numbers = "0.5,0.5,1,-5.5,1,0.1,0.1,0.1,0.1,0.5,120.0,200000,4"
    return f'{number},artist,"{name}, {number}",{number:022d},{popularity},2001,pop,{numbers}'


def write_tracks(path: Path, lines: list[str]) -> Path:
    """A file of such lines."""
    path.write_text("\n".join([SPOTIFY_HEADER, *lines]) + "\n", encoding="utf-8")
    return path
