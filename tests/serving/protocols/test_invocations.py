import json
from typing import Any

import pytest
from starlette.testclient import TestClient

from hitcast.running.home import Home
from serving.columns import Row
from serving.main import create_app
from tests.conftest import ROOT
from tests.serving.conftest import lines_being_written, settings_of
from tests.serving.protocols.requests import KEY

Rows = list[dict[str, Any]]


def rows_of(track: Row) -> Rows:
    return [{**track, "energy": share / 8} for share in (1, 5, 3)]


def columns_of(rows: Rows) -> dict[str, list[Any]]:
    return {name: [row[name] for row in rows] for name in rows[0]}


def split_of(rows: Rows) -> dict[str, Any]:
    return {"columns": list(rows[0]), "data": [list(row.values()) for row in rows]}


def csv_of(rows: Rows) -> str:
    lines = [list(rows[0]), *(list(row.values()) for row in rows)]
    return "\n".join(",".join(map(str, line)) for line in lines) + "\n"


def expected(client: TestClient, rows: Rows) -> Any:
    """What `/predict/batch` says of the rows, in MLflow's form."""
    found = client.post("/predict/batch", json={"instances": rows}).json()["predictions"]
    return {
        "predictions": [{name: row[name] for name in ("popular", "probability")} for row in found]
    }


def test_the_tracks_of_the_readme_are_answered_in_mlflow_s_form(client: TestClient) -> None:
    body = (ROOT / "docs/track.json").read_bytes()
    answer = client.post("/invocations", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 200
    assert answer.json() == expected(client, json.loads(body)["dataframe_records"])
    assert [list(row) for row in answer.json()["predictions"]] == [["popular", "probability"]] * 2


def test_every_form_of_the_same_rows_has_the_same_answer(client: TestClient, track: Row) -> None:
    rows = rows_of(track)
    forms: list[dict[str, Any]] = [
        {"dataframe_records": rows},
        {"dataframe_split": split_of(rows)},
        {"dataframe_split": {**split_of(rows), "index": [7, 8, 9]}},
        {"inputs": columns_of(rows)},
        {"inputs": rows},
        {"instances": rows},
        {"instances": columns_of(rows)},
        # MLflow's server passes over what it does not know, and over parameters of other models.
        {"dataframe_records": rows, "params": {"temperature": 1}, "client_request_id": "x"},
    ]
    wanted = expected(client, rows)
    for form in forms:
        answer = client.post("/invocations", json=form)
        assert (answer.status_code, answer.json()) == (200, wanted), form.keys()
    csv = {"Content-Type": "text/csv; charset=utf-8"}
    for text in (csv_of(rows), "\ufeff" + csv_of(rows).replace("\n", "\r\n") + "\r\n"):
        answer = client.post("/invocations", content=text.encode(), headers=csv)
        assert (answer.status_code, answer.json()) == (200, wanted)


def test_values_alone_are_one_row(client: TestClient, track: Row) -> None:
    answer = client.post("/invocations", json={"inputs": track})
    assert answer.json() == expected(client, [track])


def test_what_pandas_makes_of_rows_is_taken(client: TestClient, track: Row) -> None:
    # An index written along, a column that is no input, whole numbers as floats, no artist known.
    odd = {"": 0, "popularity": 80, **track, "year": float(track["year"]), "artist_name": None}
    for count in (1, 3):
        answer = client.post("/invocations", json={"dataframe_records": [odd] * count})
        assert (answer.status_code, answer.json()) == (200, expected(client, [track] * count))
    text = csv_of([{**odd, "artist_name": ""}])
    answer = client.post("/invocations", content=text, headers={"Content-Type": "text/csv"})
    assert (answer.status_code, answer.json()) == (200, expected(client, [track]))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"energy": 1.5}, "energy: Input should be less than or equal to 1, got '1.5'"),
        ({"energy": None}, "energy: "),
        ({"energy": "0.5"}, "energy: "),
        ({"year": 2021.5}, "year: "),
        ({"genre": "\ud800"}, "genre: "),
    ],
)
def test_one_bad_row_refuses_them_all_as_mlflow_s_server_does(
    client: TestClient, track: Row, change: Row, told: str
) -> None:
    for rows, place in (([{**track, **change}], ""), ([track, {**track, **change}], "row 1: ")):
        answer = client.post("/invocations", content=json.dumps({"instances": rows}))
        assert answer.status_code == 400
        assert answer.headers["Content-Type"] == "application/json"
        found = answer.json()
        assert set(found) == {"error_code", "message"}
        assert found["error_code"] == "BAD_REQUEST"
        assert found["message"].startswith(place + told)


