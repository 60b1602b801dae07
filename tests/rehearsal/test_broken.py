"""Bundles with one thing wrong: what is told, and the line that it is told of."""

from pathlib import Path
from typing import NamedTuple

import pytest

from rehearsal.__main__ import main
from tests.rehearsal.conftest import Break

JOB = Path("resources/nightly.job.yml")
MAIN = Path("bundle.yml")


class Case(NamedTuple):
    """One text in the place of another, and what is told.

    Attributes:
        old: A text that stands once.
        new: What comes in its place.
        line: A text on the line that is named, in the broken file.
        told: The problem, after file and line.
    """

    old: str
    new: str
    line: str
    told: str


CASES = {
    "a misspelt field": Case(
        "          job_cluster_key: small\n          libraries",
        "          job_clustr_key: small\n          libraries",
        "job_clustr_key",
        "expected a field of an item of tasks, got job_clustr_key; did you mean job_cluster_key?",
    ),
    "a misspelt field of a target": Case(
        "    mode: production",
        "    modus: production",
        "modus",
        "expected a field of targets.prod, got modus; did you mean mode?",
    ),
    "a misspelt field of the file": Case(
        "artifacts:",
        "artefacts:",
        "artefacts",
        "expected a field of a bundle's file, got artefacts; did you mean artifacts?",
    ),
    "a wrong type": Case(
        "name: nightly of ${bundle.target}",
        "name: 1",
        "      name: 1",
        "expected text for name, got 1; quote it",
    ),
    "a list where names are expected": Case(
        '      parameters:\n        - name: rows\n          default: "3"\n',
        "      parameters:\n        rows: 3\n",
        "      parameters:",
        "expected a list for parameters, got names with values",
    ),
    "a wrong type by way of a variable": Case(
        "    default: 2\n",
        "    default: two\n",
        "num_workers",
        "expected a whole number for num_workers, got 'two'",
    ),
    "a value that is none of the allowed": Case(
        "op: GREATER_THAN",
        "op: MORE",
        "op: MORE",
        "expected one of EQUAL_TO, GREATER_THAN, GREATER_THAN_OR_EQUAL, LESS_THAN, "
        "LESS_THAN_OR_EQUAL, NOT_EQUAL for op, got 'MORE'",
    ),
    "a missing field": Case(
        "        - task_key: count\n          max_retries: 1\n",
        "        - max_retries: 1\n",
        "        - max_retries: 1",
        "expected task_key in an item of tasks, got none; add it",
    ),
    "an undefined variable": Case(
        "/Volumes/${var.catalog}/x",
        "/Volumes/${var.katalog}/x",
        "katalog",
        "expected a variable among ['catalog', 'workers'], got katalog; declare it under "
        "variables in the bundle's file",
    ),
    "a variable without a value": Case(
        "    default: 2\n",
        "    description: How many workers.\n",
        "num_workers",
        "expected a value of the variable workers for the target dev, got none; set "
        "targets.dev.variables.workers, a default, or --var workers=VALUE",
    ),
    "a target's value of no variable": Case(
        "      catalog: demo_dev\n",
        "      katalog: demo_dev\n",
        "katalog",
        "expected a variable among ['catalog', 'workers'], got katalog",
    ),
    "a reference that leads nowhere": Case(
        "${bundle.target}",
        "${bundle.stage}",
        "${bundle.stage}",
        "expected one of ['git', 'mode', 'name', 'target'] in ${bundle.stage}, got stage",
    ),
    "a reference to itself": Case(
        "    default: 2\n",
        "    default: ${var.workers}\n",
        "default: ${var.workers}",
        "expected ${var.workers} to end somewhere; it leads back to itself",
    ),
    "a missing file": Case(
        "python_file: ../jobs/tell.py",
        "python_file: ../jobs/tel.py",
        "tel.py",
        "expected a file at jobs/tel.py, found none; correct ../jobs/tel.py",
    ),
    "a pattern that includes nothing": Case(
        "resources/*.yml",
        "resource/*.yml",
        "resource/*.yml",
        "expected files that match resource/*.yml, found none",
    ),
    "an unknown parameter": Case(
        "- --into",
        "- --in-to",
        "--in-to",
        "expected parameters that count.py takes, got: unrecognized arguments: --in-to "
        "/Volumes/spark_catalog/x; see python jobs/count.py --help",
    ),
    "a parameter of the wrong type": Case(
        '          default: "3"',
        "          default: three",
        "- --rows=",
        "expected parameters that count.py takes, got: argument --rows: invalid int value: "
        "'three'; see python jobs/count.py --help",
    ),
    "an unknown parameter of the job": Case(
        "{{job.parameters.rows}}",
        "{{job.parameters.row}}",
        "- --rows=",
        "expected one of the job's parameters ['rows'], got row",
    ),
    "an unknown task": Case(
        "            - task_key: is_more\n",
        "            - task_key: is_less\n",
        "- task_key: is_less",
        "expected tell to wait for a task among ['count', 'is_more', 'tell'], got is_less",
    ),
    "a circle": Case(
        "        - task_key: count\n          max_retries: 1\n",
        "        - task_key: count\n          depends_on:\n            - task_key: tell\n"
        '              outcome: ""\n          max_retries: 1\n',
        "        - task_key: count",
        "expected tasks that end somewhere, got the circle count -> is_more -> tell -> count; "
        "take one of its depends_on away",
    ),
    "a task twice": Case(
        "        - task_key: tell\n",
        "        - task_key: count\n          run_if: ALL_SUCCESS\n",
        "        - task_key: count",
        "expected count once, got it at resources/nightly.job.yml:9 too; rename one",
    ),
    "a value of a task that comes later": Case(
        "{{tasks.count.values.rows}}",
        "{{tasks.tell.values.rows}}",
        "{{tasks.tell.values.rows}}",
        "expected a task that runs before this one, among ['count'], got tell; add it to "
        "depends_on",
    ),
    "a condition without an outcome": Case(
        '              outcome: "true"\n',
        "",
        "            - task_key: is_more",
        'expected outcome: "true" or "false" of the condition is_more, got none',
    ),
    "an unknown cluster": Case(
        '              outcome: "true"\n          job_cluster_key: small\n',
        '              outcome: "true"\n          job_cluster_key: large\n',
        "job_cluster_key: large",
        "expected one of the job's job_clusters, ['small']; got large",
    ),
    "no compute": Case(
        '              outcome: "true"\n          job_cluster_key: small\n',
        '              outcome: "true"\n',
        "        - task_key: tell",
        "expected job_cluster_key or environment_key for tell, got neither",
    ),
    "a wheel that nothing builds": Case(
        "- whl: ../dist/*.whl",
        "- whl: ../wheels/*.whl",
        "../wheels",
        "expected a wheel that an artifact builds, in ['dist']; got ../wheels/*.whl",
    ),
    "a kind of task that can't be rehearsed": Case(
        "          spark_python_task:\n            python_file: ../jobs/tell.py\n",
        "          notebook_task:\n            notebook_path: ../notebooks/tell\n",
        "        - task_key: tell",
        "expected tell to have one of spark_python_task, python_wheel_task, condition_task, got "
        "notebook_task",
    ),
    "an unknown entry point": Case(
        "          spark_python_task:\n            python_file: ../jobs/tell.py\n",
        "          python_wheel_task:\n            package_name: demo\n"
        "            entry_point: tell\n",
        "entry_point",
        "expected an entry point of the wheel among ['say'], got tell; add it to "
        "[project.scripts] in pyproject.toml",
    ),
    "a key twice": Case(
        "        - task_key: tell\n",
        "        - task_key: tell\n          task_key: told\n",
        "          task_key: told",
        "expected task_key once, got it twice; merge the two",
    ),
    "no YAML": Case(
        "variables:\n  catalog:",
        "variables: [\n  catalog:",
        "description: Where tables are.",
        "expected YAML, got: expected ',' or ']', but got ':'",
    ),
}


def refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """What a dry run says on stderr, after it has failed."""
    assert main(["--bundle", str(folder), "--job", "nightly", "--dry-run"]) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("error: ")
    return told.err.removeprefix("error: ").strip()


@pytest.mark.parametrize("name", CASES)
def test_it_is_told_with_file_and_line(
    name: str, broken: Break, capsys: pytest.CaptureFixture[str]
) -> None:
    case = CASES[name]
    folder = broken(case.old, case.new)
    file, _, rest = refused(folder, capsys).partition(":")
    number, _, told = rest.partition(": ")
    assert told == case.told
    assert Path(file) in (MAIN, JOB)
    assert case.line in (folder / file).read_text(encoding="utf-8").splitlines()[int(number) - 1]


def test_all_problems_of_a_file_are_told_at_once(
    broken: Break, capsys: pytest.CaptureFixture[str]
) -> None:
    broken("op: GREATER_THAN", "op: MORE")
    told = refused(broken("    mode: production", "    modus: production"), capsys)
    assert [line.partition(":")[0] for line in told.splitlines()] == [str(MAIN), str(JOB)]


def test_an_unknown_target_and_an_unknown_job(
    demo: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--bundle", str(demo), "--target", "test"]) == 1
    assert main(["--bundle", str(demo), "--job", "weekly", "--dry-run"]) == 1
    assert capsys.readouterr().err == (
        "error: bundle.yml:1: expected a target among ['dev', 'prod'], got 'test'\n"
        "error: expected a job among ['nightly'], got 'weekly'\n"
    )


def test_a_folder_without_a_bundle(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--bundle", str(tmp_path)]) == 1
    assert "expected one of ('bundle.yml'," in capsys.readouterr().err


def test_a_second_name_of_the_file_is_refused_as_databricks_does(
    demo: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (demo / "databricks.yml").write_text("bundle: {name: demo}\n")
    assert main(["--bundle", str(demo)]) == 1
    assert "found ['bundle.yml', 'databricks.yml']" in capsys.readouterr().err


def test_a_resource_in_two_files(demo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (demo / "resources/other.yml").write_text((demo / JOB).read_text())
    told = refused(demo, capsys)
    assert told == (
        "resources/other.yml:3: expected jobs.nightly once, got it at resources/nightly.job.yml:3 "
        "too; rename one"
    )
