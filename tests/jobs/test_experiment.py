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
from tests.experiments.test_declared import SCHEMA, happened
from tests.jobs.commands import last_line_here, status_here


def declare(folder: Path, monkeypatch: pytest.MonkeyPatch, name: str = "trial") -> None:
    """A folder of declarations with one experiment, of which no difference matters."""
    (folder / "experiments").mkdir(parents=True)
    (folder / "spotify.yml").write_text((ROOT / "conf/spotify.yml").read_text())
    arms = [{"alias": "production"}, {"alias": "staging"}]
    declared = {"name": name, "arms": arms, "smallest_difference": 5.0}
    (folder / f"experiments/{name}.yml").write_text(json.dumps(declared))
    monkeypatch.setenv("HITCAST_CONF", str(folder))


@pytest.mark.spark
@pytest.mark.slow
def test_its_last_line_is_the_verdict_with_what_it_is_made_of(
    spark: SparkSession,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    declare(tmp_path / "conf", monkeypatch)
    home = new_home(tmp_path / "home")
    lakehouse = Lakehouse(spark, home.lakehouse, "spotify")
    lines, said = made(2, 500)
    lakehouse.table("inference_log").create_from(log_of(spark, lines), {})
    lakehouse.table("feedback").create_from(spark.createDataFrame(said, FEEDBACK), {})
    # What the API was told is judged by, not what conf/ says by now.
    begun = happened("trial", 0, "begun", metric="log_loss", smallest_difference=0.02)
    lakehouse.experiments.create_from(spark.createDataFrame([begun], SCHEMA), {})
    told = last_line_here(experiment_job, "--name", "trial", "--home", home.folder)
    assert list(told) == [
        "experiment", "verdict", "reasons", "arms", "units", "differences", "report", "run_id",
    ]  # fmt: skip
    assert (told["experiment"], told["verdict"], told["units"]) == ("trial", BETTER, 500)
    assert told["differences"]["staging"]["sequence_high"] < 0
    assert Path(told["report"]).is_file()
    assert (
        "note: conf/experiments/trial.yml has other smallest_difference" in capsys.readouterr().err
    )
    assert status_here(experiment_job, "--name", "other", "--home", home.folder) == 1
    said_of_it = capsys.readouterr().err.strip()
    assert said_of_it.startswith("error: expected an experiment among ['trial'] (in the table")
    assert "['trial'] (in conf/experiments)" in said_of_it and "\n" not in said_of_it
