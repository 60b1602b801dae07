"""Use cases that differ in their classes, each behind an API of its own."""

import json
from pathlib import Path
from typing import Any, NamedTuple

import jsonschema  # type: ignore[import-untyped]
import numpy as np
import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient
from starlette.types import Receive, Scope, Send

from hitcast.declaration.loading import load_use_case
from hitcast.declaration.use_case import UseCase
from hitcast.errors import ScorerInputError
from serving.columns import Row
from serving.row_models import example
from serving.versions.served import Served as Version
from serving.versions.snapshot import VersionInfo
from tests.conftest import ROOT
from tests.five import ROW, five, loose, make_scorer
from tests.placed import placed_app, small_app
from tests.serving.conftest import ADMIN, lines_being_written
from tests.serving.protocols.requests import infer, inputs_of, wanted


class Served(NamedTuple):
    """A use case with an API on it."""

    use_case: UseCase
    client: TestClient
    row: Row
    home: Path


@pytest.fixture(scope="module", params=["fraud", "pistachio", "seeds"])
def served(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Served:
    """One of the use cases."""
    return serving(request.param, tmp_path_factory.mktemp(request.param))


@pytest.fixture(scope="module")
def seeds(tmp_path_factory: pytest.TempPathFactory) -> Served:
    """That with five classes."""
    return serving("seeds", tmp_path_factory.mktemp("five"))


@pytest.fixture(scope="module")
def pistachio(tmp_path_factory: pytest.TempPathFactory) -> Served:
    """That with two named classes."""
    return serving("pistachio", tmp_path_factory.mktemp("two"))


def serving(name: str, home: Path) -> Served:
    use_case = five() if name == "seeds" else load_use_case(name, folder=ROOT / "conf")
    client = TestClient(
        small_app(home, use_case, admin_key=ADMIN), raise_server_exceptions=False,
        headers={"X-API-Key": ADMIN},
    )  # fmt: skip
    row = ROW if name == "seeds" else example(use_case)
    return Served(use_case, client, row, home)


def chances(numbers: list[float]) -> Any:
    """The five classes' probabilities at four quantities."""
    powers = np.exp([*numbers, 0.0])
    return pytest.approx((powers / powers.sum()).tolist(), abs=1e-12)


def test_two_classes_by_value_are_answered_by_0_and_1(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    fraud = serving("fraud", tmp_path_factory.mktemp("fraud"))
    post, row = fraud.client.post, {**fraud.row, "V1": 0.0}
    assert post("/predict", json={**row, "V1": -1.0}).content == b'{"fraud": 0}'
    assert post("/predict", json={**row, "V1": 1.0}).content == b'{"fraud": 1}'
    found = post("/predict?detail=true", json=row).json()
    assert (found["fraud"], found["probability"], found["threshold"]) == (1, 0.5, 0.5)
    assert "probabilities" not in found


def test_two_named_classes_are_answered_by_name_with_the_positive_s_probability(
    pistachio: Served,
) -> None:
    post, row = pistachio.client.post, pistachio.row
    assert post("/predict", json={**row, "AREA": 1}).content == b'{"type": "Siit_Pistachio"}'
    found = post("/predict?detail=true", json={**row, "AREA": 1}).json()
    chance = 1 / (1 + np.exp(-1.0))
    assert found["probability"] == pytest.approx(chance, abs=1e-12)
    assert found["probabilities"] == {
        "Kirmizi_Pistachio": 1.0 - found["probability"], "Siit_Pistachio": found["probability"],
    }  # fmt: skip
    assert found["threshold"] == 0.5
    rows = post("/predict/batch", json={"instances": [row, {}]}).json()["predictions"]
    assert set(rows[0]) == {"type", "probability", "prediction_id"}
    assert set(rows[1]) == {"error"}


def test_of_five_classes_the_most_likely_is_answered_with_each_one_s_probability(
    seeds: Served,
) -> None:
    post, names = seeds.client.post, seeds.use_case.label.names
    assert post("/predict", json=ROW).content == b'{"kind": "Einkorn"}'
    found = post("/predict?detail=true", json=ROW).json()
    assert list(found["probabilities"]) == list(names)
    assert list(found["probabilities"].values()) == chances([1.0, 0.5, 3.0, 0.0])
    assert found["probability"] == found["probabilities"]["Einkorn"]
    assert found["threshold"] is None
    other = {**ROW, "length": 9.0}
    rows = post("/predict/batch", json={"instances": [ROW, other]}).json()["predictions"]
    assert [row["kind"] for row in rows] == ["Einkorn", "Emmer"]
    assert [set(row) for row in rows] == [{"kind", "probabilities", "prediction_id"}] * 2
    assert list(rows[1]["probabilities"].values()) == chances([9.0, 0.5, 3.0, 0.0])


def test_a_name_with_quotes_in_it_is_json(seeds: Served) -> None:
    assert seeds.client.post("/predict", json={**ROW, "shine": 9.0}).json() == {
        "kind": 'Durum "hard"'
    }
    rows = [{**ROW, "shine": 9.0}] * 2
    seeds.client.post("/predict/batch", json={"instances": rows})
    assert lines_being_written(seeds.home)[-1]["label"] == 'Durum "hard"'


def test_an_explanation_tells_of_the_predicted_class_and_of_the_classes_shares(
    seeds: Served, pistachio: Served
) -> None:
    found = seeds.client.post("/explain?feature=length", json=ROW).json()
    shares = [round(15 * share) for share in found["shares"].values()]
    assert (found["kind"], shares) == ("Einkorn", [1, 2, 3, 4, 5])
    assert "base_rate" not in found
    first = found["effects"][0]
    assert first["effect"] == pytest.approx(found["probability"] - first["probability"], abs=1e-12)
    # Longer grains are another kind's, so the predicted one's probability falls.
    assert found["curve"]["probabilities"][0] > found["curve"]["probabilities"][-1]
    two = pistachio.client.post("/explain", json=pistachio.row).json()
    assert (two["base_rate"], two["compared_with"]) == (0.25, None)
    assert set(two["probabilities"]) == set(pistachio.use_case.label.names)


def test_a_curve_without_limits_runs_where_rows_and_the_row_itself_lie(seeds: Served) -> None:
    def ends(length: float) -> tuple[float, float]:
        asked = seeds.client.post("/explain?feature=length", json={**ROW, "length": length})
        values = asked.json()["curve"]["values"]
        return values[0], values[-1]

    assert (ends(1.0), ends(9.0), ends(-3.0)) == ((0.5, 4.5), (0.5, 9.0), (-3.0, 4.5))


def test_mlflow_s_protocol_has_a_column_for_each_probability(seeds: Served) -> None:
    answer = seeds.client.post("/invocations", json={"dataframe_records": [ROW, ROW]})
    rows = answer.json()["predictions"]
    names = seeds.use_case.label.names
    assert list(rows[0]) == ["kind", *(f"probability_{name}" for name in names)]
    assert rows[0]["kind"] == "Einkorn"
    assert list(rows[0].values())[1:] == chances([1.0, 0.5, 3.0, 0.0])


@pytest.mark.parametrize("binary", [True, False])
def test_the_inference_protocol_answers_labels_as_texts(seeds: Served, binary: bool) -> None:
    rows = [ROW, {**ROW, "length": 9.0}]
    names = [f"probability_{name}" for name in seeds.use_case.label.names]
    inputs, path = inputs_of(seeds.use_case, rows, binary=binary), "/v2/models/seeds/infer"
    for outputs in (None, wanted("kind", *names, binary=binary)):
        _, found = infer(seeds.client, inputs, path, outputs=outputs)
        kinds = [k.decode() if isinstance(k, bytes) else k for k in found.as_numpy("kind")]
        assert kinds == ["Einkorn", "Emmer"]
        columns = [found.as_numpy(name) for name in names]
        assert [column[0] for column in columns] == chances([1.0, 0.5, 3.0, 0.0])
    told = seeds.client.get("/v2/models/seeds").json()["outputs"]
    assert [output["datatype"] for output in told] == ["BYTES", *["FP64"] * 5]
    assert [output["name"] for output in told] == ["kind", *names]


def test_a_line_of_the_log_holds_the_label_and_how_likely_it_is(served: Served) -> None:
    field = "probabilities" if len(served.use_case.label.names) > 2 else "probability"
    alone = served.client.post("/predict?detail=true", json=served.row).json()
    for body in ({"instances": [served.row]}, {"instances": [served.row, {}]}):
        served.client.post("/predict/batch", json=body)
    output = served.use_case.label.output
    for line in lines_being_written(served.home)[-3:]:
        assert (line["label"], line[field]) == (alone[output], alone[field])
        assert {"probability", "probabilities"} & set(line) == {field}


def test_answers_are_counted_by_label(served: Served) -> None:
    label = served.client.post("/predict", json=served.row).json()[served.use_case.label.output]
    counted = f'hitcast_predictions_total{{alias="production",label="{label}",version="1"}}'
    lines = served.client.get("/metrics").text.splitlines()
    told = [line for line in lines if line.startswith("hitcast_predictions_total{")]
    assert any(line.startswith(counted) and not line.endswith(" 0.0") for line in told)
    assert len({line.split("label=")[1] for line in told}) >= max(
        2, len(served.use_case.label.names)
    )


def test_states_and_switches_know_any_classes(served: Served) -> None:
    client, two = served.client, len(served.use_case.label.names) <= 2
    assert [client.get(path).status_code for path in ("/readyz", "/ping", "/v2/health/ready")] == [
        200, 200, 200,
    ]  # fmt: skip
    state = client.get("/model").json()
    assert (state["version"], state["threshold"]) == (1, 0.5 if two else None)
    try:
        assert client.put("/model", json={"alias": "staging"}).json()["version"] == 2
        answer = client.post("/predict", json=served.row)
        assert answer.headers["X-Model-Version"] == "2"
    finally:
        assert client.delete("/model").json()["version"] == 1
    assert client.post("/predict?version=2", json=served.row).status_code == 200


def test_every_answer_is_as_described(served: Served) -> None:
    """Each call with the example of the description; answers fit their models."""
    described = served.client.get("/openapi.json").json()
    asked = 0
    for path, calls in described["paths"].items():
        content = calls.get("post", {}).get("requestBody", {}).get("content")
        if not content:
            continue
        asked += 1
        shown = content["application/json"]["example"]
        address = path.replace("{name}", served.use_case.name).replace("{version}", "1")
        for query in ("", "?detail=true") if path == "/predict" else ("",):
            answer = served.client.post(address + query, json=shown)
            status = 202 if path == "/feedback" else 200
            assert answer.status_code == status, (path, answer.text)
            schema = calls["post"]["responses"][str(status)]["content"]["application/json"][
                "schema"
            ]
            whole = {**schema, "components": described["components"]}
            jsonschema.validate(json.loads(answer.content), whole)
    assert asked == 8


def test_the_schema_names_classes_and_tells_what_is_typical(served: Served) -> None:
    found, use_case = served.client.get("/schema").json(), served.use_case
    assert found["classes"] == (list(use_case.label.names) or None)
    assert (found["positive"], found["many"]) == (use_case.positive, use_case.many)
    assert (found["note"], found["icon"]) == (use_case.words.note, use_case.words.icon)
    for column in found["inputs"]:
        declared = use_case.column(column["name"])
        if declared.is_quantity:
            whole = declared.type == "integer"
            ends = {"median": 2, "low": 0, "high": 4} if whole else {
                "median": 2.5, "low": 0.5, "high": 4.5,
            }  # fmt: skip
            assert (column["typical"], column["example"]) == (ends, ends["median"])
        else:
            assert (column["typical"], column["example"]) == (None, None)
        assert (column["private"], column["category"]) == (
            declared.private, declared.type == "category",
        )  # fmt: skip
    seasons = [c for c in found["inputs"] if c["category"]]
    assert [(c["type"], c["names"]["0"]) for c in seasons] in ([], [("integer", "autumn")])


def test_what_is_typical_refuses_nothing(served: Served) -> None:
    first = served.use_case.numbers[0].name
    assert served.client.post("/predict", json={**served.row, first: 1000}).status_code == 200


def test_a_category_is_a_whole_number_within_its_bounds(seeds: Served) -> None:
    post = seeds.client.post
    assert post("/predict", json={**ROW, "season": 2.0}).status_code == 200
    told = post("/predict?detail=true", json={**ROW, "season": 2, "grower": "Hof Drei"}).json()
    assert sorted(told["unknown"]) == ["grower", "season"]
    for wrong in (3, -1, 1.5, "spring", None):
        answer = post("/predict", json={**ROW, "season": wrong})
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "season")
        batch = post("/predict/batch", json={"instances": [ROW, {**ROW, "season": wrong}]}).json()
        assert "season" in batch["predictions"][1]["error"]


def test_what_is_left_out_is_not_told_as_unknown(tmp_path: Path) -> None:
    client = TestClient(small_app(tmp_path, loose()))
    row = {"grains": 3, "shine": 0.0, "spots": 0, "damage": 0.0}
    for more in ({}, {"season": None, "grower": None}):
        found = client.post("/predict?detail=true", json={**row, **more})
        assert (found.status_code, found.json()["unknown"]) == (200, [])
    told = client.post("/predict?detail=true", json={**row, "season": 2}).json()
    assert told["unknown"] == ["season"]


def test_what_the_training_knows_of_a_private_input_is_not_told(seeds: Served) -> None:
    post, secret = seeds.client.post, "Hof Geheim" * 60
    told = {c["name"]: c["values"] for c in seeds.client.get("/schema").json()["inputs"]}
    assert set(told.values()) == {None}
    curve = post("/explain?feature=grower", json=ROW)
    assert curve.status_code == 422
    assert "grower is private: no curve" in curve.json()["errors"][0]["message"]
    wrong = {**ROW, "grower": secret}
    tensor = {"name": "grower", "shape": [1, 1], "datatype": "BYTES", "data": [{"a": secret}]}
    inputs = [tensor if t["name"] == "grower" else t for t in tensors_of(ROW)]
    for answer in (
        post("/predict", json=wrong), post("/predict", json={**ROW, "grower": [secret]}),
        post("/predict/batch", json={"instances": [ROW, wrong]}),
        post("/invocations", json={"dataframe_records": [wrong, wrong]}),
        post("/v2/models/seeds/infer", json={"inputs": inputs}),
    ):  # fmt: skip
        assert "grower" in answer.text
        assert "Geheim" not in answer.text
    # What is not private is told with what arrived.
    assert "got 'Emmer'" in post("/predict", json={**ROW, "length": "Emmer"}).text


def tensors_of(row: Row) -> list[Row]:
    kinds = {str: "BYTES", int: "INT64", float: "FP64"}
    return [
        {"name": name, "shape": [1, 1], "datatype": kinds[type(value)], "data": [value]}
        for name, value in row.items()
    ]


def test_without_a_column_to_go_by_there_is_one_profile_and_no_reference(served: Served) -> None:
    found = served.client.get("/profiles").json()
    assert (found["by"], found["profiles"], found["overall"]["rows"]) == (None, {}, 400)
    unknown = served.client.get("/profiles?value=x")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "unknown-value")
    assert "there is one profile" in unknown.json()["detail"]
    assert served.client.post("/similar", json=served.row).json() == {"similar": []}


