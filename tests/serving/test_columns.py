from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hitcast.declaration.use_case import UseCase
from serving.columns import Row, plain_columns
from serving.row_models import example
from serving.rows import RowReader

VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(-2, 3), st.floats(), st.text(max_size=2), st.just([])
)


def columns_of(use_case: UseCase, rows: list[Any]) -> dict[str, list[Any]] | None:
    return plain_columns({column.name: column for column in use_case.inputs}, rows)


def test_good_rows_come_as_columns(spotify: UseCase) -> None:
    rows = [example(spotify) | {"energy": share} for share in (0.25, 1, 0)]
    found = columns_of(spotify, rows)
    assert found is not None
    assert found["energy"] == [0.25, 1, 0]
    assert set(found) == {column.name for column in spotify.inputs}


@given(name=st.sampled_from(["energy", "key", "genre", "artist_name", "other"]), value=VALUES)
def test_what_is_proved_good_is_good_to_the_model(
    spotify: UseCase, name: str, value: object
) -> None:
    good: Row = example(spotify)
    rows = [good, {**good, name: value}]
    if columns_of(spotify, rows) is not None:
        model = RowReader(spotify, max_batch=10).model
        for row in rows:
            model.model_validate(row)


@pytest.mark.parametrize("bad", [{}, {"energy": 0.5}, 7, None])
def test_rows_that_differ_are_left_to_the_model(spotify: UseCase, bad: object) -> None:
    row = example(spotify)
    assert columns_of(spotify, [row, bad]) is None
    assert columns_of(spotify, [{**row, "energy": float("nan")}]) is None
    assert columns_of(spotify, [{**row, "genre": "\ud800"}]) is None
