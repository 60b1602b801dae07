"""The twin: generated tracks with the real file's layout, distributions and defects."""

from hitcast.sources.twin.tracks import generate_tracks, write_twin

__all__ = ["generate_tracks", "write_twin"]
