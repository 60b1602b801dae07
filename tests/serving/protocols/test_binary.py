"""Bytes that no client of good will sends."""

import json
import struct

import pytest
from starlette.testclient import TestClient

from hitcast.declaration.use_case import UseCase
from serving.columns import Row
from serving.routes.protocols.tensors import bytes_of, values_in
from serving.rows import BadRequestError
from tests.serving.protocols.requests import HEADER, inputs_of

PATH = "/v2/models/spotify/infer"


def test_texts_come_with_their_lengths() -> None:
    raw = b"".join(struct.pack("<I", len(text)) + text for text in (b"pop", b"", "ä".encode()))
    assert values_in("genre", "BYTES", raw) == ["pop", "", "ä"]
    assert values_in("genre", "BYTES", b"") == []


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (b"\x03\x00\x00", "a text's length in four bytes"),
        (b"\x03\x00\x00\x00po", "got fewer bytes"),
        (b"\xff\xff\xff\xffpop", "got fewer bytes"),
        (b"\x01\x00\x00\x00\xff", "expected texts in UTF-8"),
    ],
)
def test_texts_that_end_early_are_refused(raw: bytes, told: str) -> None:
    with pytest.raises(BadRequestError, match=told):
        values_in("genre", "BYTES", raw)


def test_numbers_that_end_early_are_refused() -> None:
    assert values_in("energy", "FP64", bytes_of("FP64", [0.1, 0.2])) == [0.1, 0.2]
    with pytest.raises(BadRequestError, match="expected 8 bytes a value of FP64, got 7 bytes"):
        values_in("energy", "FP64", b"1234567")


@pytest.mark.parametrize("length", ["-1", "x", "", "1e3", "99999", "9" * 5000, "²"])
def test_a_length_of_the_json_that_is_none_is_refused(client: TestClient, length: str) -> None:
    answer = client.post(PATH, content=b"{}", headers=[(HEADER.encode(), length.encode())])
    assert answer.status_code == 400
    assert answer.json()["error"].startswith(f"{HEADER}: expected a number up to 2, got ")


@pytest.mark.parametrize("extra", [b"\x00", b"\x00" * 64])
def test_bytes_that_belong_to_no_tensor_are_refused(
    client: TestClient, spotify: UseCase, track: Row, extra: bytes
) -> None:
    inputs = inputs_of(spotify, [track])
    head = json.dumps({"inputs": [part._get_tensor() for part in inputs]}).encode()
    body = head + b"".join(part._get_binary_data() for part in inputs)
    headers = {HEADER: str(len(head))}
    assert client.post(PATH, content=body, headers=headers).status_code == 200
    answer = client.post(PATH, content=body + extra, headers=headers)
    assert answer.status_code == 400
    assert "expected no bytes after the last tensor" in answer.json()["error"]
    assert client.post(PATH, content=body[:-1], headers=headers).status_code == 400
    # Without the header the bytes are taken for JSON, which they are not.
    assert client.post(PATH, content=body).status_code == 400
