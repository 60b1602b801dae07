"""The Open Inference Protocol in this process, as Triton's own client writes and reads it."""

import json
from typing import Any

import numpy as np
import pytest
from starlette.testclient import TestClient

from hitcast.declaration.use_case import UseCase
from hitcast.running.home import Home
from serving.columns import Row
from serving.main import create_app
from tests.serving.conftest import lines_being_written, settings_of
from tests.serving.protocols.requests import KEY, infer, inputs_of, probabilities, wanted

BY_VERSION = "/v2/models/spotify/versions/3/infer"


def rows_of(track: Row, count: int) -> list[Row]:
    # Shares that no shorter float holds.
    return [
        {**track, "energy": (place + 1) / 7, "artist_name": f"Ärtist {place}"}
        for place in range(count)
    ]


@pytest.mark.parametrize("binary", [True, False])
@pytest.mark.parametrize("wide", [True, False])
@pytest.mark.parametrize("count", [1, 5])
def test_probabilities_are_to_the_last_bit_those_of_predict(
    client: TestClient, spotify: UseCase, track: Row, binary: bool, wide: bool, count: int
) -> None:
    rows = rows_of(track, count)
    inputs = inputs_of(spotify, rows, binary=binary, wide=wide)
    for outputs in (None, wanted("popular", "probability", binary=binary)):
        answer, result = infer(client, inputs, outputs=outputs, request_id="take-5")
        found = result.as_numpy("probability")
        assert found.dtype == np.float64
        assert found.tolist() == probabilities(client, rows).tolist()
        assert result.as_numpy("popular").tolist() == (found >= 0.5).astype(int).tolist()
        told = result.get_response()
        assert (told["model_name"], told["model_version"], told["id"]) == ("spotify", "1", "take-5")
        assert told["parameters"] == {"prediction_id": answer.headers["X-Prediction-ID"]}
        kind = "json" if outputs and not binary else "octet-stream"
        assert answer.headers["Content-Type"] == f"application/{kind}"


@pytest.mark.parametrize(
    ("number", "integer"), [("FP32", "INT32"), ("FP64", "INT16"), ("FP16", "UINT64")]
)
def test_narrow_numbers_mean_the_same_in_json_and_in_bytes(
    client: TestClient, spotify: UseCase, track: Row, number: str, integer: str
) -> None:
    rows = [{**row, "duration_ms": 30_000} for row in rows_of(track, 3)]
    held = [
        infer(client, inputs_of(spotify, rows, binary=binary, number=number, integer=integer))[1]
        for binary in (True, False)
    ]
    kind: Any = {"FP64": np.float64, "FP32": np.float32, "FP16": np.float16}[number]
    # As many bits as were sent, and not one more.
    seen = [{**row, "energy": float(kind(row["energy"]))} for row in rows]
    for result in held:
        assert result.as_numpy("probability").tolist() == probabilities(client, seen).tolist()


def test_whole_numbers_stand_for_numbers(client: TestClient, spotify: UseCase, track: Row) -> None:
    row = {**track, **{name: int(value) for name, value in track.items() if type(value) is float}}
    for integer in ("INT64", "INT32"):
        inputs = inputs_of(spotify, [row], number=integer, integer=integer)
        _, result = infer(client, inputs)
        assert result.as_numpy("probability").tolist() == probabilities(client, [row]).tolist()


def test_only_what_is_wanted_is_answered(client: TestClient, spotify: UseCase, track: Row) -> None:
    inputs = inputs_of(spotify, [track])
    mixed = [*wanted("probability", binary=False), *wanted("popular", binary=True)]
    _, result = infer(client, inputs, outputs=mixed)
    told = result.get_response()
    assert [output["name"] for output in told["outputs"]] == ["probability", "popular"]
    assert told["outputs"][0]["data"] == probabilities(client, [track]).tolist()
    assert told["outputs"][1]["parameters"] == {"binary_data_size": 8}
    assert result.as_numpy("popular").tolist() == [0]
    assert "id" not in told
    _, result = infer(client, inputs, outputs=wanted("popular"))
    assert result.as_numpy("probability") is None


def test_a_version_answers_by_its_number(client: TestClient, spotify: UseCase, track: Row) -> None:
    answer, result = infer(client, inputs_of(spotify, [track]), BY_VERSION)
    assert result.get_response()["model_version"] == answer.headers["X-Model-Version"] == "3"
    assert "X-Model-Alias" not in answer.headers
    assert infer(client, inputs_of(spotify, [track]))[0].headers["X-Model-Alias"] == "production"
    for path in ("versions/9", "versions/production", "versions/3/more", "versions/-1"):
        missing = client.post(f"/v2/models/spotify/{path}/infer", json={"inputs": []}, headers=KEY)
        assert (missing.status_code, list(missing.json())) == (404, ["error"])


