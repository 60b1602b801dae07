import os
import signal
from pathlib import Path

import mlflow
import pytest

from hitcast.models.metrics import as_named_now
from hitcast.models.tracking import Tracker, git_commit, read_runs
from hitcast.running.home import Home
from hitcast.running.interrupts import interruptible
from hitcast.training.search import summary_of
from tests.copies import new_home


@pytest.fixture
def tracker(tmp_path: Path) -> Tracker:
    return Tracker(new_home(tmp_path), "demo")


FOLDS = ({"average_precision": 0.25, "f1": 0.5}, {"average_precision": 0.75, "f1": 0.5})


def test_a_trial_is_a_nested_run_with_parameters_and_each_folds_metrics(tracker: Tracker) -> None:
    with tracker.run("train", {}) as parent:
        tracker.log_trial(
            "xgboost-1", "xgboost", {"max_depth": 3}, FOLDS, summary_of(FOLDS), seconds=2.0
        )
    (trial,) = mlflow.search_runs(
        experiment_names=["demo"],
        filter_string=f"tags.`mlflow.parentRunId` = '{parent}'",
        output_format="list",
    )
    assert trial.data.params == {"max_depth": "3"}
    assert trial.data.metrics["cv_average_precision"] == 0.5
    assert trial.data.metrics["cv_average_precision_sd"] == pytest.approx(0.3535533905932738)
    history = mlflow.MlflowClient().get_metric_history(trial.info.run_id, "average_precision")
    assert [(m.step, m.value) for m in history] == [(0, 0.25), (1, 0.75)]


def test_names_that_mlflow_refuses_are_spelt_otherwise(tracker: Tracker) -> None:
    with tracker.run("train", {}) as run_id:
        tracker.log({"rows_<30": 1, "rows_>30": 2, "a/b": 3}, {"importance_humidity%": 0.5})
    found = mlflow.get_run(run_id).data
    assert found.params == {"rows__x3c_30": "1", "rows__x3e_30": "2", "a_x2f_b": "3"}
    assert found.metrics == {"importance_humidity_x25_": 0.5}


def test_runs_of_old_are_read_by_the_names_of_now(tmp_path: Path) -> None:
    home = new_home(tmp_path)
    tracker = Tracker(home, "demo")
    for metrics in ({"cv_areaUnderPR": 0.2}, {"cv_areaUnderPR": 0.3, "cv_average_precision": 0.4}):
        with tracker.run("train", {}):
            tracker.log({}, metrics)
    runs = read_runs(home, "demo")
    assert runs["metrics.cv_average_precision"].tolist() == [0.4, 0.2]
    assert runs["metrics.cv_areaUnderPR"].dropna().tolist() == [0.3]
    assert as_named_now({"test_areaUnderPR": 0.2, "f1": 0.1}) == {
        "test_average_precision": 0.2, "f1": 0.1
    }  # fmt: skip


@pytest.mark.parametrize(
    ("error", "status"), [(KeyboardInterrupt, "KILLED"), (ValueError, "FAILED")]
)
def test_runs_that_end_early_are_marked(
    tracker: Tracker, error: type[BaseException], status: str
) -> None:
    with pytest.raises(error), tracker.run("train", {}) as outer, tracker.run("a", {}) as inner:
        raise error
    for run_id in (outer, inner):
        assert mlflow.get_run(run_id).info.status == status
    assert mlflow.active_run() is None


def test_what_fails_after_an_interrupt_was_killed(tracker: Tracker) -> None:
    with interruptible(), pytest.raises(ConnectionError), tracker.run("train", {}) as run_id:
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)
        raise ConnectionError("the JVM is gone")
    assert mlflow.get_run(run_id).info.status == "KILLED"


def test_state_lies_where_mlflow_looks_for_it(tmp_path: Path) -> None:
    # The first creation of the database is MLflow's own.
    tracker = Tracker(Home(tmp_path), "demo")
    with tracker.run("train", {"seed": "1"}) as run_id:
        pass
    run = mlflow.get_run(run_id)
    assert (tmp_path / "mlflow.db").is_file()
    assert run.info.artifact_uri == f"{(tmp_path / 'mlruns').as_uri()}/{run_id}/artifacts"
    assert run.data.tags["seed"] == "1"


def test_the_commit_outside_a_checkout_is_the_one_that_was_given(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PATH", "")  # No git there.
    assert git_commit("a" * 40) == "a" * 40
    assert git_commit() == "unknown"


def test_the_commit_is_a_hash_or_unknown() -> None:
    commit = git_commit().removesuffix("-dirty")
    assert commit == "unknown" or (len(commit) == 40 and int(commit, 16) >= 0)
