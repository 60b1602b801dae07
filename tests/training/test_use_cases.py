"""Whole trainings of use cases that differ in everything from the tracks."""

import json
from pathlib import Path
from typing import Any

import mlflow
import numpy as np
import pandas as pd
import pytest
import yaml
from pyspark.sql import SparkSession

from hitcast.declaration.loading import load_use_case
from hitcast.models.connection import connect
from hitcast.models.registry import Registry
from hitcast.models.tracking import read_runs
from hitcast.portable.explain import curve, effects
from hitcast.portable.insights import Insights
from hitcast.portable.scorer import Scorer
from hitcast.portable.word_effects import word_effects
from hitcast.running.home import Home
from jobs import ingest as ingest_job
from jobs import promote as promote_job
from jobs import train as train_job
from tests.conftest import ROOT
from tests.jobs.commands import last_line_here
from tests.trees import NAMES, NUMBERS, declared, tree_rows

pytestmark = [pytest.mark.spark, pytest.mark.slow]


def lines_of(frame: pd.DataFrame, path: Path) -> Path:
    frame.to_csv(path, index=False)
    return path


def files_of(home: Home, model: str, folder: Path) -> Path:
    """The first version's scorer, copied."""
    return Registry(home, model).download_scorer(1, folder)


def test_five_classes_from_lines_to_answers(
    spark: SparkSession,  # noqa: ARG001 - the jobs take the session that is there
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    conf, home = tmp_path / "conf", Home(tmp_path / "home")
    conf.mkdir()
    (conf / "trees.yml").write_text(yaml.safe_dump(declared(), sort_keys=False))
    monkeypatch.setenv("HITCAST_CONF", str(conf))
    common = ("--use-case", "trees", "--home", home.folder)
    frame = tree_rows(900)
    wrong = frame.head(3).assign(kind="oak", girth=9.0)
    path = lines_of(pd.concat([frame, wrong]), tmp_path / "trees.csv")
    counted = last_line_here(ingest_job, *common, "--file", path, "--accept", "max_quarantined")
    assert (counted["inserted"], counted["quarantined"]) == (900, 3)

    told = last_line_here(train_job, *common)
    assert told["aliases"] == ["production"]
    assert told["threshold"] is None
    assert set(told["families"]) == set(declared()["candidates"])
    assert told["parity_max_abs_diff"] <= 1e-6
    assert told["test"]["areaUnderROC"] > 0.85
    assert {"macro_f1", "weighted_recall", "matthews", "log_loss"} <= set(told["test"])
    assert sum(told["rows"][f"train_{name}"] for name in NAMES) == told["rows"]["train"]

    files = files_of(home, "trees", tmp_path / "copy")
    scorer = Scorer.load(files)
    assert scorer.card.classes == NAMES
    rows = tree_rows(300, seed=1)
    columns = {name: rows[name].tolist() for name in (*NUMBERS, "soil")}
    labels, probabilities = scorer.predict(columns)
    assert (labels == rows["kind"].to_numpy()).mean() > 0.6
    assert probabilities.sum(axis=1) == pytest.approx(np.ones(300))

    insights = Insights.load(files)
    assert insights is not None
    assert (insights.by, list(insights.overall.shares)) == (None, list(NAMES))
    row = {name: values[0] for name, values in columns.items()}
    found = effects(scorer, insights, row)
    assert [effect.feature for effect in found] != []
    values, drawn = curve(scorer, insights, row, scorer.card.inputs[0])
    assert len(values) == len(drawn) > 5

    connect(home, create=False)
    answers = mlflow.pyfunc.load_model("models:/trees@production").predict(rows.head(4))
    assert list(answers) == ["tree", *(f"probability_{name}" for name in NAMES)]
    assert answers["tree"].tolist() == labels[:4].tolist()

    again = last_line_here(train_job, *common, "--candidates", "naive_bayes", "--no-promote")
    assert again["aliases"] == ["staging"]
    judged = last_line_here(promote_job, *common)
    assert (judged["version"], judged["decision"]) == (2, "not promoted")


def artifacts(home: Home, use_case: str) -> Any:
    """The metrics' file of the newest training."""
    runs = read_runs(home, home.experiment(use_case))
    run = runs[runs["tags.hitcast.level"] == "training"].iloc[0]["run_id"]
    path = mlflow.artifacts.download_artifacts(run_id=run, artifact_path="metrics.json")
    return json.loads(Path(path).read_text())


@pytest.mark.sample
@pytest.mark.nightly
def test_pistachios_are_told_apart_by_name_and_each_trial_is_kept(
    spark: SparkSession,  # noqa: ARG001 - the jobs take the session that is there
    samples: Path,
    tmp_path: Path,
) -> None:
    home = Home(tmp_path / "home")
    common = ("--use-case", "pistachio", "--home", home.folder)
    counted = last_line_here(ingest_job, *common, "--file", samples / "pistachio_sample.csv")
    assert counted["rows_read"] == 1066
    assert counted["quarantined"] == 0
    few = ("--candidates", "logistic_regression", "--trials", "2", "--folds", "3")
    told = last_line_here(train_job, *common, *few)
    assert told["parity_max_abs_diff"] <= 1e-9
    assert told["test"]["areaUnderROC"] > 0.85

    connect(home, create=False)
    rows = pd.read_csv(samples / "pistachio_sample.csv")
    answers = mlflow.pyfunc.load_model("models:/pistachio@production").predict(rows.head(200))
    assert list(answers) == ["type", "probability"]
    assert set(answers["type"]) == {"Kirmizi_Pistachio", "Siit_Pistachio"}
    assert (answers["type"] == rows["Class"].head(200)).mean() > 0.75

    found = artifacts(home, "pistachio")
    classes = found["confusion"]["classes"]
    assert classes == list(load_use_case("pistachio", folder=ROOT / "conf").label.names)
    assert sum(map(sum, found["confusion"]["true_by_predicted"])) == told["rows"]["test"]
    runs = read_runs(home, home.experiment("pistachio"))
    trials = runs[runs["tags.hitcast.level"] == "trial"]
    assert len(trials) == 2
    assert trials["metrics.test_areaUnderROC"].notna().all()
    assert trials["metrics.cv_areaUnderROC"].notna().all()


@pytest.mark.nightly
@pytest.mark.sample
def test_frauds_have_the_probability_of_the_prior_whatever_share_the_sample_has(
    spark: SparkSession,  # noqa: ARG001 - the jobs take the session that is there
    samples: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    conf, home = tmp_path / "conf", Home(tmp_path / "home")
    conf.mkdir()
    declaration = yaml.safe_load((ROOT / "conf" / "fraud.yml").read_text())
    cost = {"false_positive": 1, "false_negative": 50}
    declaration["training"] |= {"prior": 0.0017, "cost": cost}
    fixed = {"maxIter": 30, "regParam": 0.001, "class_balance": 1.0}
    declaration["candidates"] = {"logistic_regression": {"encoding": "one_hot", "fixed": fixed}}
    (conf / "fraud.yml").write_text(yaml.safe_dump(declaration, sort_keys=False))
    monkeypatch.setenv("HITCAST_CONF", str(conf))
    common = ("--use-case", "fraud", "--home", home.folder)
    counted = last_line_here(ingest_job, *common, "--file", samples / "fraud_sample.csv.gz")
    assert (counted["rows_read"], counted["duplicates"]) == (19188, 13)
    told = last_line_here(train_job, *common, "--folds", "2")
    assert told["parity_max_abs_diff"] <= 1e-9
    assert told["test"]["areaUnderROC"] > 0.9
    assert told["threshold"] < 0.5

    frame = pd.read_csv(samples / "fraud_sample.csv.gz")
    scorer = Scorer.load(files_of(home, "fraud", tmp_path / "copy"))
    columns = {column.name: frame[column.name].to_numpy() for column in scorer.card.inputs}
    labels, probability = scorer.predict(columns)
    fraud = frame["Class"].to_numpy() == 1
    weights = np.where(fraud, 0.0017 / fraud.mean(), (1 - 0.0017) / (1 - fraud.mean()))
    # Half of the rows are fraud to a fit whose classes weigh the same.
    assert np.average(probability, weights=weights) == pytest.approx(0.0017, rel=0.25)
    assert set(labels.tolist()) == {0, 1}


@pytest.mark.sample
def test_songs_are_told_apart_by_words_and_their_texts_stay_where_they_are(
    spark: SparkSession,  # noqa: ARG001 - the jobs take the session that is there
    samples: Path,
    tmp_path: Path,
) -> None:
    home = Home(tmp_path / "home")
    songs = pd.read_json(samples / "lyrics_sample.jsonl.gz", lines=True).sample(800, random_state=1)
    named = songs.assign(artist=songs["song_id"], title=songs["song_id"]).drop(columns="song_id")
    # Brackets are no part of a word: what of a text stands elsewhere is found by them.
    named["lyrics"] = "[[verse]] " + named["lyrics"]
    path = tmp_path / "songs.jsonl"
    named.to_json(path, orient="records", lines=True)
    common = ("--use-case", "lyrics", "--home", home.folder)
    counted = last_line_here(ingest_job, *common, "--source", "songbook", "--file", path)
    assert (counted["inserted"], counted["quarantined"]) == (800, 0)
    # The other site has the first of them too, written otherwise, and one of its own.
    known = named.iloc[0].to_dict()
    theirs = [{**known, "artist": f" {known['artist'].upper()}!", "lyrics": "outras palavras"}]
    theirs += [{**known, "artist": "Ninguém"}]
    (verses := tmp_path / "verses.jsonl").write_text("\n".join(map(json.dumps, theirs)))
    again = last_line_here(ingest_job, *common, "--source", "verses", "--file", verses)
    assert (again["rows_read"], again["inserted"], again["updated"]) == (2, 1, 0)

    families = ("logistic_regression", "naive_bayes")
    few = ("--candidates", *families, "--trials", "1", "--folds", "2")
    told = last_line_here(train_job, *common, *few)
    assert told["parity_max_abs_diff"] <= 1e-9
    assert told["test"]["accuracy"] > 0.7

    (words,) = (home.folder / "mlruns").rglob("words.csv")
    assert set(pd.read_csv(words)["class"]) <= set(named["genre"])

    files = files_of(home, "lyrics", tmp_path / "copy")
    # Who sings is private, so a public demo may be made of it.
    assert json.loads((files / "insights.json").read_text())["groups"] == []
    scorer = Scorer.load(files)
    (song,) = scorer.card.inputs
    assert 1000 < len(song.vocabulary) <= 20_000
    funk = named[named["genre"] == "FUNK"]["lyrics"].iloc[0]
    effects = word_effects(scorer, {"lyrics": funk})
    assert {effect.word for effect in effects} <= set(song.vocabulary)
    kept = [home.folder / "mlflow.db", *(home.folder / "mlruns").rglob("*")]
    assert [f for f in kept if f.is_file() and b"[[verse]]" in f.read_bytes()] == []
