"""The protocols over HTTP: real servers, and the clients that others wrote."""

import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request

import numpy as np
import pandas as pd
import pytest
from mlflow.pyfunc.scoring_server.client import ScoringServerClient
from tritonclient.http import InferenceServerClient
from tritonclient.utils import InferenceServerException

from hitcast.declaration.use_case import UseCase
from hitcast.running.home import Home
from serving.columns import Row
from tests.conftest import ROOT
from tests.jobs.commands import activated
from tests.servers import OPENER, mlflow_serving
from tests.serving.conftest import Serve
from tests.serving.protocols.requests import inputs_of, wanted

pytestmark = pytest.mark.slow


@pytest.fixture
def port(home: Home, serve: Serve) -> Iterator[int]:
    """A real server's port."""
    with serve(home.folder) as server:
        server.wait_until("ready")
        yield server.port


def ask(url: str, body: bytes, kind: str = "application/json") -> tuple[int, Any]:
    """Status and JSON of a POST request."""
    try:
        with OPENER.open(Request(url, body, {"Content-Type": kind}), timeout=60) as answer:
            return answer.status, json.load(answer)
    except HTTPError as error:
        return error.code, json.load(error)


def predicted(port: int, rows: list[Row]) -> list[float]:
    url = f"http://127.0.0.1:{port}/predict?detail=true"
    return [ask(url, json.dumps(row).encode())[1]["probability"] for row in rows]


def predicted_together(port: int, rows: list[Row]) -> list[float]:
    body = json.dumps({"instances": rows}).encode()
    found = ask(f"http://127.0.0.1:{port}/predict/batch", body)[1]["predictions"]
    return [row["probability"] for row in found]


def tracks(track: Row, count: int) -> list[Row]:
    return [{**track, "energy": (place + 1) / (count + 1)} for place in range(count)]


def test_triton_s_client_is_answered_to_the_last_bit(
    port: int, spotify: UseCase, track: Row
) -> None:
    client = InferenceServerClient(f"127.0.0.1:{port}")
    assert client.is_server_live()
    assert client.is_server_ready()
    assert client.is_model_ready("spotify")
    assert client.is_model_ready("spotify", "3")
    assert not client.is_model_ready("spotify", "9")
    assert client.get_server_metadata()["name"] == "hitcast"
    assert client.get_model_metadata("spotify", "2")["versions"] == ["1", "2", "3"]
    rows = tracks(track, 51)
    alone = predicted(port, rows)
    assert predicted_together(port, rows) == alone
    for binary in (True, False):
        outputs = None if binary else wanted("probability", binary=False)

        def infer(asked: list[Row], binary: bool = binary, outputs: Any = outputs) -> Any:
            inputs = inputs_of(spotify, asked, binary=binary, wide=binary)
            return client.infer("spotify", inputs, outputs=outputs).as_numpy("probability")

        found = infer(rows)
        assert (found.dtype, found.tolist()) == (np.float64, alone)
        assert [infer([row]).item() for row in rows] == alone
    with pytest.raises(InferenceServerException, match="expected the model 'spotify'") as raised:
        client.infer("other", inputs_of(spotify, [track]))
    assert raised.value.status() == "404"
    with pytest.raises(InferenceServerException, match="energy: Input should be less") as raised:
        client.infer("spotify", inputs_of(spotify, [{**track, "energy": 1.5}]))
    assert raised.value.status() == "400"
    client.close()


def test_the_example_of_the_docs_works_as_it_is(
    port: int, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (ROOT / "docs/api.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    exec(code.replace("127.0.0.1:8000", f"127.0.0.1:{port}"), {})  # noqa: S102
    assert 0 < float(capsys.readouterr().out.strip("[]\n")) < 1


def test_mlflow_s_client_is_answered(
    port: int, track: Row, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    client = ScoringServerClient("127.0.0.1", port)
    client.wait_server_ready()
    assert client.get_version()
    rows = tracks(track, 20)
    expected = predicted_together(port, rows)
    for data in (pd.DataFrame(rows), rows):
        found = client.invoke(data).get_predictions()
        assert found["probability"].tolist() == expected
        assert list(found.columns) == ["popular", "probability"]
    with pytest.raises(Exception, match=r"error code 400.*row 1: energy"):
        client.invoke([track, {**track, "energy": 1.5}])


def forms(rows: list[Row]) -> Iterator[tuple[bytes, str]]:
    """Rows in every form that both servers take."""
    frame = pd.DataFrame(rows)
    with_more = frame.assign(popularity=3, year=frame["year"].astype(float))
    found: list[Any] = [
        {"dataframe_records": rows},
        {"dataframe_records": with_more.to_dict(orient="records")},
        {"dataframe_records": [{**row, "artist_name": None} for row in rows]},
        {"dataframe_split": json.loads(frame.to_json(orient="split", double_precision=15))},
        {"inputs": {name: [row[name] for row in rows] for name in rows[0]}},
        {"inputs": rows},
        {"inputs": rows[0]},
        {"instances": rows},
        {"instances": {name: [row[name] for row in rows] for name in rows[0]}},
        {"dataframe_records": rows, "params": {"x": 1}, "more": 2},
        # What both refuse.
        [],
        {},
        {"inputs": rows, "instances": rows},
        {"dataframe_records": [{**rows[0], "energy": None}]},
        {"dataframe_records": [{**rows[0], "energy": "loud"}]},
        {"dataframe_records": [{"energy": 0.5}]},
        {"dataframe_split": {"data": [[1]]}},
        {"dataframe_records": []},
    ]
    yield from ((json.dumps(form).encode(), "application/json") for form in found)
    yield b"{", "application/json"
    yield with_more.to_csv().encode(), "text/csv; charset=utf-8"
    yield b"", "text/csv"


def test_answers_are_those_of_mlflow_models_serve(
    port: int, home: Home, track: Row, tmp_path: Path
) -> None:
    environment = activated(MLFLOW_TRACKING_URI=home.tracking_uri)
    log = tmp_path / "mlflow.log"
    asked = list(forms([{**track, "energy": share / 4} for share in range(1, 4)]))
    with mlflow_serving("models:/spotify@production", log=log, environment=environment) as url:
        for body, kind in asked:
            status, theirs = ask(f"{url}/invocations", body, kind)
            ours = ask(f"http://127.0.0.1:{port}/invocations", body, kind)
            assert ours[0] == status, (body, ours, theirs)
            if status == 200:
                assert ours[1] == theirs, body
            else:
                assert {"error_code", "message"} <= set(theirs)
                assert set(ours[1]) == {"error_code", "message"}


def test_large_requests_are_answered_in_threads_beside_others(
    port: int, spotify: UseCase, track: Row
) -> None:
    rows = tracks(track, 10_000)
    expected, alone = predicted_together(port, rows), predicted(port, rows[:20])
    body = json.dumps({"dataframe_records": rows}).encode()
    client = InferenceServerClient(f"127.0.0.1:{port}", concurrency=1)
    inputs = inputs_of(spotify, rows)
    with ThreadPoolExecutor(2) as pool:
        records = pool.submit(ask, f"http://127.0.0.1:{port}/invocations", body)
        single = pool.submit(predicted, port, rows[:20])
        status, answered = records.result()
        assert single.result() == alone
    assert status == 200
    assert [row["probability"] for row in answered["predictions"]] == expected
    assert client.infer("spotify", inputs).as_numpy("probability").tolist() == expected
    client.close()
