"""The weekly job on the home folder, as `make weekly` runs it."""

import errno
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from hitcast.models.registry import Registry
from hitcast.running.home import Home
from hitcast.running.job import INTERRUPTED
from hitcast.running.task_values import FILE
from rehearsal.runners import Outcome, Runner
from rehearsal.weekly import LOCK, main
from tests.conftest import ROOT
from tests.exploring.herbarium import declared, rows_of
from tests.jobs.commands import activated
from tests.rehearsal.in_process import in_process

SMALL = ["--extract=--twin=2000", "--var", "candidates=logistic_regression"]
SMALL += ["--var", "trials=1", "--var", "folds=2"]


class Scripted:
    """A runner that ends each script as it was told to, a time after the other."""

    def __init__(self, due: str, **states: list[str]) -> None:
        self.due, self.states = due, states
        self.given: dict[str, list[str]] = {}

    def __call__(
        self, program: Sequence[str], environment: Mapping[str, str], **_: Path
    ) -> Outcome:
        """Note what a script was given; end it as is its turn."""
        name = Path(program[0]).stem
        self.given[name] = list(program[1:])
        if name == "ingest":
            Path(environment[FILE]).write_text(self.due)
        return Outcome(self.states.get(name, ["succeeded"]).pop(0), told=name)


def states(out: str) -> dict[str, str]:
    """How each task ended, by the table."""
    return {line.split()[0]: line.split()[1] for line in out.splitlines()[3:]}


def test_jobs_get_the_home_folder_and_nothing_of_a_workspace(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    runner = Scripted('{"to_train": "true", "to_judge": "true"}')
    assert main(["--home", str(tmp_path), "--extract=--csv=a.csv"], runner) == 0
    assert runner.given["ingest"] == [
        "--csv=a.csv",
        "--source=",
        "--use-case",
        "spotify",
        "--home",
        str(tmp_path),
    ]
    assert runner.given["promote"] == ["--use-case", "spotify", "--home", str(tmp_path)]
    assert "--no-promote" in runner.given["train"]
    told = capsys.readouterr().out
    assert told.startswith(f"weekly in {tmp_path}\n")
    assert states(told) == {
        "ingest": "succeeded", "is_untrained": "true", "train": "succeeded",
        "is_unjudged": "true", "promote": "succeeded", "deploy": "not",
    }  # fmt: skip
    assert [path.name for path in tmp_path.iterdir()] == [LOCK]


@pytest.mark.parametrize("use_case", ["fraud", "pistachio"])
def test_every_task_is_given_the_use_case_that_was_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], use_case: str
) -> None:
    runner = Scripted('{"to_train": "true", "to_judge": "true"}')
    given = ["--use-case", use_case, "--extract=--file=rows.csv"]
    assert main(["--home", str(tmp_path), *given], runner) == 0
    assert set(runner.given) == {"ingest", "train", "promote"}
    for words in runner.given.values():
        assert words[words.index("--use-case") + 1] == use_case
        # Else it would be the model of the use case that the bundle was deployed for.
        assert "--model" not in words and "--mlflow-experiment" not in words
    assert states(capsys.readouterr().out)["promote"] == "succeeded"


def test_a_task_is_tried_again_as_often_as_the_job_says(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    due = '{"to_train": "true", "to_judge": "true"}'
    again = Scripted(due, ingest=["failed", "failed", "succeeded"], train=["failed", "succeeded"])
    assert main(["--home", str(tmp_path)], again) == 0
    assert states(capsys.readouterr().out)["promote"] == "succeeded"
    assert main(["--home", str(tmp_path)], Scripted(due, train=["failed", "failed"])) == 1
    told = capsys.readouterr()
    assert states(told.out) == {
        "ingest": "succeeded", "is_untrained": "true", "train": "failed", "is_unjudged": "not",
        "promote": "not", "deploy": "not",
    }  # fmt: skip
    last = "what was done stays; once the cause is gone, the same command goes on from there"
    assert told.err.splitlines()[-1] == last


@pytest.mark.parametrize(
    ("mistyped", "told"),
    [
        (["--var", "trials"], "error: expected --var NAME=VALUE, got --var trials"),
        (["--extract=--from-bronze", "--var", "source=x"], "--source: not allowed with argument"),
        (["--extract=--cvs=a.csv"], "unrecognized arguments: --cvs=a.csv"),
        (["--extract=--twin=abc"], "argument --twin: invalid int value: 'abc'"),
        (["--var", "folds=two"], "--folds: expected a whole number or declared, got 'two'"),
    ],
)
def test_what_is_mistyped_is_told_before_any_task_is_begun(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], mistyped: list[str], told: str
) -> None:
    runner = Scripted("{}")
    assert main(["--home", str(tmp_path), *mistyped], runner) == 1
    found = capsys.readouterr()
    assert told in found.err and found.out == ""
    assert runner.given == {}


