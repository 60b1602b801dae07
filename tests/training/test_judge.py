"""Versions judged on gold's rows, and the story that the table of moves tells of them."""

import json
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pyspark.sql import SparkSession

from hitcast.declaration.fingerprint import fingerprint_of
from hitcast.declaration.sections import Promotion, Split
from hitcast.declaration.use_case import UseCase
from hitcast.errors import MissingColumnsError, RegistryError
from hitcast.models.alias_history import NAME, AliasHistory
from hitcast.models.by_hand import roll_back, write_moves
from hitcast.models.calibration import platt
from hitcast.models.exporting import export_production
from hitcast.models.registry import Registry
from hitcast.models.tracking import Tracker
from hitcast.models.version_tags import (
    DATA_AT,
    GENERATED_TAG,
    NOT_JUDGED,
    PARITY,
    REASON_TAG,
    TABLE_ID,
    TABLE_VERSION,
)
from hitcast.portable.card import VERSION_FILE, Card, InputColumn
from hitcast.portable.parity import ParityResult
from hitcast.portable.scorer import Scorer
from hitcast.running.home import Home
from hitcast.tables.lakehouse import Lakehouse
from hitcast.training.judge import judge_staging
from hitcast.training.judged_rows import JudgedRows
from hitcast.training.registering import register
from hitcast.training.split import with_test_mark
from tests.copies import new_home
from tests.planted import home_with, planted_tracks, quick
from tests.small_models import make_track_scorer, register_folder

pytestmark = pytest.mark.spark


@pytest.fixture(scope="module")
def tracks() -> pd.DataFrame:
    """Tracks whose energy decides the label."""
    return planted_tracks()


@pytest.fixture(scope="module")
def home(
    spark: SparkSession,
    spotify: UseCase,
    tracks: pd.DataFrame,
    tmp_path_factory: pytest.TempPathFactory,
) -> Home:
    """A home whose gold table holds them."""
    home = new_home(tmp_path_factory.mktemp("judged") / "home")
    return home_with(spark, spotify, home.folder, tracks)


def platt_by(tracks: pd.DataFrame, use_case: UseCase, column: str) -> tuple[float, float]:
    """Slope and intercept of a column's log-odds."""
    label = np.asarray(tracks["popularity"] >= use_case.label.at_least, dtype=np.float64)
    return platt(label, np.asarray(tracks[column], dtype=np.float64))


def register_by(
    home: Home, use_case: UseCase, tracks: pd.DataFrame, column: str, folder: Path, table: str
) -> int:
    """Register a model that looks at one column alone, and calibrates it."""
    weight, bias = platt_by(tracks, use_case, column)
    scorer = make_track_scorer(folder, use_case, bias, generated=True, by=column, weight=weight)
    example = {c.name: tracks[c.name].iloc[0] for c in use_case.features}
    return register_folder(
        home, use_case.name, scorer, example, generated=True, more={TABLE_ID: table}
    )


def test_each_move_of_a_story_with_a_rollback_is_a_row(
    spark: SparkSession,
    spotify: UseCase,
    tracks: pd.DataFrame,
    home: Home,
    tmp_path: Path,
) -> None:
    lakehouse = Lakehouse(spark, home.lakehouse, spotify.name)
    exporting = spotify.model_copy(update={"promotion": Promotion(export="served")})
    table, told = lakehouse.gold.identity(), []
    for number, column in enumerate(("loudness", "energy", "acousticness"), 1):
        assert (
            register_by(home, spotify, tracks, column, tmp_path / column / "scorer", table)
            == number
        )
        registry = Registry(home, spotify.name)
        told.append(judge_staging(lambda: spark, registry, exporting, home))
    assert [t["decision"] for t in told] == ["promoted", "promoted", "not promoted"]
    assert registry.aliases() == {"previous": 1, "production": 2, "staging": 3}
    served = json.loads((home.folder / "served" / VERSION_FILE).read_text())
    assert served["version"] == 2, "each move of production is exported where conf names a folder"

    for expected in (1, 2):
        assert roll_back(registry)["version"] == expected
        write_moves(registry, spotify, home)
    rows = AliasHistory(lakehouse.table(NAME), registry.name).rows()
    names = ("alias", "from_version", "to_version", "decision")
    assert [tuple(row[name] for name in names) for row in rows] == [
        ("production", None, 1, "promoted"),
        ("production", 1, 2, "promoted"),
        ("staging", None, 3, "not promoted"),
        ("production", 2, 1, "rolled back"),
        ("production", 1, 2, "rolled back"),
    ]
    assert [row["number"] for row in rows] == [1, 2, 3, 4, 5]
    assert dict(rows[1]["figures"])["gain"] > 0.005
    assert "one of 3 tries" in rows[2]["why"]


def test_exported_files_are_loadable_and_never_take_another_folders_place(
    spotify: UseCase, tracks: pd.DataFrame, home: Home, tmp_path: Path
) -> None:
    registry = Registry(home, spotify.name)
    if registry.aliases().get("production") is None:
        register_by(home, spotify, tracks, "energy", tmp_path / "scorer", "table")
        registry.set_alias("production", 1)
    folder = tmp_path / "export"
    for _ in range(2):
        told = export_production(registry, folder)
        assert told["version"] == registry.aliases()["production"]
        assert {"model.onnx", "card.json", VERSION_FILE} <= {p.name for p in folder.iterdir()}
    row = {c.name: [tracks[c.name].iloc[0]] for c in spotify.features}
    assert Scorer.load(folder).probabilities(row).shape == (1,)
    (folder / VERSION_FILE).unlink()
    with pytest.raises(RegistryError, match="found something else there"):
        export_production(registry, folder)
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".export")] == []


