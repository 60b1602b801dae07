"""The project's own bundle: every job of every target."""

import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml
from pyspark.sql import SparkSession

from hitcast.declaration.loading import load_use_case
from hitcast.models.registry import Registry
from hitcast.running.home import Home
from jobs import train as train_job
from rehearsal.__main__ import main
from rehearsal.bundle import load_bundle
from rehearsal.checks import job_parameters
from rehearsal.plan import order_tasks
from rehearsal.runners import Outcome, Runner, spark_submit
from tests.conftest import ROOT
from tests.rehearsal.in_process import in_process
from tests.wheels import WheelRunner

NAMES = ("bronze", "extracts", "quality", "quarantine", "silver", "gold")
TABLES = {f"spotify_{name}" for name in NAMES}
TARGETS = ("dev", "free", "staging", "prod")
JOBS = ("weekly",)
SMALL = [
    word
    for value in ("extract=--twin=2000", "candidates=logistic_regression", "trials=1", "folds=2")
    for word in ("--var", value)
]


def rehearse(*options: str, runner: Runner = spark_submit) -> int:
    return main(["--bundle", str(ROOT), *options], runner)


def test_these_are_all_targets_and_jobs() -> None:
    bundle = yaml.safe_load((ROOT / "bundle.yml").read_text())
    assert tuple(bundle["targets"]) == TARGETS
    found = [yaml.safe_load(file.read_text()) for file in (ROOT / "resources").glob("*.job.yml")]
    assert tuple(key for file in found for key in file["resources"]["jobs"]) == JOBS