def tensor(name: str = "energy", **change: Any) -> dict[str, Any]:
    return {"name": name, "shape": [1], "datatype": "FP64", "data": [0.5], **change}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"name": "loudnes"}, "loudnes: not an input of the model"),
        ({"name": 7}, "7: not an input"),
        ({"name": "year"}, "year: expected one tensor, got more"),
        ({"datatype": "BYTES"}, "energy: expected a datatype among"),
        ({"datatype": "BOOL"}, "energy: expected a datatype among"),
        ({"datatype": None}, "energy: expected a datatype among"),
        ({"datatype": ["FP64"]}, "energy: expected a datatype among"),
        ({"shape": [2]}, "energy: expected 2 values, as the shape says, got 1"),
        ({"shape": [1, 2]}, "energy: expected a shape [n] or [n, 1]"),
        ({"shape": []}, "energy: expected a shape"),
        ({"shape": None}, "energy: expected a shape"),
        ({"shape": [-1]}, "energy: expected -1 values"),
        ({"shape": ["1"]}, "energy: expected 1 values"),
        ({"data": 0.5}, "energy: expected a list in data"),
        ({"data": ["0.5"]}, "energy: expected FP64, got '0.5'"),
        ({"data": [True]}, "energy: expected FP64, got 'True'"),
        ({"data": [None]}, "energy: expected FP64, got 'None'"),
        ({"data": [[0.5], 0.5]}, "energy: expected values or lists"),
        ({"data": [[[0.5]]]}, "energy: expected FP64"),
        ({"data": [1.5]}, "energy: Input should be less than or equal to 1"),
        ({"data": [float("nan")]}, "energy: "),
        ({"data": [10**400]}, "energy: "),
        ({"datatype": "FP32", "data": [10**400]}, "energy: expected FP32, got a larger number"),
        ({"datatype": "FP32", "data": [1e300]}, "energy: "),
        ({"datatype": "INT8", "data": [300]}, "energy: expected INT8, got a larger number"),
        ({"datatype": "INT8", "data": [0.5]}, "energy: expected INT8, got '0.5'"),
        ({"parameters": []}, "energy: expected an object in parameters"),
        ({"parameters": {"binary_data_size": 8}}, "energy: expected binary_data_size within"),
        ({"parameters": {"binary_data_size": "0"}}, "energy: expected binary_data_size within"),
        ({"parameters": {"shared_memory_region": "r"}}, "energy: shared memory is not offered"),
    ],
)
def test_a_tensor_that_does_not_fit_is_refused_by_its_name(
    client: TestClient, spotify: UseCase, track: Row, change: dict[str, Any], told: str
) -> None:
    others = [
        part._get_tensor() for part in inputs_of(spotify, [track], binary=False)
        if part.name() != "energy"
    ]  # fmt: skip
    body = json.dumps({"inputs": [*others, tensor(**change)]})
    answer = client.post("/v2/models/spotify/infer", content=body)
    assert answer.status_code == 400
    assert list(answer.json()) == ["error"]
    assert answer.json()["error"].startswith(told)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"inputs": None}, "inputs: expected a list"),
        ({"inputs": [7]}, "not an input of the model"),
        ({"inputs": []}, "year: required, but missing"),
        ({"id": 7}, "id: expected a text"),
        ({"outputs": 7}, "outputs: expected a list"),
        ({"outputs": [7]}, "outputs: expected a list"),
        ({"outputs": [{"name": "loudness"}]}, "outputs: expected popular and probability"),
        ({"outputs": [{}]}, "outputs: expected popular and probability"),
        ({"outputs": [{"name": ["popular"]}]}, "outputs: expected popular and probability"),
        ({"outputs": [{"name": "popular"}] * 2}, "outputs: expected popular and probability"),
        ({"outputs": [{"name": "popular", "parameters": {"classification": 1}}]}, "popular: "),
        ({"outputs": [{"name": "popular", "parameters": {"binary_data": 1}}]}, "binary_data: "),
        ({"parameters": {"binary_data_output": "yes"}}, "binary_data_output: expected true"),
        ({"parameters": 7}, "expected an object in parameters"),
    ],
)
def test_a_request_that_does_not_fit_is_refused(
    client: TestClient, spotify: UseCase, track: Row, change: dict[str, Any], told: str
) -> None:
    inputs = [part._get_tensor() for part in inputs_of(spotify, [track], binary=False)]
    answer = client.post("/v2/models/spotify/infer", json={"inputs": inputs, **change})
    assert answer.status_code == 400
    assert answer.json()["error"].startswith(told)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"inputs": [], "inputs": []}'])
def test_what_is_no_request_is_refused(client: TestClient, body: bytes) -> None:
    answer = client.post("/v2/models/spotify/infer", content=body)
    assert (answer.status_code, list(answer.json())) == (400, ["error"])