def test_a_trained_scorer_is_judged_before_it_is_registered_whatever_comes_of_that(
    spark: SparkSession, spotify: UseCase, tracks: pd.DataFrame, home: Home, tmp_path: Path
) -> None:
    lakehouse = Lakehouse(spark, home.lakehouse, spotify.name)
    of_its_own = Home(home.folder, model_name="trained")
    bound = platt_by(tracks, spotify, "energy")
    folder = make_track_scorer(
        tmp_path / "scorer", spotify, bound[1], generated=True, weight=bound[0]
    )
    scorer = Scorer.load(folder)
    model = SimpleNamespace(family="logistic_regression", members=[])
    winner: Any = SimpleNamespace(
        model=model, parity=ParityResult(1e-12, 0, len(tracks)), scorer=scorer
    )
    tags = {TABLE_VERSION: "0", TABLE_ID: lakehouse.gold.identity(), GENERATED_TAG: "true"}
    tracker = Tracker(of_its_own, "trained")
    with tracker.run("train", tags) as run_id:
        example = {c.name: tracks[c.name].iloc[0] for c in spotify.features}
        uri = tracker.log_scorer(folder, example, tags)

    def trained(use_case: UseCase, **asked: bool) -> tuple[int, list[str]]:
        options = quick(use_case, "logistic_regression", **asked)
        made = register(lakehouse, of_its_own, use_case, options, winner, uri, run_id, tags)
        told.append((made.decision, made.reasons[0]))
        return made.number, made.aliases

    told: list[tuple[str, str]] = []
    assert trained(spotify, promote=False) == (1, ["staging"])
    gone = spotify.model_copy(update={"profiles": None, "split": Split(salt="b", test_percent=9)})
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(JudgedRows, "__call__", lambda *_: 1 / 0)
        assert trained(gone) == (2, ["staging"])
    assert trained(spotify) == (3, ["production"])
    assert trained(spotify) == (4, ["staging"])
    assert [decision for decision, _ in told] == [
        "not judged", "not promoted", "promoted", "not promoted",
    ]  # fmt: skip
    registry = Registry(of_its_own, "trained")
    assert registry.version(4).tags[REASON_TAG].startswith(told[3][1])
    reasons = {v.number: v.tags[REASON_TAG] for v in registry.versions()}
    assert reasons[2].startswith(f"{NOT_JUDGED}: it could not be judged: error: ZeroDivisionError")
    assert reasons[3].startswith("first version: average_precision")
    assert reasons[4].startswith("not better by more than 0.005")
    tagged = registry.version(4).tags
    assert (tagged[PARITY], tagged["hitcast.family"]) == ("1e-12", "logistic_regression")
    log = Path(lakehouse.gold.place, "_delta_log", f"{0:020}.json")
    committed = json.loads(log.read_text().splitlines()[0])["commitInfo"]["timestamp"] // 1000
    assert datetime.fromisoformat(tagged[DATA_AT]).timestamp() == pytest.approx(committed, abs=60)


def card(use_case: UseCase, *names: str, optional: str = "") -> Card:
    inputs = [InputColumn(name, "number") for name in names]
    inputs += [InputColumn(optional, "number", optional=True)] if optional else []
    return Card("spotify", "xgboost", 0.5, tuple(inputs), fingerprint=fingerprint_of(use_case))


def test_rows_are_test_rows_of_both_models_with_the_inputs_of_both(
    spark: SparkSession, spotify: UseCase, tracks: pd.DataFrame, home: Home
) -> None:
    gold = Lakehouse(spark, home.lakehouse, spotify.name).gold
    salted = spotify.model_copy(update={"split": Split(salt="another", test_percent=50)})
    rows = JudgedRows(gold, spotify)
    cards = [card(spotify, "energy", "tempo"), card(salted, "tempo", "loudness", optional="gone")]
    found = rows(cards)
    assert list(found.columns) == ["energy", "tempo", "loudness"]

    marked = gold.read().select("track_id", "artist_name", "energy")
    for place, use_case in enumerate((spotify, salted)):
        marked = marked.transform(with_test_mark(fingerprint_of(use_case)["split"]))
        marked = marked.withColumnRenamed("is_test", f"test_{place}")
    held = marked.toPandas()
    both = held["test_0"] & held["test_1"]
    assert 0.07 < both.mean() < 0.13
    assert sorted(found.columns["energy"]) == sorted(held["energy"][both])
    known = set(held["artist_name"][~both])
    expected = sum(artist not in known for artist in held["artist_name"][both])
    assert 0 < found.unseen.sum() == expected
    assert found.value is not None
    assert set(found.value) <= set(tracks["genre"])
    with pytest.raises(MissingColumnsError, match=r"expected the columns \['gone'\]"):
        rows([card(spotify, "energy"), card(salted, "gone")])
    again: Any = rows(cards)
    assert np.array_equal(again.columns["energy"], found.columns["energy"]), "in one order"