def test_a_run_that_is_stopped_tells_how_far_it_came(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    scripted = Scripted('{"to_train": "true", "to_judge": "true"}')

    def stopped(program: Sequence[str], environment: Mapping[str, str], **where: Path) -> Outcome:
        if Path(program[0]).stem == "train":
            os.kill(os.getpid(), signal.SIGTERM)
        return scripted(program, environment, **where)

    assert main(["--home", str(tmp_path)], stopped) == INTERRUPTED
    told = capsys.readouterr()
    assert states(told.out) == {
        "ingest": "succeeded", "is_untrained": "true", "train": "interrupted",
        "is_unjudged": "not", "promote": "not", "deploy": "not",
    }  # fmt: skip
    assert told.err.splitlines()[-1].startswith("interrupted: what was done stays")


@pytest.mark.parametrize(("due", "promote"), [("false", "excluded"), ("true", "succeeded")])
def test_what_is_not_due_is_not_done(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], due: str, promote: str
) -> None:
    runner = Scripted(f'{{"to_train": "false", "to_judge": "{due}"}}')
    assert main(["--home", str(tmp_path)], runner) == 0
    found = states(capsys.readouterr().out)
    assert (found["train"], found["promote"]) == ("excluded", promote)


def test_two_do_not_run_at_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def meanwhile(*_: Any, **__: Any) -> Outcome:
        assert main(["--home", str(tmp_path)], runner) == 1
        return Outcome("failed")

    runner: Runner = meanwhile
    assert main(["--home", str(tmp_path)], runner) == 1
    assert "another weekly run is at work" in capsys.readouterr().err


@pytest.mark.spark
@pytest.mark.slow
def test_a_home_that_is_no_folder_and_half_a_variable_are_told_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "file"
    file.touch()
    assert main(["--home", str(file)], Scripted("{}")) == 1
    assert capsys.readouterr().err == (
        f"error: expected a home folder that can be written to, got {file}: File exists\n"
    )
    assert main(["--home", str(tmp_path), "--var", "trials"], Scripted("{}")) == 1
    assert capsys.readouterr().err == "error: expected --var NAME=VALUE, got --var trials\n"


def test_a_file_system_without_locks_is_not_taken_for_another_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr("rehearsal.weekly.fcntl.flock", refuse)
    runner = Scripted('{"to_train": "false", "to_judge": "false"}')
    assert main(["--home", str(tmp_path)], runner) == 0
    assert "ingest" in runner.given


def test_a_second_run_trains_what_the_first_could_not(
    spark: SparkSession, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def killed_in_training(program: Sequence[str], *rest: Any, **where: Any) -> Outcome:
        if Path(program[0]).stem == "train":
            return Outcome("failed", told="killed")
        return in_process(program, *rest, **where)

    assert spark
    assert main(["--home", str(tmp_path), *SMALL], killed_in_training) == 1
    assert states(capsys.readouterr().out)["train"] == "failed"
    assert main(["--home", str(tmp_path), *SMALL], in_process) == 0
    assert states(capsys.readouterr().out) == {
        "ingest": "succeeded", "is_untrained": "true", "train": "succeeded",
        "is_unjudged": "true", "promote": "succeeded", "deploy": "not",
    }  # fmt: skip
    assert Registry(Home(tmp_path), "spotify").aliases() == {"production": 1}


@pytest.mark.nightly
@pytest.mark.slow
def test_another_use_case_goes_from_its_file_to_production_by_the_same_job(
    spark: SparkSession, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert spark
    rows = rows_of(declared("pistachio"), 300).drop(columns=["row_key", "extraction_date"])
    rows.to_csv(tmp_path / "nuts.csv", index=False)
    home, extract = tmp_path / "home", f"--extract=--file={tmp_path}/nuts.csv"
    asked = ["--use-case", "pistachio", "--home", str(home), extract, *SMALL[1:]]
    assert main(asked, in_process) == 0
    assert states(capsys.readouterr().out)["promote"] == "succeeded"
    registry = Registry(Home(home), "pistachio")
    assert registry.aliases() == {"production": 1}
    # Once more: there is nothing left to do.
    assert main(asked, in_process) == 0
    found = states(capsys.readouterr().out)
    assert (found["train"], found["promote"]) == ("excluded", "excluded")


@pytest.mark.nightly
def test_a_run_killed_in_its_training_is_made_up_for_by_the_next(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "rehearsal.weekly", "--home", str(tmp_path), *SMALL]
    begun = subprocess.Popen(
        command, cwd=ROOT, env=activated(), text=True, stderr=subprocess.PIPE,
        stdout=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip
    assert begun.stderr is not None
    for line in begun.stderr:
        if line.startswith("gold version"):
            break
    os.killpg(begun.pid, signal.SIGKILL)
    begun.communicate()
    done = subprocess.run(command, cwd=ROOT, env=activated(), text=True, capture_output=True)
    assert done.returncode == 0, done.stderr
    assert states(done.stdout)["train"] == "succeeded"
    assert Registry(Home(tmp_path), "spotify").aliases() == {"production": 1}
