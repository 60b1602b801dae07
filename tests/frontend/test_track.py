from datetime import date

import pytest

from answers import Schema
from client import Client
from components.track import highest, read_address


@pytest.fixture
def schema(client: Client) -> Schema:
    return client.schema()


def test_an_address_is_read_in_the_inputs_own_types(schema: Schema) -> None:
    given = {"energy": "0.9", "key": "-1", "genre": "techno", "artist_name": "Üñî", "else": "x"}
    values, problems = read_address(schema, given)
    assert values == {"energy": 0.9, "key": -1, "genre": "techno", "artist_name": "Üñî"}
    assert isinstance(values["key"], int)
    assert problems == []


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("energy", "7", "expected 0 to 1"),
        ("energy", "nan", "expected 0 to 1"),
        ("energy", "inf", "expected 0 to 1"),
        ("energy", "loud", "expected a number"),
        ("key", "1.5", "expected a number of type integer"),
        ("genre", "polka", "genre that the model knows"),
        ("year", "2100", "expected 1900 to"),
    ],
)
def test_what_an_address_may_not_say_is_told_and_left_out(
    schema: Schema, name: str, text: str, expected: str
) -> None:
    values, problems = read_address(schema, {name: text, "valence": "0.25"})
    assert values == {"valence": 0.25}
    (problem,) = problems
    assert f"{name}={text}" in problem
    assert expected in problem


def test_an_address_can_t_put_links_on_the_page(schema: Schema) -> None:
    _, (problem,) = read_address(schema, {"genre": "[here](http://x)"})
    assert "[here](http" not in problem


def test_years_end_today(schema: Schema) -> None:
    assert highest(schema.named("year")) == date.today().year
    assert highest(schema.named("tempo")) == 300
