from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from hitcast.declaration.use_case import UseCase
from serving.routes.protocols.infer_request import InferenceReader
from serving.routes.protocols.one_row import OneRow
from serving.routes.protocols.tensors import Rest
from serving.row_models import example
from tests.serving.protocols.requests import inputs_of

NAMES = st.sampled_from(["energy", "key", "genre", "artist_name", "other"])
VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(-2, 3), st.floats(allow_nan=False), st.text(max_size=2),
    st.lists(st.integers(0, 1), max_size=1),
)  # fmt: skip
FIELDS = {
    "name": st.one_of(NAMES, VALUES),
    "datatype": st.one_of(st.sampled_from(["BYTES", "FP64", "FP32", "INT64", "BOOL"]), VALUES),
    "shape": st.one_of(st.lists(VALUES, max_size=2), st.just([1]), st.just([1, 1]), VALUES),
    "data": st.one_of(st.lists(VALUES, max_size=2), VALUES, st.just({"a": 1})),
    "parameters": st.one_of(st.just({}), VALUES),
}


@given(name=NAMES, change=st.fixed_dictionaries({}, optional=FIELDS))
def test_what_is_read_quickly_is_read_the_same_thoroughly(
    spotify: UseCase, name: str, change: dict[str, Any]
) -> None:
    tensors = [part._get_tensor() for part in inputs_of(spotify, [example(spotify)], binary=False)]
    tensors = [{**t, **change} if t["name"] == name else t for t in tensors]
    quick = OneRow(spotify).read(tensors)
    if quick is not None:
        assert [quick] == InferenceReader(spotify)._rows(tensors, Rest(b""))


def test_a_plain_row_is_read_quickly(spotify: UseCase) -> None:
    for wide in (True, False):
        inputs = inputs_of(spotify, [example(spotify)], binary=False, wide=wide)
        tensors = [part._get_tensor() for part in inputs]
        assert OneRow(spotify).read(tensors) == example(spotify)
        needed = [tensor for tensor in tensors if tensor["name"] != "energy"]
        assert OneRow(spotify).read(needed) is None
        assert OneRow(spotify).read([*tensors, tensors[0]]) is None
