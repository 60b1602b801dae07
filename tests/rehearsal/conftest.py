"""Bundles that pass, to be broken in one place a test: a small one, and this project's own."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import ROOT

BUNDLE = """\
bundle:
  name: demo
  databricks_cli_version: ">= 0.245.0"
include:
  - resources/*.yml
artifacts:
  demo:
    type: whl
    path: .
    build: uv build --wheel
    dynamic_version: true
variables:
  catalog:
    description: Where tables are.
  workers:
    default: 2
targets:
  dev:
    mode: development
    variables:
      catalog: demo_dev
  prod:
    mode: production
    variables:
      catalog: demo
"""
JOB = """\
resources:
  jobs:
    nightly:
      name: nightly of ${bundle.target}
      parameters:
        - name: rows
          default: "3"
      tasks:
        - task_key: count
          max_retries: 1
          timeout_seconds: 60
          job_cluster_key: small
          libraries:
            - whl: ../dist/*.whl
          spark_python_task:
            python_file: ../jobs/count.py
            parameters:
              - --rows={{job.parameters.rows}}
              - --into
              - /Volumes/${var.catalog}/x
        - task_key: is_more
          depends_on:
            - task_key: count
          condition_task:
            op: GREATER_THAN
            left: "{{tasks.count.values.rows}}"
            right: "2"
        - task_key: tell
          depends_on:
            - task_key: is_more
              outcome: "true"
          job_cluster_key: small
          max_retries: 1
          timeout_seconds: 60
          spark_python_task:
            python_file: ../jobs/tell.py
      job_clusters:
        - job_cluster_key: small
          new_cluster:
            spark_version: 19.x-cpu-ml-scala2.13
            node_type_id: i3.xlarge
            num_workers: ${var.workers}
"""
COUNT = """\
import argparse
from pathlib import Path

from hitcast.running.task_values import leave


def parser() -> argparse.ArgumentParser:
    options = argparse.ArgumentParser()
    options.add_argument("--rows", type=int, required=True)
    options.add_argument("--into", type=Path)
    return options


if __name__ == "__main__":
    given = parser().parse_args()
    if given.rows < 0:
        raise SystemExit(f"error: expected rows, got {given.rows}; name some")
    given.into.mkdir(parents=True, exist_ok=True)
    leave("rows", given.rows)
    print('{"rows": ' + str(given.rows) + "}")
"""
TELL = """\
import argparse


def parser() -> argparse.ArgumentParser:
    return argparse.ArgumentParser()


if __name__ == "__main__":
    print("told")
"""
Break = Callable[[str, str], Path]


@pytest.fixture
def demo(tmp_path: Path) -> Path:
    """The folder of a bundle in which nothing is wrong."""
    files = {
        "bundle.yml": BUNDLE,
        "resources/nightly.job.yml": JOB,
        "jobs/count.py": COUNT,
        "jobs/tell.py": TELL,
        "pyproject.toml": '[project]\nname = "demo"\n[project.scripts]\nsay = "demo:say"\n',
    }
    for name, text in files.items():
        file = tmp_path / "demo" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return tmp_path / "demo"


@pytest.fixture
def broken(demo: Path) -> Break:
    """Puts one text of the bundle in the place of another; returns the bundle's folder."""

    def put(old: str, new: str) -> Path:
        for file in (demo / "bundle.yml", demo / "resources/nightly.job.yml"):
            text = file.read_text(encoding="utf-8")
            if old in text:
                assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times"
                file.write_text(text.replace(old, new), encoding="utf-8")
                return demo
        raise AssertionError(f"{old!r} stands nowhere")

    return put


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """What of this project a check reads."""
    for folder in ("resources", "jobs"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    for file in ("bundle.yml", "pyproject.toml", "serving/app.yaml", "frontend/app.yaml"):
        (tmp_path / file).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / file, tmp_path / file)
    return tmp_path
