"""The job that reports on an experiment."""

import json
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from hitcast.experiments.verdicts import BETTER
from hitcast.tables.lakehouse import Lakehouse
from jobs import experiment as experiment_job
from tests.conftest import ROOT
from tests.copies import new_home
from tests.experiments.logged import FEEDBACK, log_of, made
from tests.jobs.commands import last_line_here, status_here


def declare(folder: Path, monkeypatch: pytest.MonkeyPatch, name: str = "trial") -> None:
    """A folder of declarations with one experiment, of which .02 in log loss matters."""
    (folder / "experiments").mkdir(parents=True)
    (folder / "spotify.yml").write_text((ROOT / "conf/spotify.yml").read_text())
    arms = [{"alias": "production"}, {"alias": "staging"}]
    declared = {"name": name, "arms": arms, "smallest_difference": 0.02}
    (folder / f"experiments/{name}.yml").write_text(json.dumps(declared))
    monkeypatch.setenv("HITCAST_CONF", str(folder))


def test_an_experiment_that_is_not_declared_is_told_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    declare(tmp_path / "conf", monkeypatch)
    assert status_here(experiment_job, "--name", "other", "--home", tmp_path) == 1
    told = capsys.readouterr().err.strip()
    assert told.startswith("error: expected an experiment among ['trial']")
    assert "\n" not in told


@pytest.mark.spark
@pytest.mark.slow
def test_its_last_line_is_the_verdict_with_what_it_is_made_of(
    spark: SparkSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    declare(tmp_path / "conf", monkeypatch)
    home = new_home(tmp_path / "home")
    lakehouse = Lakehouse(spark, home.lakehouse, "spotify")
    lines, said = made(2, 500)
    lakehouse.table("inference_log").create_from(log_of(spark, lines), {})
    lakehouse.table("feedback").create_from(spark.createDataFrame(said, FEEDBACK), {})
    told = last_line_here(experiment_job, "--name", "trial", "--home", home.folder)
    assert list(told) == [
        "experiment", "verdict", "reasons", "arms", "units", "differences", "report", "run_id",
    ]  # fmt: skip
    assert (told["experiment"], told["verdict"], told["units"]) == ("trial", BETTER, 500)
    assert told["differences"]["staging"]["sequence_high"] < 0
    assert Path(told["report"]).is_file()
