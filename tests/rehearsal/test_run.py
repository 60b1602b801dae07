"""Jobs that are run: what their tasks leave for each other, and how a run ends."""

from pathlib import Path

import pytest

from rehearsal.__main__ import main
from rehearsal.runners import Runner, spark_submit
from tests.rehearsal.conftest import JOB, Break
from tests.rehearsal.in_process import in_process


def rehearse(folder: Path, *more: str, runner: Runner = in_process) -> int:
    return main(["--bundle", str(folder), "--job", "nightly", *more], runner)


def test_tasks_run_in_their_order_with_each_others_values(
    demo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # In processes of their own, as users run them.
    assert rehearse(demo, "--home", str(tmp_path / "home"), runner=spark_submit) == 0
    table = capsys.readouterr().out.splitlines()
    assert table[0] == "nightly in dev"
    rows = [line.split(maxsplit=3) for line in table[3:]]
    assert [(row[0], row[1], row[3]) for row in rows] == [
        ("count", "succeeded", '{"rows": 3}'),
        ("is_more", "true", "3 GREATER_THAN 2"),
        ("tell", "succeeded", "told"),
    ]
    assert (tmp_path / "home/Volumes/spark_catalog/x").is_dir()


def test_what_only_a_workspace_has_is_not_run_and_said_to_be(
    broken: Break, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = broken(
        "            python_file: ../jobs/tell.py\n",
        "            python_file: ../jobs/tell.py\n            parameters: [--endpoint, demo]\n",
    )
    script = folder / "jobs/tell.py"
    script.write_text(
        script.read_text()
        .replace("    return argparse.ArgumentParser()", "    found = argparse.ArgumentParser()\n"
                 '    found.add_argument("--endpoint")\n    return found')
        .replace('print("told")', 'raise SystemExit("there is no workspace")')
    )  # fmt: skip
    assert rehearse(folder) == 0
    last = capsys.readouterr().out.splitlines()[-1]
    assert last.split(maxsplit=1) == [
        "tell", "not run here  0.0  a serving endpoint is of a workspace",
    ]  # fmt: skip


def test_a_condition_that_does_not_hold_leaves_out_what_waits_for_it(
    broken: Break, capsys: pytest.CaptureFixture[str]
) -> None:
    assert rehearse(broken('default: "3"', 'default: "2"')) == 0
    told = capsys.readouterr().out.splitlines()[3:]
    assert [line.split()[:2] for line in told] == [
        ["count", "succeeded"], ["is_more", "false"], ["tell", "excluded"],
    ]  # fmt: skip


def test_the_first_failure_ends_the_run_with_the_tasks_own_error(
    broken: Break, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = tmp_path / "home"
    folder = broken('default: "3"', 'default: "-1"')
    assert rehearse(folder, "--home", str(home), runner=spark_submit) == 1
    told = capsys.readouterr()
    assert [line.split()[1] for line in told.out.splitlines()[3:]] == ["failed", "not", "not"]
    last = told.err.splitlines()[-2:]
    assert last == ["error: expected rows, got -1; name some", f"what it made is in {home}"]


def test_a_value_that_no_task_left_fails_the_condition_that_wants_it(
    broken: Break, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = broken("{{tasks.count.values.rows}}", "{{tasks.count.values.row}}")
    assert rehearse(folder) == 1
    line = 1 + JOB.splitlines().index('            left: "{{tasks.count.values.rows}}"')
    assert (
        f"resources/nightly.job.yml:{line}: expected the task count to leave the value row, it "
        "left ['rows']; see hitcast.running.task_values.leave\n"
    ) in capsys.readouterr().err


def test_a_rehearsal_never_touches_the_home_that_the_environment_names(
    demo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (demo / "jobs/tell.py").write_text(
        "import argparse, os\n\n\ndef parser():\n    return argparse.ArgumentParser()\n\n\n"
        'if __name__ == "__main__":\n'
        '    assert not {"HITCAST_HOME", "MLFLOW_TRACKING_URI"} & set(os.environ)\n'
    )
    monkeypatch.setenv("HITCAST_HOME", str(tmp_path / "real"))
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path}/real.db")
    assert rehearse(demo) == 0


def test_an_entry_point_of_a_wheel_runs_too(
    broken: Break, capsys: pytest.CaptureFixture[str]
) -> None:
    # A wheel that every environment of ours has installed.
    folder = broken(
        "          spark_python_task:\n            python_file: ../jobs/tell.py\n",
        "          python_wheel_task:\n            package_name: mlflow\n"
        "            entry_point: mlflow\n            parameters: [--version]\n",
    )
    project = folder / "pyproject.toml"
    project.write_text('[project]\nname = "mlflow"\n[project.scripts]\nmlflow = "mlflow.cli:cli"\n')
    assert rehearse(folder) == 0
    assert "mlflow, version" in capsys.readouterr().out
