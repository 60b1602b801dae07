"""Runs as tables: of a real tracking store, without training anything."""

from pathlib import Path

import pytest

from hitcast.declaration.use_case import UseCase
from hitcast.errors import RegistryError
from hitcast.exploring.runs.contest import (
    champion_and_challenger,
    families_in_words,
    pair_in_words,
    same_test_rows,
    trainings_in_words,
)
from hitcast.exploring.runs.trainings import finished, importances, tell_trainings
from hitcast.exploring.runs.trials import best_of_families, tell_trials, with_written_parameters
from hitcast.models.registry import Version
from hitcast.models.tracking import Tracker, read_runs
from hitcast.running.home import Home

FAMILIES = {"xgboost": ("max_depth", 4), "random_forest": ("maxDepth", 6)}


def log_training(home: Home, scores: dict[str, float], *, table: str, generated: bool) -> str:
    """A training with a trial of each family, as `trainer.train` would log it; returns its run."""
    tracker = Tracker(home, "spotify")
    kind = {"hitcast.generated": str(generated).lower(), "table_version": table}
    best = max(scores, key=lambda family: scores[family])
    with tracker.run("train", {**kind, "hitcast.level": "training"}) as run_id:
        for family, score in scores.items():
            tags = {"hitcast.family": family}
            name, value = FAMILIES[family]
            cv = {"cv_average_precision": score, "cv_average_precision_sd": 0.01}
            with tracker.run(family, {**tags, "hitcast.level": "family"}):
                with tracker.run(f"{family}-1", {**tags, "hitcast.level": "trial"}):
                    tracker.log({name: value}, {**cv, "seconds": 1.5})
        losses = {"importance_tempo": 0.1, "importance_energy": 0.2}
        tracker.log(
            {"best": best},
            {
                "cv_average_precision": scores[best],
                "cv_average_precision_sd": 0.01,
                "test_average_precision": scores[best] - 0.05,
                "threshold": 0.3,
                **losses,
            },
        )
    return run_id


def test_trainings_trials_and_importances_are_read_back(tmp_path: Path, spotify: UseCase) -> None:
    home = Home(tmp_path)
    old = log_training(home, {"xgboost": 0.4}, table="0", generated=True)
    tracker = Tracker(home, "spotify")
    with pytest.raises(ValueError, match="stop"):
        with tracker.run("train", {"hitcast.level": "training", "hitcast.generated": "true"}):
            raise ValueError("stop")
    new = log_training(home, {"xgboost": 0.45, "random_forest": 0.41}, table="1", generated=False)
    versions = [
        Version(2, {"hitcast.promotion": "better"}, ("production",), new),
        Version(1, {}, ("previous", "staging"), old),
    ]
    runs = read_runs(home, "spotify")
    trainings = tell_trainings(runs, versions, spotify)
    assert trainings["status"].tolist() == ["FINISHED", "FAILED", "FINISHED"]
    assert trainings["rows"].tolist() == ["real", "generated", "generated"]
    assert trainings["version"].tolist()[::2] == [2, 1] and trainings["version"].isna().sum() == 1
    assert trainings["aliases"].tolist() == ["production", "", "previous, staging"]
    assert finished(trainings, spotify)["run_id"] == new

    trials = tell_trials(runs, trainings, spotify)
    assert trials[["trial", "cv", "table_version"]].to_numpy().tolist() == [
        ["random_forest-1", 0.41, "1"],
        ["xgboost-1", 0.45, "1"],
        ["xgboost-1", 0.4, "0"],
    ]
    assert with_written_parameters(trials)["parameters"].tolist()[0] == "maxDepth = 6"
    best = best_of_families(trials, new)
    assert best["family"].tolist() == ["xgboost", "random_forest"]
    assert families_in_words(best, spotify)[1].startswith(
        "It leads random_forest by 0.0400, which is more than the folds differ"
    )
    assert importances(runs, new).to_dict() == {"energy": 0.2, "tempo": 0.1}
    told = trainings_in_words(trainings, trials, spotify)
    assert told[0] == (
        "2 finished trainings of spotify with 3 trials; 1 more failed, were stopped or still run."
    )
    assert told[1].startswith("1 of them was on generated rows")

    pair = champion_and_challenger(trainings)
    assert pair["version"].tolist() == [2, 1]
    assert not same_test_rows(pair)
    assert "no verdict" in pair_in_words(pair, spotify)[-1]
    assert "no second version" in pair_in_words(pair[:1], spotify)[-1]
    assert same_test_rows(pair.assign(rows="real", table_version="1"))


def test_an_experiment_that_is_not_there_has_no_runs(tmp_path: Path, spotify: UseCase) -> None:
    Tracker(Home(tmp_path), "another")
    runs = read_runs(Home(tmp_path), "spotify")
    assert runs.empty
    with pytest.raises(RegistryError, match="found none; run jobs/train.py"):
        tell_trainings(runs, [], spotify)


def test_where_no_training_finished_it_says_so(tmp_path: Path, spotify: UseCase) -> None:
    home = Home(tmp_path)
    with pytest.raises(KeyboardInterrupt):
        with Tracker(home, "spotify").run("train", {"hitcast.level": "training"}):
            raise KeyboardInterrupt
    trainings = tell_trainings(read_runs(home, "spotify"), [], spotify)
    assert trainings["status"].tolist() == ["KILLED"]
    assert champion_and_challenger(trainings).empty
    with pytest.raises(RegistryError, match="found 1 that failed or still run"):
        finished(trainings, spotify)
