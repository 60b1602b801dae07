"""The Batch page, as tests use it."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from client import Client
from components.upload import results
from tests.frontend.homes import BIASES

TRACK: dict[str, Any] = {
    "artist_name": "Daft Punk", "year": 2021, "genre": "pop", "danceability": 0.72, "energy": 0.68,
    "key": 5, "loudness": -5.4, "mode": 1, "speechiness": 0.05, "acousticness": 0.12,
    "instrumentalness": 0.0, "liveness": 0.11, "valence": 0.55, "tempo": 118.0,
    "duration_ms": 198000, "time_signature": 4,
}  # fmt: skip
EXTRACT_ONLY = {"": 17, "track_name": "One, More Time", "track_id": "0" * 22, "popularity": 81}


def csv_of(*changes: Mapping[str, Any], of: Mapping[str, Any] = TRACK) -> bytes:
    """A line for each set of values that differ from the track's."""
    table = pd.DataFrame([{**of, **change} for change in changes], dtype=object)
    return table.to_csv(index=False).encode()


def opened(page: AppTest) -> AppTest:
    return page.switch_page("views/batch.py").run()


def upload(page: AppTest, content: bytes, name: str = "tracks.csv") -> AppTest:
    page.file_uploader[0].set_value((name, content, "text/csv")).run()
    assert not page.exception
    return page


def figures(page: AppTest) -> list[str]:
    """Tracks scored, likely popular, not scored."""
    return [str(metric.value) for metric in page.metric]


def tables(page: AppTest) -> list[pd.DataFrame]:
    """The tables of the results: the template's columns come before them."""
    return [table.value for table in page.dataframe][1:]


def probability(energy: float, version: int = 1) -> float:
    return 1 / (1 + math.exp(-BIASES[version] - energy))


def taken_away(page: AppTest) -> list[str]:
    """The file that the button of the results offers."""
    assert "Results as CSV" in [button.label for button in page.download_button]
    batch, schema = page.session_state["batch"], Client().schema()
    return results.as_csv(batch, schema).decode().splitlines()


def asked(
    monkeypatch: pytest.MonkeyPatch, then: Callable[[int], None] = lambda _: None
) -> list[int]:
    """Note how many rows each call sends; `then` gets the number of calls so far, after it."""
    calls: list[int] = []
    real = Client.predict_batch

    def noted(self: Client, rows: Sequence[Any], **which: Any) -> list[dict[str, Any]]:
        found = real(self, rows, **which)
        calls.append(len(rows))
        then(len(calls))
        return found

    monkeypatch.setattr(Client, "predict_batch", noted)
    return calls
