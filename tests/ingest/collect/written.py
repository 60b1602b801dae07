"""Segments as the API writes them, and what became of their lines."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hitcast.ingest.collect import Collected, Logs, collect
from hitcast.running.home import Home
from hitcast.running.log_files import COLLECTED
from hitcast.tables.delta import Table
from hitcast.tables.lakehouse import Lakehouse

TIME = 1_790_000_000.25
"""2026-09-21, 14:13:20.25 UTC."""
UNIT = "0123456789abcdef0123456789abcdef"


def answer(number: int, **changes: Any) -> dict[str, Any]:
    """A line of the inference log, of format 3."""
    line = {
        "format": 3, "time": TIME + number, "unit": UNIT, "source": None, "traceparent": None,
        "request_id": f"r{number}", "model": "books", "version": 2, "alias": "production",
        "latency_ms": 1.5, "prediction_id": f"p{number}", "place": None,
        "row": {"weight": 0.1, "title": "a\nb"}, "probability": 0.25, "label": 0,
        "experiment": None, "arm": None, "period": None, "share": None, "shadow": False,
        "fallback": False,
    }  # fmt: skip
    return {**line, **changes}


def told(number: int, outcome: Any = 1, **changes: Any) -> dict[str, Any]:
    """A line of feedback on an answer, received a minute after it."""
    time = TIME + number + 60
    line = {"format": 1, "time": time, "prediction_id": f"p{number}", "outcome": outcome}
    return {**line, "at": time - 1, "source": None, "request_id": "r", **changes}


DECLARED: dict[str, Any] = {
    "name": "trial", "arms": [{"alias": "production"}, {"alias": "staging"}], "traffic": 0.5,
    "starts": None, "ends": None, "metric": "brier", "smallest_difference": 0.02, "salt": "",
}  # fmt: skip


def event(kind: str, number: int = 0, **changes: Any) -> dict[str, Any]:
    """A line of what happened to an experiment; other fields, or fields of the declaration."""
    line = {
        "format": 1, "time": TIME + number, "model": "books", "event": kind, "experiment": "trial",
        "period": None, "versions": {"production": 2, "staging": 3},
    }  # fmt: skip
    other = {name: value for name, value in changes.items() if name not in DECLARED}
    declared = {**DECLARED, **{n: changes[n] for n in changes if n in DECLARED}}
    return {**line, "declared": declared, **other}


def segment(folder: Path, name: str, lines: Sequence[Any], end: str = "\n") -> Path:
    """A closed segment with these lines; texts as they are."""
    folder.mkdir(parents=True, exist_ok=True)
    texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    path = folder / f"{name}.jsonl"
    path.write_text("\n".join(texts) + end if lines else "")
    return path


def bring(lakehouse: Lakehouse, home: Home) -> dict[str, Collected]:
    """Collect what waits in a home."""
    return collect(lakehouse, home, Logs.of(home))


def places(table: Table) -> list[tuple[str, int]]:
    """The segment and number of each line that a table has."""
    rows = table.read().select("segment", "line").collect()
    return sorted((row["segment"].removesuffix(".jsonl"), row["line"]) for row in rows)


def names(folder: Path) -> tuple[list[str], list[str]]:
    """The segments that wait in a folder, and those that were collected."""
    found = (sorted(path.stem for path in f.glob("*.jsonl")) for f in (folder, folder / COLLECTED))
    return next(found), next(found)
