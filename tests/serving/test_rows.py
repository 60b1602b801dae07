"""Rows as they are read: checked, and in the types that are declared."""

import json
from typing import Any

import orjson
import pytest

from hitcast.declaration.use_case import UseCase
from serving.row_models import example
from serving.rows import BadRequestError, RowReader

HUGE = 10**30
"""A number that JSON may hold, and no integer type."""


@pytest.fixture(scope="module")
def unbounded(spotify: UseCase) -> RowReader:
    """Reads rows of a use case that declares no limits."""
    declared = spotify.model_dump()
    for column in declared["columns"]:
        column |= {"minimum": None, "maximum": None, "names": None}
    return RowReader(UseCase.model_validate(declared), max_batch=10)


@pytest.mark.parametrize("value", [HUGE, -HUGE, 2**31, 10**400])
def test_a_number_that_no_integer_type_holds_is_refused(
    unbounded: RowReader, spotify: UseCase, value: int
) -> None:
    row = {**example(spotify), "key": value}
    with pytest.raises(BadRequestError, match="key: "):
        unbounded.read(json.dumps(row).encode())
    for batch in ([row, row], [row, example(spotify)]):
        found = unbounded.check_all(batch)
        assert list(found.errors) == [n for n, given in enumerate(batch) if given is row]
        assert all(text.startswith("key: ") for text in found.errors.values())


@pytest.mark.parametrize("value", [HUGE, -HUGE, 2**60, 1e300, 1.7e308])
def test_a_large_number_is_scored_and_logged_as_a_double(
    unbounded: RowReader, spotify: UseCase, value: float
) -> None:
    row = {**example(spotify), "loudness": value}
    for read in (unbounded.read(json.dumps(row).encode()), *unbounded.check_all([row] * 3).rows):
        assert float(read["loudness"]) == float(value)
        assert orjson.loads(orjson.dumps(read))["loudness"] == float(value)


def test_no_batch_of_legal_rows_overflows(unbounded: RowReader, spotify: UseCase) -> None:
    row = example(spotify)
    largest: list[Any] = [int(1.7e308), int(1.7e308), 1.7e308, 1.0, -1.7e308]
    found = unbounded.check_all([{**row, "loudness": value} for value in largest])
    assert [read["loudness"] for read in found.rows] == list(map(float, largest))
    with pytest.raises(BadRequestError, match="loudness: "):
        unbounded.check({**row, "loudness": 10**400})


def test_a_whole_number_may_be_written_with_a_point(unbounded: RowReader, spotify: UseCase) -> None:
    row = {**example(spotify), "key": 5.0, "year": 1987.0}
    for read in (unbounded.read(json.dumps(row).encode()), *unbounded.check_all([row] * 2).rows):
        assert (read["key"], read["year"]) == (5, 1987)
        assert (type(read["key"]), type(read["year"])) == (int, int)
    for wrong in (5.5, float("inf"), float("nan"), 1e300, True, "5"):
        with pytest.raises(BadRequestError, match="key: "):
            unbounded.check({**row, "key": wrong})


def test_a_batch_holds_doubles_where_numbers_are_declared(
    unbounded: RowReader, spotify: UseCase
) -> None:
    rows = [{**example(spotify), "tempo": tempo} for tempo in (118, -0, 120.5)]
    batch = unbounded.check_all(rows)
    assert batch.columns is not None
    for tempos in ([row["tempo"] for row in batch.rows], batch.columns["tempo"]):
        assert (tempos, set(map(type, tempos))) == ([118.0, 0.0, 120.5], {float})
    assert {type(row["key"]) for row in batch.rows} == {int}


def test_what_is_wrong_with_a_row_of_a_batch_does_not_grow_with_the_row(
    unbounded: RowReader, spotify: UseCase
) -> None:
    bad = {**example(spotify), **{f"unknown{n}": n for n in range(1000)}}
    told = unbounded.check_all([bad, example(spotify)]).errors[0]
    assert told.count("; ") == 20
    assert told.endswith("; and 980 more")


def test_what_is_read_is_what_is_declared(unbounded: RowReader, spotify: UseCase) -> None:
    given = {**example(spotify), "energy": 1, "artist_name": None}
    read = unbounded.read(json.dumps(given).encode())
    assert (read["energy"], type(read["energy"]), type(read["key"])) == (1.0, float, int)
    assert read["artist_name"] is None
    without = {name: value for name, value in given.items() if name != "artist_name"}
    assert "artist_name" not in unbounded.check(without), "nothing is made up"


def test_an_input_may_have_any_name_that_a_column_may_have(spotify: UseCase) -> None:
    declared = json.loads(spotify.model_dump_json())
    names = {"energy": "_energy", "valence": "model_config", "tempo": "copy", "mode": "class"}
    for column in declared["columns"]:
        column["name"] = names.get(column["name"], column["name"])
    renamed = UseCase.model_validate(declared)
    reader, row = RowReader(renamed, max_batch=10), example(renamed)
    assert set(names.values()) <= set(row)
    assert reader.check(row) == row
    reader.model.model_validate(row)
    assert set(reader.model.model_json_schema()["properties"]) == set(row)