@pytest.mark.parametrize("cell", ["x", "", "nan", "1_0", "١", "1e999", "9" * 5000])
def test_a_csv_cell_that_is_no_number_is_refused_by_its_name(
    client: TestClient, track: Row, cell: str
) -> None:
    text = csv_of([{**track, "tempo": cell}])
    answer = client.post(
        "/invocations", content=text.encode(), headers={"Content-Type": "text/csv"}
    )
    assert answer.status_code == 400
    assert answer.json()["message"].startswith("tempo: ")


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"", "expected JSON"),
        (b"[]", "exactly one of dataframe_records"),
        (b"{}", "exactly one of dataframe_records"),
        (b'{"inputs": [], "instances": []}', "exactly one of dataframe_records"),
        (b'{"inputs": []}', "expected 1 to 10000 rows, got 0"),
        (b'{"inputs": 3}', "inputs: expected a list"),
        (b'{"inputs": {}}', "required, but missing"),
        (b'{"inputs": {"a": [1], "b": [1, 2]}}', "inputs: expected one list a column"),
        (b'{"inputs": {"a": [1], "b": 2}}', "inputs: expected one list a column"),
        (b'{"instances": [7]}', "expected an object with the inputs of one row"),
        (b'{"dataframe_records": {"a": [1]}}', "dataframe_records: expected a list"),
        (b'{"dataframe_split": {"data": [[1]]}}', "dataframe_split: expected an object with"),
        (b'{"dataframe_split": {"columns": "a", "data": [[1]]}}', "the columns' names"),
        (b'{"dataframe_split": {"columns": ["a"], "data": [1]}}', "a list for each row"),
        (b'{"dataframe_split": {"columns": ["a"], "data": [[1, 2]]}}', "row 0: expected 1 values"),
        (b'{"dataframe_split": {"columns": ["a", "a"], "data": [[1, 2]]}}', "a: expected each"),
        (b'{"inputs": {"a": [1], "a": [2]}}', "a: expected each key once"),
        (b'{"instances": [{"a": 1, "a": 2}]}', "a: expected each key once"),
        (b'{"dataframe_split": {"columns": [], "columns": [], "data": []}}', "each key once"),
    ],
)
def test_what_has_none_of_the_forms_is_refused(client: TestClient, body: bytes, told: str) -> None:
    answer = client.post("/invocations", content=body)
    assert answer.status_code == 400
    assert answer.json()["error_code"] == "BAD_REQUEST"
    assert told in answer.json()["message"]


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"", "expected 1 to 10000 rows, got 0"),
        (b"\xff,a\n1,2\n", "expected CSV in UTF-8"),
        (b"a,b\n1\n", "row 0: expected 2 values"),
        (b"a,a\n1,2\n", "a: expected each column once"),
        (b'a\n"a quote that is not closed\n1\n', "expected CSV, got something else"),
    ],
)
def test_what_is_no_csv_is_refused(client: TestClient, body: bytes, told: str) -> None:
    answer = client.post("/invocations", content=body, headers={"Content-Type": "text/csv"})
    assert answer.status_code == 400
    assert told in answer.json()["message"]


def test_parquet_is_not_taken_for_json(client: TestClient) -> None:
    answer = client.post(
        "/invocations", content=b"PAR1", headers={"Content-Type": "application/vnd.apache.parquet"}
    )
    assert (answer.status_code, answer.json()["error_code"]) == (415, "BAD_REQUEST")


def test_aliases_and_versions_answer_as_elsewhere(client: TestClient, track: Row) -> None:
    body = {"instances": [track]}
    answer = client.post("/invocations?alias=staging", json=body, headers=KEY)
    assert answer.headers["X-Model-Name"] == "spotify"
    assert answer.headers["X-Model-Version"] == "2"
    assert answer.headers["X-Model-Alias"] == "staging"
    assert (
        client.post("/invocations?version=3", json=body, headers=KEY).headers["X-Model-Version"]
        == "3"
    )
    missing = client.post("/invocations?version=9", json=body, headers=KEY)
    assert missing.status_code == 404
    assert missing.json() == {
        "error_code": "RESOURCE_DOES_NOT_EXIST",
        "message": "expected a version among [1, 2, 3], got 9",
    }
    both = client.post("/invocations?version=1&alias=staging", json=body, headers=KEY)
    assert (both.status_code, both.json()["error_code"]) == (409, "RESOURCE_CONFLICT")
    wrong = client.post("/invocations?version=x", json=body, headers=KEY)
    assert (wrong.status_code, wrong.json()["error_code"]) == (400, "BAD_REQUEST")


def test_each_row_is_logged_as_those_of_batches_are(
    client: TestClient, registered: Home, track: Row
) -> None:
    for count in (1, 3):
        rows = rows_of(track)[:count]
        answer = client.post(
            "/invocations", json={"instances": rows}, headers={"X-Source": "mlflow"}
        )
        begun = answer.headers["X-Prediction-ID"]
        held = lines_being_written(registered.folder)
        logged = [line for line in held if line["prediction_id"].startswith(begun)]
        assert [line["prediction_id"] for line in logged] == [f"{begun}-{n}" for n in range(count)]
        assert [line["row"] for line in logged] == rows
        assert [line["probability"] for line in logged] == [
            row["probability"] for row in answer.json()["predictions"]
        ]
        assert {line["source"] for line in logged} == {"mlflow"}


def test_too_many_rows_and_too_large_bodies_are_refused(registered: Home, track: Row) -> None:
    settings = settings_of(home=registered.folder, log=False, max_batch=2, max_body_bytes=4096)
    with TestClient(create_app(settings)) as small:
        answer = small.post("/invocations", json={"instances": [track] * 3})
        assert answer.status_code == 400
        assert answer.json()["message"] == "expected 1 to 2 rows, got 3"
        large = small.post("/invocations", content=b" " * 5000)
        assert large.status_code == 413
        assert large.json() == {
            "error_code": "BAD_REQUEST", "message": "expected a body of at most 4096 bytes",
        }  # fmt: skip


def test_a_server_is_healthy_when_it_can_answer(client: TestClient, registered: Home) -> None:
    for path in ("/ping", "/health"):
        assert (client.get(path).status_code, client.get(path).text) == (200, "\n")
        # Not started, so without a version.
        cold = TestClient(create_app(settings_of(home=registered.folder, log=False)))
        answer = cold.get(path)
        assert answer.status_code == 503
        assert answer.json()["error_code"] == "TEMPORARILY_UNAVAILABLE"


def test_the_version_is_mlflow_s(client: TestClient) -> None:
    import mlflow

    assert client.get("/version").text == mlflow.__version__
