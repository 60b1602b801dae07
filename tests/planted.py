"""One training of all families on tracks whose label is planted, shared by all who need a model.

Energy decides the label; in every second genre a little less of it is enough, so that what trees
say of genres is compared with Spark too.
"""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pyspark.sql import DataFrame, SparkSession

from hitcast.declaration.use_case import UseCase
from hitcast.running.home import Home
from hitcast.sources.twin import generate_tracks
from hitcast.tables.delta import GENERATED
from hitcast.tables.lakehouse import Lakehouse
from hitcast.training import trainer
from hitcast.training.blending import choose
from hitcast.training.data import TrainingData
from hitcast.training.families import Families
from hitcast.training.members import Member, Model, fit_model, refit
from hitcast.training.options import TrainOptions, build_options
from hitcast.training.searches import FamilyResult
from hitcast.training.winner import Winner, finish_winner

FAMILIES = ("logistic_regression", "random_forest", "gradient_boosted_trees", "xgboost")
ROWS = 3000


@dataclass(frozen=True)
class Trained:
    """A training with what its result does not tell: each family's pipeline, exported.

    Attributes:
        home: Where gold, runs and registry lie.
        told: What `train` returned.
        families: What each family's search gave.
        finished: Each family's pipeline, calibrated, exported and compared, as the winner's is; and
            `ensemble`, if that has won.
    """

    home: Home
    told: dict[str, Any]
    families: dict[str, FamilyResult]
    finished: dict[str, Winner]


def track_rows(spark: SparkSession, use_case: UseCase, tracks: pd.DataFrame) -> DataFrame:
    """Tracks as a frame with the declared types."""
    schema = ", ".join(f"`{c.name}` {c.spark_type}" for c in use_case.columns)
    return spark.createDataFrame(tracks[list(use_case.column_names)], schema)


def home_with(spark: SparkSession, use_case: UseCase, folder: Path, tracks: pd.DataFrame) -> Home:
    """A home whose gold table holds generated tracks, made without an ingest."""
    home = Home(folder)
    gold = Lakehouse(spark, home.lakehouse, use_case.name).gold
    gold.create_from(track_rows(spark, use_case, tracks), {GENERATED: "true"})
    return home


def quick(use_case: UseCase, *candidates: str, **given: Any) -> TrainOptions:
    """The shortest training: one trial, two folds."""
    return build_options(use_case, candidates=candidates, trials=1, folds=2, **given)


def planted_tracks() -> pd.DataFrame:
    """Generated tracks with the planted label; about a third are popular."""
    tracks = generate_tracks(ROWS, seed=3)
    easier = tracks["genre"].rank(method="dense").to_numpy() % 2
    popular = tracks["energy"] + 0.05 * easier > 0.85
    return tracks.assign(popularity=np.where(popular, 80, 10))


def train_all(
    spark: SparkSession, use_case: UseCase, home: Home, folder: Path, *candidates: str
) -> Trained:
    """Train, and finish each family as `train` finishes the winner; scorers go into `folder`."""
    seen: list[tuple[TrainingData, list[FamilyResult], dict[str, Model]]] = []

    def remembered(work: Families, found: list[FamilyResult]) -> Model:
        model = fit_model(work, found)
        kept = {member.result.name: member for member in model.members}
        alone = {str(r.name): _alone(work, r, kept.get(r.name)) for r in found}
        alone |= {model.family: model} if len(model.members) > 1 else {}
        seen.append((work.data, found, alone))
        return model

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(trainer, "fit_model", remembered)
        told = trainer.train(spark, use_case, home, quick(use_case, *candidates, seed=7))
    ((data, results, models),) = seen
    finished = {
        name: finish_winner(model, data, use_case, folder / name / "scorer")
        for name, model in models.items()
    }
    return Trained(home, told, {str(result.name): result for result in results}, finished)


def _alone(work: Families, result: FamilyResult, member: Member | None) -> Model:
    """A family as the only member; what the training has fitted of it is taken from there."""
    chosen = choose(result.best.rows, [result.best.probability], work.use_case.training.metric)
    if member is None:
        return Model(refit(work, [result], chosen), chosen)
    return Model((replace(member, weight=chosen.blend.weights[0]),), chosen)


@pytest.fixture(scope="session")
def planted(
    classic_session: SparkSession, spotify: UseCase, tmp_path_factory: pytest.TempPathFactory
) -> Trained:
    """All families trained on the planted tracks; version 1 of the home is the winner."""
    folder = tmp_path_factory.mktemp("planted")
    home = home_with(classic_session, spotify, folder / "home", planted_tracks())
    return train_all(classic_session, spotify, home, folder)
