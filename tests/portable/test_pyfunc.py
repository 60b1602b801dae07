"""The MLflow model: loaded from its files alone, in this process and behind a server."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request

import numpy as np
import pandas as pd
import pytest

from hitcast.portable.card import InputColumn
from hitcast.portable.scorer import Scorer
from tests.jobs.commands import activated
from tests.portable.graphs import small_scorer
from tests.servers import OPENER, mlflow_serving

ROWS = pd.DataFrame(
    {"size": [-20.0, 0.0, 1.0], "colour": [None, "red", "red"], "weight": [np.nan, 2.0, 0.5]},
    index=[7, 3, 5],
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A saved MLflow model around the hand-made scorer; its files are in `scorer` beside it."""
    import mlflow

    from hitcast.portable import pyfunc

    root = tmp_path_factory.mktemp("pyfunc")
    small_scorer(root / "scorer")
    mlflow.pyfunc.save_model(path=root / "model", **pyfunc.log_arguments(root / "scorer"))
    return root


def expected(folder: Path) -> list[float]:
    scorer = Scorer.load(folder / "scorer")
    columns = {str(name): ROWS[name].tolist() for name in ROWS}
    found: list[float] = scorer.probabilities(columns).tolist()
    return found


def test_answers_come_in_the_rows_order_with_their_index(folder: Path) -> None:
    import mlflow

    answers = mlflow.pyfunc.load_model(str(folder / "model")).predict(ROWS)
    assert answers.columns.tolist() == ["popular", "probability"]
    assert answers.index.tolist() == [7, 3, 5]
    assert answers["probability"].tolist() == expected(folder)
    assert answers["popular"].tolist() == [1, 1, 1]


@pytest.mark.parametrize("kind", ["Float64", "Int64", "float32", "object"])
def test_pandas_own_types_and_nulls_are_understood(folder: Path, kind: str) -> None:
    from hitcast.portable.pyfunc import PortableModel

    model = PortableModel()
    model.scorer = Scorer.load(folder / "scorer")
    sizes = pd.Series([1, 2], dtype=kind)
    weights = pd.Series([1, None], dtype=kind)
    colours = pd.Series(["red", None], dtype="string")
    frame = pd.DataFrame({"size": sizes, "weight": weights, "colour": colours})
    plain: dict[str, Any] = {"size": [1.0, 2.0], "weight": [1.0, None], "colour": ["red", None]}
    answers = model.predict(None, frame)
    assert answers["probability"].tolist() == model.scorer.probabilities(plain).tolist()


def test_the_model_has_no_pickle_and_asks_for_four_packages(folder: Path) -> None:
    files = [path for path in (folder / "model").rglob("*") if path.is_file()]
    assert not [path for path in files if path.suffix in {".pkl", ".pickle"}]
    assert {"model.onnx", "card.json", "pyfunc.py"} <= {path.name for path in files}
    lines = (folder / "model" / "requirements.txt").read_text().split()
    names = [line.split("==")[0] for line in lines]
    assert names == ["mlflow", "numpy", "onnxruntime", "pandas"]


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[str]:
    """`mlflow models serve` on the saved model."""
    log = folder / "server.log"
    with mlflow_serving(str(folder / "model"), log=log, environment=activated()) as url:
        yield url


def post(url: str, rows: list[dict[str, Any]]) -> Any:
    body = json.dumps({"dataframe_records": rows}).encode()
    request = Request(f"{url}/invocations", body, {"Content-Type": "application/json"})
    return json.load(OPENER.open(request, timeout=30))


@pytest.mark.slow
def test_mlflow_serves_the_model(folder: Path, server: str) -> None:
    rows = json.loads(ROWS.to_json(orient="records"))
    answers = post(server, rows)["predictions"]
    assert [answer["probability"] for answer in answers] == expected(folder)
    assert [answer["popular"] for answer in answers] == [1, 1, 1]


@pytest.mark.slow
def test_the_server_takes_whole_numbers_and_fewer_columns(server: str) -> None:
    assert post(server, [{"size": -20}])["predictions"] == [{"popular": 1, "probability": 0.5}]


@pytest.mark.slow
def test_the_server_refuses_rows_without_a_required_column(server: str) -> None:
    with pytest.raises(HTTPError, match="400"):
        post(server, [{"colour": "red"}])


def test_a_frame_of_whole_numbers_fits_an_integer_input(tmp_path: Path) -> None:
    import mlflow

    from hitcast.portable import pyfunc

    columns = (
        InputColumn("colour", "text", optional=True),
        InputColumn("size", "number", integer=True),
        InputColumn("weight", "number", optional=True, integer=True),
    )
    small_scorer(tmp_path / "scorer", columns)
    mlflow.pyfunc.save_model(path=tmp_path / "model", **pyfunc.log_arguments(tmp_path / "scorer"))
    model = mlflow.pyfunc.load_model(str(tmp_path / "model"))
    rows = pd.DataFrame({"size": [-20, 0], "colour": ["red", None], "weight": [None, 1.0]})
    assert model.predict(rows)["popular"].tolist() == [0, 1]