@pytest.mark.parametrize("job", JOBS)
@pytest.mark.parametrize("target", TARGETS)
def test_every_reference_of_a_job_leads_somewhere(
    target: str, job: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert rehearse("--target", target, "--job", job, "--dry-run") == 0
    told = capsys.readouterr().out
    assert told.startswith(f"{job} in {target}, with\n")
    numbers = [line[:1] for line in told.splitlines() if line[:1].isdigit()]
    assert numbers == ["1", "2", "3", "4", "5", "6"]


def test_on_a_free_edition_every_task_runs_serverless_and_nothing_needs_a_cluster() -> None:
    bundle = load_bundle(ROOT, "free", {})
    job = bundle.job("weekly")
    tasks = {task.key: task for task in order_tasks(job)}
    assert {key for key, task in tasks.items() if task.is_serverless} == {
        "ingest", "train", "promote", "deploy",
    }  # fmt: skip
    assert job.list("job_clusters") == []
    (environment,) = job.list("environments")
    assert environment.plain() == {
        "environment_key": "hitcast",
        "spec": {"environment_version": "6", "dependencies": ["mlflow==3.12.0", "./dist/*.whl"]},
    }
    # The path starts from the file that says it, as the CLI has it.
    assert environment.place.file == "bundle.yml"
    # Nobody's principal but the apps' own, and nothing that runs by itself.
    assert bundle.here.get("run_as") is None and job.get("run_as") is None
    assert bundle.document.text("presets", "trigger_pause_status") == "PAUSED"
    # It is the catalog that such a workspace begins with; every family is asked for.
    assert (bundle.variables["catalog"], bundle.variables["candidates"]) == ("workspace", "all")


def test_what_a_use_case_declares_of_its_sweep_is_what_production_trains() -> None:
    job = load_bundle(ROOT, "prod", {"use_case": "pistachio"}).job("weekly")
    (task,) = (task for task in order_tasks(job) if task.key == "train")
    words = [str(node.value) for node in task.work.list("parameters")]
    given = train_job.parser().parse_args(words)
    pistachio = load_use_case("pistachio", folder=ROOT / "conf")
    options = train_job.options_of(given, pistachio)
    training = pistachio.training
    assert (options.search, options.folds) == (training.search, training.folds) == ("grid", 5)
    assert {family: options.trials_of(family, pistachio) for family in pistachio.candidates} == {
        family: candidate.trials or training.trials
        for family, candidate in pistachio.candidates.items()
    }


@pytest.mark.parametrize("target", TARGETS)
def test_every_task_passes_on_which_use_case_and_model_the_job_is_given(target: str) -> None:
    job = load_bundle(ROOT, target, {"use_case": "fraud", "model": "fraud"}).job("weekly")
    parameters = job_parameters(job)
    assert (parameters["use_case"], parameters["model"]) == ("fraud", "fraud")
    programs = [task for task in order_tasks(job) if task.kind != "condition_task"]
    assert [task.key for task in programs] == ["ingest", "train", "promote", "deploy"]
    for task in programs:
        words = [str(node.value) for node in task.work.list("parameters")]
        given = dict(zip(words, words[1:], strict=False))
        assert given["--use-case"] == "{{job.parameters.use_case}}", task.key
        assert given["--model"] == "{{job.parameters.model}}", task.key
        if task.key == "train":
            assert given["--mlflow-experiment"] == "{{job.parameters.mlflow_experiment}}"
        if task.key == "deploy":
            assert given["--endpoint"] == "{{job.parameters.endpoint}}"


@pytest.mark.parametrize("target", ["dev", "staging", "prod"])
def test_elsewhere_every_task_runs_on_the_job_cluster(target: str) -> None:
    bundle = load_bundle(ROOT, target, {})
    job = bundle.job("weekly")
    programs = [task for task in order_tasks(job) if task.kind != "condition_task"]
    assert {task.compute for task in programs} == {"cluster hitcast"}
    assert job.list("environments") == []


def test_what_production_keeps_is_not_deleted_by_a_command_or_a_new_name() -> None:
    kept = {"schemas", "volumes", "registered_models", "experiments"}
    for target in TARGETS:
        bundle = load_bundle(ROOT, target, {})
        found = {
            kind
            for kind in kept
            for _, resource in bundle.resources(kind)
            if resource.get("lifecycle", "prevent_destroy") is not None
        }
        assert found == (kept if target == "prod" else set())


def test_values_that_nobody_has_set_are_told_where_it_matters(
    capsys: pytest.CaptureFixture[str],
) -> None:
    who = "notify is still hitcast@example.com, which is nobody's; set it for {} in bundle.yml"
    principal = "run_as is still 00000000-0000-0000-0000-000000000000, which is nobody's; "
    for target, told in {
        "dev": [], "free": [], "staging": [who], "prod": [who, f"{principal}set it for prod"],
    }.items():  # fmt: skip
        assert rehearse("--target", target, "--job", "weekly", "--dry-run") == 0
        lines = capsys.readouterr().err.splitlines()
        assert len(lines) == len(told)
        for line, expected in zip(lines, told, strict=True):
            assert line.startswith(f"warning: {expected.format(target)}")
    given = ["--var", "notify=a@b.org", "--var", "run_as=1f2e3d4c-0000-0000-0000-000000000000"]
    assert rehearse("--target", "prod", "--job", "weekly", "--dry-run", *given) == 0
    assert capsys.readouterr().err == ""


def rows(capsys: pytest.CaptureFixture[str]) -> dict[str, tuple[str, str]]:
    """State and last line of each task."""
    lines = capsys.readouterr().out.splitlines()[3:]
    words = [line.split(maxsplit=3) for line in lines]
    return {row[0]: (row[1], row[3] if len(row) > 3 else "") for row in words}


def ended_early(runner: Runner, script: str) -> Runner:
    """A runner whose process of one script is lost as soon as it starts."""

    def run(program: Sequence[str], environment: Mapping[str, str], **where: Path) -> Outcome:
        if Path(program[0]).name == script:
            return Outcome("failed", told="killed")
        return runner(program, environment, **where)

    return run


@pytest.fixture
def warehouse(spark: SparkSession) -> Iterator[Path]:
    """Where the tests' session keeps tables by name; the rehearsals' schema goes with the test."""
    yield Path(str(spark.conf.get("spark.sql.warehouse.dir")).removeprefix("file:"))
    spark.sql("DROP SCHEMA IF EXISTS spark_catalog.hitcast CASCADE")


@pytest.mark.spark
@pytest.mark.parametrize(
    "kind",
    [
        pytest.param(in_process, marks=pytest.mark.slow),
        # As on Databricks: the wheel, processes of their own, tables in a Hive metastore.
        pytest.param(WheelRunner, marks=pytest.mark.nightly),
    ],
)
def test_the_weekly_job_does_what_is_left_to_do_and_no_more(
    kind: Any,
    warehouse: Path,
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
    capsys: pytest.CaptureFixture[str],
) -> None:
    inside = kind is in_process
    runner: Runner = kind if inside else WheelRunner(tmp_path_factory.mktemp("wheel"))
    tables = (warehouse if inside else tmp_path / "warehouse") / "hitcast.db"
    options = ("--job", "weekly", "--home", str(tmp_path), *SMALL)
    # The first training does not come to its end, nor does the first judging: next week they do.
    weeks = []
    for script in ("train.py", "promote.py"):
        assert rehearse("--target", "dev", *options, runner=ended_early(runner, script)) == 1
        weeks.append({key: state for key, (state, _) in rows(capsys).items()})
    assert [found["train"] for found in weeks] == ["failed", "succeeded"]
    assert [found["is_untrained"] for found in weeks] == ["true", "true"]
    assert weeks[1]["promote"] == "failed"
    assert rehearse("--target", "dev", *options, runner=runner) == 0
    told = rows(capsys)
    assert {key: state for key, (state, _) in told.items()} == {
        "ingest": "succeeded", "is_untrained": "false", "train": "excluded",
        "is_unjudged": "true", "promote": "succeeded", "deploy": "not",
    }  # fmt: skip
    assert told["is_unjudged"][1] == "true EQUAL_TO true"
    # All of it lies where the job's parameters say: tables and model by name, files on the volume.
    home = Home(tmp_path / "Volumes/spark_catalog/hitcast/home", "spark_catalog.hitcast")
    registry = Registry(home, home.model("spotify"))
    assert registry.aliases() == {"production": 1}
    tag = registry.version(1).tags["git_commit"]
    if isinstance(runner, WheelRunner):
        # No checkout was there to ask: it is what the bundle said.
        head = ["git", "-C", str(ROOT), "rev-parse", "HEAD"]
        assert tag == subprocess.run(head, capture_output=True, text=True).stdout.strip()
        assert list(runner.empty.iterdir()) == []
    assert {folder.name for folder in tables.iterdir()} == TABLES | {"spotify_alias_history"}
    # The same rows once more, as the other targets bring them: nothing to train on.
    for target in ("staging", "prod"):
        assert rehearse("--target", target, *options, runner=runner) == 0
        states = {key: state for key, (state, _) in rows(capsys).items()}
        assert states == {
            "ingest": "succeeded", "is_untrained": "false", "train": "excluded",
            "is_unjudged": "false", "promote": "excluded", "deploy": "not",
        }  # fmt: skip


@pytest.mark.slow
def test_processes_find_each_others_values_and_tables_by_name_and_the_first_error_ends_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # As a user runs it, by spark-submit; so few rows that the training refuses what it has read.
    options = ("--job", "weekly", "--home", str(tmp_path), "--var", "extract=--twin=40")
    assert rehearse("--target", "dev", *options) == 1
    told = capsys.readouterr()
    lines = [line.split(maxsplit=3) for line in told.out.splitlines()[3:]]
    assert [line[1] for line in lines] == ["succeeded", "true", "failed", "not", "not", "not"]
    assert lines[1][3] == "true EQUAL_TO true"
    assert {folder.name for folder in (tmp_path / "warehouse/hitcast.db").iterdir()} == TABLES
    last = told.err.splitlines()[-2]
    assert last.startswith("error: expected rows of both classes among the ")


def test_the_jobs_own_error_is_the_last_thing_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    missing = f"extract=--csv={tmp_path}/none.csv"
    options = ("--target", "dev", "--job", "weekly", "--home", str(tmp_path), "--var", missing)
    assert rehearse(*options, runner=in_process) == 1
    told = capsys.readouterr()
    assert [line.split()[1] for line in told.out.splitlines()[3:]] == [
        "failed", "not", "not", "not", "not", "not",
    ]  # fmt: skip
    assert told.err.splitlines()[-2].startswith("error: expected a CSV file")


def test_what_the_apps_install_is_what_the_project_asks_for() -> None:
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    pages = (ROOT / "frontend/requirements.txt").read_text().splitlines()[1:]
    assert pages
    assert [line for line in pages if f'"{line}"' not in project] == []
