"""Tasks on serverless compute, rehearsed over Spark Connect."""

from pathlib import Path

import pytest

from hitcast.models.registry import Registry
from hitcast.running.home import Home
from rehearsal import connect
from rehearsal.__main__ import main
from tests.conftest import ROOT
from tests.rehearsal.conftest import Break
from tests.rehearsal.in_process import in_process

TELL = """\
import argparse
import os


def parser() -> argparse.ArgumentParser:
    return argparse.ArgumentParser()


if __name__ == "__main__":
    print(os.environ.get("SPARK_REMOTE", "none"))
"""
TABLES = """\
import argparse
import os

from pyspark.sql import SparkSession


def parser() -> argparse.ArgumentParser:
    return argparse.ArgumentParser()


if __name__ == "__main__":
    spark = SparkSession.builder.remote(os.environ["SPARK_REMOTE"]).getOrCreate()
    spark.sql("CREATE TABLE IF NOT EXISTS numbers (n INT) USING delta")
    spark.sql("INSERT INTO numbers VALUES (1)")
    print(spark.table("numbers").count())
    spark.stop()
"""


@pytest.fixture
def serverless(broken: Break) -> Path:
    """The demo bundle with its task `tell` on serverless compute."""
    broken(
        '              outcome: "true"\n          job_cluster_key: small\n',
        '              outcome: "true"\n          environment_key: demo\n',
    )
    return broken(
        "      job_clusters:\n",
        "      environments:\n        - environment_key: demo\n          spec:\n"
        '            environment_version: "6"\n            dependencies: [../dist/*.whl]\n'
        "      job_clusters:\n",
    )


def rehearse(folder: Path, *more: str) -> int:
    return main(["--bundle", str(folder), "--job", "nightly", *more], in_process)


def last(capsys: pytest.CaptureFixture[str]) -> str:
    """What the last task told."""
    return capsys.readouterr().out.splitlines()[-1].split(maxsplit=3)[-1]


def test_tasks_on_serverless_compute_are_told_of_a_server_and_no_others(
    serverless: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # Whatever the caller's own Spark is.
    monkeypatch.setenv("SPARK_REMOTE", "sc://real:15002")
    (serverless / "jobs/tell.py").write_text(TELL)
    count = serverless / "jobs/count.py"
    checked = '    assert "SPARK_REMOTE" not in os.environ\n    given.into'
    text = count.read_text().replace("    given.into", checked, 1)
    count.write_text(text.replace("import argparse\n", "import argparse\nimport os\n", 1))
    assert rehearse(serverless) == 0
    assert last(capsys) == "none"
    assert rehearse(serverless, "--connect", "sc://127.0.0.1:15002") == 0
    assert last(capsys) == "sc://127.0.0.1:15002"


def test_a_server_that_does_not_start_is_told_with_its_own_words(
    serverless: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        connect, "_command", lambda *_: ["sh", "-c", "echo no port is free; exit 3"]
    )
    assert rehearse(serverless, "--connect") == 1
    assert (
        "error: expected a Spark Connect server within 120 s, got exit status 3: no port is free; "
        "see "
    ) in capsys.readouterr().err


@pytest.mark.slow
def test_tables_by_name_outlive_the_tasks_that_made_them_over_connect(
    serverless: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (serverless / "jobs/tell.py").write_text(TABLES)
    home = tmp_path / "home"
    # A server each time, and a client of its own: what is there the second time lies in the home.
    for rows in ("1", "2"):
        assert rehearse(serverless, "--connect", "--home", str(home)) == 0
        assert last(capsys).split()[0] == rows
    assert (home / "warehouse/numbers/_delta_log").is_dir()


@pytest.mark.nightly
def test_the_weekly_job_of_a_free_edition_runs_whole_over_connect(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--bundle", str(ROOT), "--target", "free", "--job", "weekly", "--connect"]
    options += ["--home", str(tmp_path), "--var", "extract=--twin=2000"]
    weeks = []
    for _ in range(2):
        assert main(options) == 0
        told = capsys.readouterr()
        weeks.append({line.split()[0]: line.split()[1] for line in told.out.splitlines()[3:]})
        if len(weeks) == 1:
            # Every family was asked for; one line says which can't be had, and all others were fit.
            (left_out,) = [line for line in told.err.splitlines() if "left out" in line]
            assert left_out.startswith("xgboost is left out: ")
            assert "gradient_boosted_trees: refit" in told.err
    assert weeks[0] == {
        "ingest": "succeeded", "is_untrained": "true", "train": "succeeded",
        "is_unjudged": "true", "promote": "succeeded", "deploy": "not",
    }  # fmt: skip
    # The next week finds the same rows, and nothing to do.
    assert weeks[1] == {
        "ingest": "succeeded", "is_untrained": "false", "train": "excluded",
        "is_unjudged": "false", "promote": "excluded", "deploy": "not",
    }  # fmt: skip
    home = Home(tmp_path / "Volumes/spark_catalog/hitcast/home", "spark_catalog.hitcast")
    assert Registry(home, home.model("spotify")).aliases() == {"production": 1}
