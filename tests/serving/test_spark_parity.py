"""The whole way: models trained by Spark answer over HTTP what Spark says of the same tracks."""

import json
from urllib.request import Request

import mlflow
import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from pyspark.ml.functions import vector_to_array
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from hitcast.declaration.use_case import UseCase
from hitcast.models.registry import Registry
from hitcast.portable.parity import tolerance_for
from hitcast.sources.twin import generate_tracks
from tests.planted import FAMILIES, ROWS, Trained, track_rows
from tests.servers import OPENER
from tests.serving.conftest import Serve
from tests.small_models import register_folder

pytestmark = [pytest.mark.spark, pytest.mark.slow]


def test_answers_over_http_are_spark_s(
    spark: SparkSession, spotify: UseCase, planted: Trained, serve: Serve
) -> None:
    # Tracks that no training saw: genres and numbers of their own.
    asked = generate_tracks(1000, seed=11)
    versions = registered_versions(planted, spotify)
    assert set(FAMILIES) <= set(versions)
    with serve(planted.home.folder) as server:
        server.wait_until("ready")
        answers = {name: ask(server.port, asked, spotify, versions[name]) for name in versions}
        by_default = ask(server.port, asked, spotify)
        profiles = json.loads(server.get("/profiles")[1])
        explained = ask_one(server.port, "/explain", body_of(asked, spotify)[0])
        similar = ask_one(server.port, "/similar", body_of(asked, spotify)[0])["similar"]
    for family, answer in answers.items():
        model = planted.finished[family].model
        said = [as_spark_reads_it(spark, m.model_uri, asked, spotify) for m in model.members]
        expected = model.chosen.blend.probabilities(said)
        tolerance = tolerance_for(*model.families)
        assert np.abs(answer["probability"] - expected).max() <= tolerance, family
        threshold = planted.finished[family].threshold or 0.0
        assert (answer["popular"] == (expected >= threshold)).all(), family
    # What the training registered is what answers, by the threshold that stands on its run.
    registry, best = Registry(planted.home, spotify.name), planted.told["best"]
    version = registry.version(1)
    uris = [member.model_uri for member in planted.finished[best].model.members]
    assert version.tags["hitcast.spark_model"].split(", ") == uris
    assert registry.metrics(version.run_id)["threshold"] == planted.finished[best].threshold
    pd.testing.assert_frame_equal(by_default, answers[best])
    # What the training wrote beside the scorer is served too.
    assert profiles["generated"] is True
    assert profiles["overall"]["rows"] < ROWS
    assert all(0 <= p["base_rate"] <= 1 for p in profiles["profiles"].values())
    assert isinstance(similar, list)
    # A blend is explained as one model is.
    assert explained["probability"] == pytest.approx(by_default["probability"].iloc[0])
    assert explained["effects"]


def registered_versions(planted: Trained, use_case: UseCase) -> dict[str, int]:
    """Each family's version: 1 is what the training registered, the others are added by hand."""
    found = {planted.told["best"]: int(planted.told["version"])}
    names = [column.name for column in use_case.features]
    for family, finished in planted.finished.items():
        if family not in found:
            row = finished.test_rows.iloc[0]
            example = {name: row[name] for name in names}
            found[family] = register_folder(
                planted.home, use_case.name, finished.folder, example, generated=True
            )
    return found


def as_spark_reads_it(
    spark: SparkSession, model_uri: str, tracks: pd.DataFrame, use_case: UseCase
) -> NDArray[np.float64]:
    """P(label = 1) by the Spark pipeline, loaded from its run, in the order of the tracks."""
    said = mlflow.spark.load_model(model_uri).transform(track_rows(spark, use_case, tracks))
    positive = vector_to_array(F.col("probability"))[1].alias("p")
    found = said.select(use_case.key, positive).toPandas().set_index(use_case.key)["p"]
    return np.asarray(found.reindex(tracks[use_case.key]), dtype=np.float64)


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


def ask(
    port: int, tracks: pd.DataFrame, use_case: UseCase, version: int | None = None
) -> pd.DataFrame:
    """What the API answers for all tracks; without a version, what it answers to everyone."""
    asked = "" if version is None else f"?version={version}"
    body = {"instances": body_of(tracks, use_case)}
    found = pd.DataFrame(ask_one(port, f"/predict/batch{asked}", body)["predictions"])
    assert found["prediction_id"].is_unique
    return found.drop(columns="prediction_id")
