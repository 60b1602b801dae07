"""The real samples of the use cases: where they are, what decides, what each row stands for."""

import os
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.table import ROOT
from hitcast.declaration.use_case import UseCase
from hitcast.models.metrics import Array
from hitcast.running.home import Home
from hitcast.running.session import get_session
from hitcast.tables.lakehouse import Lakehouse

FILES = {
    "spotify": "spotify_sample.csv",
    "fraud": "fraud_sample.csv.gz",
    "pistachio": "pistachio_sample.csv",
    "lyrics": "lyrics_sample.jsonl.gz",
}
METRICS_OF: Mapping[str, tuple[str, ...]] = {
    "spotify": ("average_precision", "areaUnderROC", "log_loss"),
    "fraud": ("average_precision", "areaUnderROC", "log_loss"),
    "pistachio": ("areaUnderROC", "accuracy", "log_loss"),
    "lyrics": ("macro_f1", "accuracy", "log_loss"),
}
"""What peers are compared by; the first one is what the use case's trainings choose by."""
PRIOR_OF = {"fraud": 492 / 284_807}
"""Share of positive rows of the whole data, where a sample of it was drawn by class."""
FIRST_DAY, SECOND_DAY, DAY = 8.0, 10.5, 86_400
"""How many genuine transactions one of the sample stands for: most were left out, more of them of
the second day than of the first."""


def path_of(use_case: str) -> Path:
    """The file of a use case's sample."""
    if use_case == "spotify" and "HITCAST_SAMPLE" in os.environ:
        return Path(os.environ["HITCAST_SAMPLE"])
    folder = Path(os.environ.get("HITCAST_SAMPLES") or ROOT.parent / "shared/data")
    return folder / FILES[use_case]


def extract_of(use_case: str, path: Path, folder: Path) -> list[str | Path]:
    """The options of jobs/ingest.py for a sample.

    That of lyrics knows neither artists nor titles: each song is an artist's only one.

    Args:
        use_case: Whose.
        path: The sample.
        folder: Where a file may be written.
    """
    if use_case != "lyrics":
        return ["--file", path]
    rows = pd.read_json(path, lines=True)
    named = rows.assign(artist=rows["song_id"], title=rows["song_id"]).drop(columns="song_id")
    written = folder / "lyrics.jsonl"
    named.to_json(written, orient="records", lines=True, force_ascii=False)
    return ["--source", "songbook", "--file", written]


def weights_of(name: str, home: Home, use_case: UseCase, test: pd.DataFrame) -> Array | None:
    """How many rows of the whole each test row stands for; None: one."""
    if name != "fraud":
        return None
    session = get_session("hitcast benchmark")
    gold = Lakehouse(session, home.lakehouse, name, home.schema).gold
    times = gold.read().select(use_case.key, "Time").toPandas().set_index(use_case.key)["Time"]
    session.stop()
    early = test[use_case.key].map(times).to_numpy() < DAY
    genuine = test["label"].to_numpy() == 0
    return np.where(genuine, np.where(early, FIRST_DAY, SECOND_DAY), 1.0)