def test_a_key_that_stands_twice_is_refused_wherever_it_stands(
    client: TestClient, spotify: UseCase, track: Row
) -> None:
    inputs = [part._get_tensor() for part in inputs_of(spotify, [track], binary=False)]
    good = json.dumps({"inputs": inputs, "parameters": {"priority": 1}})
    assert client.post("/v2/models/spotify/infer", content=good).status_code == 200
    for one, two in (
        ('"priority": 1', '"priority": 1, "priority": 1'),
        ('"data"', '"data":1,"data"'),
    ):
        answer = client.post("/v2/models/spotify/infer", content=good.replace(one, two, 1))
        assert answer.status_code == 400
        assert "expected each key once" in answer.json()["error"]


def test_no_bad_row_is_passed_over(client: TestClient, spotify: UseCase, track: Row) -> None:
    rows = [track, {**track, "energy": 1.5}, track, {**track, "genre": ""}]
    inputs = [part._get_tensor() for part in inputs_of(spotify, rows, binary=False)]
    answer = client.post("/v2/models/spotify/infer", json={"inputs": inputs})
    assert answer.status_code == 400
    assert answer.json()["error"].startswith("row 1: energy: ")
    assert "; row 3: genre: " in answer.json()["error"]
    short = [*inputs[:-1], {**inputs[-1], "shape": [1], "data": inputs[-1]["data"][:1]}]
    answer = client.post("/v2/models/spotify/infer", json={"inputs": short})
    assert answer.json()["error"].startswith("inputs: expected tensors equally long")


def test_each_row_is_logged_as_those_of_batches_are(
    client: TestClient, registered: Home, spotify: UseCase, track: Row
) -> None:
    for count in (1, 3):
        rows = rows_of(track, count)
        answer, result = infer(client, inputs_of(spotify, rows))
        begun = answer.headers["X-Prediction-ID"]
        held = lines_being_written(registered.folder)
        logged = [line for line in held if line["prediction_id"].startswith(begun)]
        assert [line["prediction_id"] for line in logged] == [f"{begun}-{n}" for n in range(count)]
        assert [line["row"] for line in logged] == rows
        found = result.as_numpy("probability").tolist()
        assert [line["probability"] for line in logged] == found


def test_limits_are_those_of_batches(registered: Home, spotify: UseCase, track: Row) -> None:
    settings = settings_of(home=registered.folder, log=False, max_batch=2, max_body_bytes=4096)
    with TestClient(create_app(settings)) as small:
        inputs = [part._get_tensor() for part in inputs_of(spotify, [track] * 3, binary=False)]
        answer = small.post("/v2/models/spotify/infer", json={"inputs": inputs})
        assert (answer.status_code, answer.json()) == (
            400,
            {"error": "expected 1 to 2 rows, got 3"},
        )
        large = small.post("/v2/models/spotify/infer", content=b" " * 5000)
        assert (large.status_code, list(large.json())) == (413, ["error"])


def test_metadata_names_what_infer_takes(client: TestClient, track: Row) -> None:
    server = client.get("/v2").json()
    assert server["name"] == "hitcast"
    assert server["extensions"] == ["binary_tensor_data"]
    for path in ("/v2/models/spotify", "/v2/models/spotify/versions/2"):
        told = client.get(path, headers=KEY).json()
        assert (told["name"], told["versions"]) == ("spotify", ["1", "2", "3"])
        assert [output["name"] for output in told["outputs"]] == ["popular", "probability"]
        optional = [part["name"] for part in told["inputs"] if "parameters" in part]
        assert optional == ["artist_name"]
    row = {"artist_name": "Daft Punk", **track}
    inputs = [{**part, "shape": [1], "data": [row[part["name"]]]} for part in told["inputs"]]
    assert client.post("/v2/models/spotify/infer", json={"inputs": inputs}).status_code == 200
    assert client.get("/v2/models/spotify/versions/9", headers=KEY).status_code == 404
    assert client.get("/v2/models/other").json()["error"].startswith("expected the model 'spotify'")


def test_what_can_answer_is_ready(client: TestClient) -> None:
    assert client.get("/v2/health/live").json() == {"live": True}
    assert client.get("/v2/health/ready").json() == {"ready": True}
    for path in ("models/spotify", "models/spotify/versions/2"):
        answer = client.get(f"/v2/{path}/ready", headers=KEY)
        assert (answer.status_code, answer.json()) == (200, {"name": "spotify", "ready": True})
    for path in ("models/other", "models/spotify/versions/9"):
        assert client.get(f"/v2/{path}/ready", headers=KEY).status_code == 404
    named = client.get("/v2/models/spotify/versions/2/ready")
    assert (named.status_code, list(named.json())) == (401, ["error"])


@pytest.mark.parametrize("outputs", [{}, 0, False, ""])
def test_outputs_that_are_no_list_are_refused_though_they_are_empty(
    client: TestClient, outputs: object
) -> None:
    described = client.get("/openapi.json").json()["paths"]["/v2/models/{name}/infer"]["post"]
    body = described["requestBody"]["content"]["application/json"]["example"]
    answer = client.post("/v2/models/spotify/infer", json={**body, "outputs": outputs})
    assert answer.status_code == 400
    assert answer.json()["error"].startswith("outputs: expected a list")
