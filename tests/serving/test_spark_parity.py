"""The whole way: a model trained by Spark answers over HTTP what Spark says of the same tracks."""

import json
from pathlib import Path
from urllib.request import Request

import mlflow
import numpy as np
import pandas as pd
import pytest
from pyspark.ml.functions import vector_to_array
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from hitcast.declaration.use_case import UseCase
from hitcast.models.registry import Registry
from hitcast.running.home import Home
from hitcast.sources.twin import generate_tracks
from hitcast.tables.delta import GENERATED
from hitcast.tables.lakehouse import Lakehouse
from hitcast.training.options import build_options
from hitcast.training.trainer import train
from tests.servers import OPENER
from tests.serving.conftest import Serve

pytestmark = [pytest.mark.spark, pytest.mark.slow]


@pytest.mark.parametrize(
    ("family", "tolerance"), [("gradient_boosted_trees", 1e-9), ("xgboost", 1e-6)]
)
def test_answers_over_http_are_spark_s(
    spark: SparkSession,
    spotify: UseCase,
    tmp_path: Path,
    serve: Serve,
    family: str,
    tolerance: float,
) -> None:
    home = Home(tmp_path / "home")
    schema = ", ".join(f"`{c.name}` {c.spark_type}" for c in spotify.columns)
    tracks = generate_tracks(4000, seed=5)[list(spotify.column_names)]
    rows = spark.createDataFrame(tracks, schema)
    Lakehouse(spark, home.lakehouse, spotify.name).gold.create_from(rows, {GENERATED: "true"})
    train(spark, spotify, home, build_options(spotify, candidates=[family], trials=1, folds=2))

    asked = generate_tracks(1000, seed=11)[list(spotify.column_names)]
    model = mlflow.spark.load_model(
        Registry(home, spotify.name).version(1).tags["hitcast.spark_model"]
    )
    said = model.transform(spark.createDataFrame(asked, schema)).select(
        spotify.key, vector_to_array(F.col("probability"))[1].alias("p")
    )
    expected = said.toPandas().set_index(spotify.key)["p"].reindex(asked[spotify.key])
    with serve(home.folder) as server:
        server.wait_until("ready")
        answers = ask(server.port, asked, spotify)
        profiles = json.loads(server.get("/profiles")[1])
        similar = ask_one(server.port, "/similar", body_of(asked, spotify)[0])["similar"]
    assert np.abs(answers["probability"] - expected.to_numpy()).max() <= tolerance
    threshold = Registry(home, spotify.name).metrics(
        Registry(home, spotify.name).version(1).run_id
    )["threshold"]
    assert (answers["popular"] == (expected.to_numpy() >= threshold)).all()
    # What the training wrote beside the scorer is served too.
    assert profiles["generated"] is True
    assert profiles["overall"]["rows"] < 4000
    assert all(0 <= p["base_rate"] <= 1 for p in profiles["profiles"].values())
    assert isinstance(similar, list)


def body_of(tracks: pd.DataFrame, use_case: UseCase) -> list[dict[str, object]]:
    names = [column.name for column in use_case.features]
    found: list[dict[str, object]] = json.loads(
        tracks[names].to_json(orient="records", double_precision=15)
    )
    return found


def ask_one(port: int, path: str, body: object) -> dict[str, list[object]]:
    request = Request(f"http://127.0.0.1:{port}{path}", json.dumps(body).encode())
    with OPENER.open(request, timeout=60) as answer:
        found: dict[str, list[object]] = json.load(answer)
    return found


def ask(port: int, tracks: pd.DataFrame, use_case: UseCase) -> pd.DataFrame:
    body = {"instances": body_of(tracks, use_case)}
    return pd.DataFrame(ask_one(port, "/predict/batch", body)["predictions"])
