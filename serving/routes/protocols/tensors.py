"""Tensors of the Open Inference Protocol: values in the JSON, or as bytes after it."""

import struct
from collections.abc import Sequence
from typing import Any

import numpy as np

from serving.rows import BadRequestError

NUMBERS = {
    "FP64": "<d", "FP32": "<f", "FP16": "<e",
    "INT64": "<q", "INT32": "<i", "INT16": "<h", "INT8": "<b",
    "UINT64": "<Q", "UINT32": "<I", "UINT16": "<H", "UINT8": "<B",
}  # fmt: skip
"""As numpy and struct call them."""
DTYPES = {name: np.dtype(code) for name, code in NUMBERS.items()}
ONE = {name: struct.Struct(code) for name, code in NUMBERS.items()}
"""Reads one value, in a tenth of the time that an array takes."""
PLAIN = frozenset({"BYTES", "FP64"})
"""Values of these are in JSON as they are."""
INTEGERS = frozenset(name for name in NUMBERS if "INT" in name)
TAKEN = {
    "text": frozenset({"BYTES"}),
    "integer": INTEGERS,
    "number": frozenset(NUMBERS),
}
"""The datatypes that a column of each type can be given in."""
GIVEN = {"text": "BYTES", "integer": "INT64", "number": "FP64"}
"""The datatype that metadata names for it."""
LABELS = {False: "INT64", True: "BYTES"}
"""The datatype of the answers: 0 and 1, or names of classes."""
KINDS = {
    "BYTES": frozenset({str}),
    **{name: frozenset({int} if name in INTEGERS else {int, float}) for name in NUMBERS},
}
"""What the values of each datatype are in JSON."""
LENGTH = struct.Struct("<I")


class Rest:
    """The bytes after a request's JSON: the binary tensors, one after the other."""

    def __init__(self, body: bytes) -> None:
        self._body, self._place = body, 0

    def take(self, name: str, size: Any) -> bytes:
        """The next bytes, those of a tensor."""
        left = self.left
        if type(size) is not int or not 0 <= size <= left:
            told = f"expected binary_data_size within the {left} bytes that are left, got {size!r}"
            raise BadRequestError([(name, told[:200])])
        self._place += size
        return self._body[self._place - size : self._place]

    @property
    def left(self) -> int:
        """How many bytes no tensor has taken."""
        return len(self._body) - self._place


def values_of(name: str, datatype: str, data: Any) -> list[Any]:
    """The values of a tensor in JSON, flat or nested by rows.

    Raises:
        BadRequestError: if they are not of the datatype.
    """
    if type(data) is not list:
        raise BadRequestError([(name, "expected a list in data, or binary_data_size")])
    if data and type(data[0]) is list:
        if set(map(type, data)) != {list}:
            raise BadRequestError([(name, "expected values or lists of values in data")])
        data = [value for part in data for value in part]
    found: list[Any] = data
    kinds = KINDS[datatype]
    if not kinds.issuperset(map(type, found)):
        wrong = next(value for value in found if type(value) not in kinds)
        raise BadRequestError([(name, f"expected {datatype}, got {str(wrong)[:60]!r}")])
    if datatype in PLAIN or (datatype == "INT64" and found and _fits(found)):
        return found
    try:
        # As many bits as the caller asked for: the same values as in binary.
        with np.errstate(over="ignore"):
            found = np.array(found, dtype=DTYPES[datatype]).tolist()
    except OverflowError:
        raise BadRequestError([(name, f"expected {datatype}, got a larger number")]) from None
    return found


def _fits(data: list[int]) -> bool:
    return -(2**63) <= min(data) and max(data) < 2**63


def values_in(name: str, datatype: str, raw: bytes) -> list[Any]:
    """The values of a binary tensor.

    Raises:
        BadRequestError: if the bytes are not of the datatype.
    """
    if datatype == "BYTES":
        return _texts_in(name, raw)
    dtype = DTYPES[datatype]
    if len(raw) == dtype.itemsize:
        return list(ONE[datatype].unpack(raw))
    if len(raw) % dtype.itemsize:
        told = f"expected {dtype.itemsize} bytes a value of {datatype}, got {len(raw)} bytes"
        raise BadRequestError([(name, told)])
    found: list[Any] = np.frombuffer(raw, dtype).tolist()
    return found


def _texts_in(name: str, raw: bytes) -> list[str]:
    """Texts, each after its length in four bytes."""
    found, place, end = [], 0, len(raw)
    try:
        while place < end:
            (size,) = LENGTH.unpack_from(raw, place)
            place += LENGTH.size + size
            if place > end:
                raise BadRequestError(
                    [(name, "expected texts with their lengths, got fewer bytes")]
                )
            found.append(raw[place - size : place].decode())
    except struct.error:
        raise BadRequestError([(name, "expected a text's length in four bytes")]) from None
    except UnicodeDecodeError:
        raise BadRequestError([(name, "expected texts in UTF-8")]) from None
    return found


def bytes_of(datatype: str, values: Sequence[float | str]) -> bytes:
    """Numbers as a binary tensor, or texts, each after its length in four bytes."""
    if datatype == "BYTES":
        texts = [str(value).encode() for value in values]
        return b"".join(LENGTH.pack(len(text)) + text for text in texts)
    return np.array(values, DTYPES[datatype]).tobytes()
