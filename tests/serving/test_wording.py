"""Errors say what was expected, what arrived, what to do."""

import pytest
from starlette.testclient import TestClient

from serving.columns import Row


@pytest.mark.parametrize("prefix", ["", "/v2"])
def test_an_unknown_path_is_named_and_where_the_calls_are_listed(
    client: TestClient, prefix: str
) -> None:
    answer = client.get(f"{prefix}/predictions")
    told = answer.json()["error" if prefix else "detail"]
    assert answer.status_code == 404
    assert told == f"there is no {prefix}/predictions; /docs lists the calls"


@pytest.mark.parametrize(
    ("method", "path", "told"),
    [
        ("GET", "/predict", "expected POST, got GET"),
        ("PATCH", "/model", "expected DELETE or GET or HEAD or PUT, got PATCH"),
    ],
)
def test_a_method_that_a_path_lacks_is_told_with_those_it_has(
    client: TestClient, method: str, path: str, told: str
) -> None:
    answer = client.request(method, path)
    assert (answer.status_code, answer.json()["detail"]) == (405, told)


@pytest.mark.parametrize("path", ["/predict", "/explain", "/similar"])
@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("instances", "POST /predict/batch"),
        ("dataframe_records", "POST /invocations"),
        ("dataframe_split", "POST /invocations"),
        ("inputs", "POST /invocations"),
    ],
)
def test_many_rows_where_one_is_expected_are_told_where_to_go(
    client: TestClient, track: Row, path: str, name: str, call: str
) -> None:
    answer = client.post(path, json={name: [track]})
    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["field"]) == (422, name)
    assert call in error["message"]


def test_what_a_row_lacks_is_told_as_before(client: TestClient, track: Row) -> None:
    errors = client.post("/predict", json={"colour": 1}).json()["errors"]
    assert len(errors) > 10
    row = client.post("/predict/batch", json={"instances": [{"inputs": [track]}]}).json()
    assert "required, but missing" in row["predictions"][0]["error"]


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({"rows": [], "params": {}}, "got one with rows, params"),
        ({"inputs": [], "instances": []}, "got one with inputs, instances"),
        ({str(n): 0 for n in range(23)}, "19 and 3 more"),
        ({"k" * 100: 1}, f"got one with {'k' * 40}"),
        ({}, "got an empty one"),
        ([], "got a list"),
        ("x", "got a single value"),
    ],
)
def test_invocations_without_its_keys_names_what_arrived(
    client: TestClient, body: object, told: str
) -> None:
    answer = client.post("/invocations", json=body, headers={"Content-Type": "application/json"})
    message = answer.json()["message"]
    assert answer.status_code == 400
    assert "expected an object with exactly one of dataframe_records" in message
    assert message.endswith(told)