def test_three_use_cases_with_one_home_stand_behind_one_proxy_by_path(tmp_path: Path) -> None:
    home, apps = tmp_path / "home", dict[str, FastAPI]()
    for use_case in (load_use_case("fraud", folder=ROOT / "conf"), five()):
        scorer = make_scorer(tmp_path / use_case.name / "scorer", use_case)
        apps[use_case.name] = placed_app(home, use_case, [scorer])

    async def by_path(scope: Scope, receive: Receive, send: Send) -> None:
        # As uvicorn hands a request on when it was told of the prefix that the proxy strips.
        prefix = scope["path"].split("/")[1]
        await apps[prefix]({**scope, "root_path": f"/{prefix}"}, receive, send)

    proxy = TestClient(by_path)
    fraud = proxy.get("/fraud/openapi.json").json()
    assert fraud["servers"] == [{"url": "/fraud"}]
    shown = fraud["paths"]["/predict"]["post"]["requestBody"]["content"]["application/json"]
    assert proxy.post("/fraud/predict", json=shown["example"]).json() == {"fraud": 1}
    assert proxy.post("/seeds/predict", json=ROW).json() == {"kind": "Einkorn"}
    assert proxy.get("/seeds/model").json()["model"] == "seeds"
    lines = [
        json.loads(line)
        for segment in (home / "inference_log").iterdir()
        for line in segment.read_text().splitlines()
    ]
    assert {line["model"]: line["label"] for line in lines} == {"fraud": 1, "seeds": "Einkorn"}
    assert {path.name for path in (home / "model_cache").iterdir()} == {"fraud", "seeds"}


def test_a_version_that_answers_other_classes_is_refused(tmp_path: Path) -> None:
    place = make_scorer(tmp_path / "scorer", five())
    declared = five()
    label = declared.label.model_copy(update={"classes": declared.label.classes[::-1]})
    changed = declared.model_copy(update={"label": label})
    assert Version(VersionInfo(1, "r"), place, declared).classes == declared.label.names
    with pytest.raises(ScorerInputError, match="the model answers"):
        Version(VersionInfo(1, "r"), place, changed)
