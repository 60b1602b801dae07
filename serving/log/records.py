"""The lines of the inference log: one a row, as bytes, made before the answer is sent.

What all rows of a request share is written out once; a batch of 10,000 takes 12 ms.
"""

import hashlib
import re
import secrets
import time
from collections.abc import Collection, Sequence
from typing import Any

import orjson
from starlette.datastructures import Headers

from serving.versions.scores import Scores
from serving.versions.served import Row

FORMAT = 3
"""Of a line; 1 was one line a request, without ids; 2 had units as they came, no experiments."""
LONGEST_HEADER = 200
TRACE = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}(-.*)?")


def new_id() -> str:
    """An id for what is answered: 32 hex digits, those of the time in milliseconds first.

    Ids of one time lie together, so a table's files can be told apart by their lowest and highest.
    """
    return f"{time.time_ns() // 1_000_000:012x}{secrets.token_hex(10)}"


def id_of(prediction_id: str, place: int) -> str:
    """The id of a row of a batch whose answer has the header `prediction_id`."""
    return f"{prediction_id}-{place}"


def shared(headers: Headers, *, unit: str | None, **known: Any) -> dict[str, Any]:
    """What all lines of a request share.

    Args:
        headers: The request's.
        unit: Whom it is for, hashed; None where nobody is named.
        known: What the API knows: request id, model, version, alias, latency in milliseconds, and
            what the answer has to do with an experiment.
    """
    trace = headers.get("traceparent")
    return {
        "format": FORMAT,
        "time": time.time(),
        "unit": unit,
        "source": source_of(headers),
        "traceparent": _short(trace) if trace and TRACE.fullmatch(trace) else None,
        **known,
    }


def source_of(headers: Headers) -> str | None:
    """What asks, as it says itself."""
    return _short(headers.get("x-source"))


def without_texts(row: Row, names: Collection[str]) -> Row:
    """A row as the log holds it: of texts that are read word by word, length and hash alone."""
    hidden = {name: _hashed(row[name]) for name in names if row.get(name) is not None}
    return {**row, **hidden}


def _hashed(text: str) -> dict[str, Any]:
    return {"length": len(text), "sha256": hashlib.sha256(text.encode()).hexdigest()[:16]}


def line(common: dict[str, Any], prediction_id: str, row: Row, scores: Scores) -> bytes:
    """The line of a request with one row."""
    found = {
        **common, "prediction_id": prediction_id, "place": None, "row": row,
        scores.field: scores.told[0], "label": scores.labels[0],
    }  # fmt: skip
    return orjson.dumps(found, option=orjson.OPT_APPEND_NEWLINE)


def lines(
    common: dict[str, Any],
    prediction_id: str,
    places: Sequence[int],
    rows: Sequence[Row],
    scores: Scores,
) -> bytes:
    """The lines of a batch: one for each row that was scored, with its place in the batch."""
    head, dump, begun = orjson.dumps(common)[:-1], orjson.dumps, prediction_id.encode()
    field, labels = scores.field.encode(), {label: dump(label) for label in set(scores.labels)}
    each = zip(places, rows, map(dump, scores.told), scores.labels, strict=True)
    return b"".join(
        b'%b,"prediction_id":"%b-%d","place":%d,"row":%b,"%b":%b,"label":%b}\n'
        % (head, begun, place, place, dump(row), field, told, labels[label])
        for place, row, told, label in each
    )


def _short(text: str | None) -> str | None:
    return text and text[:LONGEST_HEADER]
