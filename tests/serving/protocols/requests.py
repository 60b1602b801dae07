"""Requests of the Open Inference Protocol, made by Triton's own client."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from starlette.testclient import TestClient
from tritonclient.http import InferenceServerClient, InferInput, InferRequestedOutput, InferResult
from tritonclient.utils import triton_to_np_dtype

from hitcast.declaration.use_case import UseCase
from serving.columns import Row, kind_of
from tests.serving.conftest import ADMIN

KEY = {"X-API-Key": ADMIN}
"""Where one is set, other versions than the default are named with a key."""
HEADER = "Inference-Header-Content-Length"
DATATYPES = {"text": "BYTES", "integer": "INT64", "number": "FP64"}


def inputs_of(
    use_case: UseCase,
    rows: Sequence[Row],
    *,
    binary: bool = True,
    number: str = "FP64",
    integer: str = "INT64",
    wide: bool = False,
) -> list[Any]:
    """One tensor for each of the rows' columns.

    Args:
        use_case: Says what the columns are.
        rows: All with the same columns.
        binary: Whether the values come as bytes behind the JSON.
        number: The datatype of numbers.
        integer: The datatype of whole numbers.
        wide: Whether the shape is [n, 1] instead of [n].
    """
    datatypes = {**DATATYPES, "number": number, "integer": integer}
    types = {column.name: datatypes[kind_of(column)] for column in use_case.inputs}
    found = []
    for name in rows[0]:
        values = [row[name] for row in rows]
        dtype: Any = np.object_ if types[name] == "BYTES" else triton_to_np_dtype(types[name])
        shape = [len(rows), 1] if wide else [len(rows)]
        tensor = InferInput(name, shape, types[name])
        tensor.set_data_from_numpy(np.array(values, dtype).reshape(shape), binary_data=binary)
        found.append(tensor)
    return found


def wanted(*names: str, binary: bool = True) -> list[Any]:
    """Outputs that are asked for."""
    return [InferRequestedOutput(name, binary_data=binary) for name in names]


def infer(
    client: TestClient, inputs: list[Any], path: str = "/v2/models/spotify/infer", **options: Any
) -> tuple[Any, Any]:
    """Ask the app in this process; returns the response, and what the client reads in it."""
    body, length = InferenceServerClient.generate_request_body(inputs, **options)
    headers = KEY if length is None else {**KEY, HEADER: str(length)}
    answer = client.post(path, content=body, headers=headers)
    assert answer.status_code == 200, answer.text
    told = answer.headers.get(HEADER)
    result = InferResult.from_response_body(
        answer.content, header_length=None if told is None else int(told)
    )
    return answer, result


def probabilities(client: TestClient, rows: Sequence[Row]) -> NDArray[np.float64]:
    """What `/predict` says of each row."""
    answers = [client.post("/predict?detail=true", json=row).json() for row in rows]
    return np.array([answer["probability"] for answer in answers])
