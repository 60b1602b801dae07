"""Each policy with this project's bundle, broken as it once was: what is refused, and where."""

from pathlib import Path
from typing import NamedTuple

import pytest

from rehearsal.__main__ import main
from rehearsal.policies import POLICIES

MAIN, API, STUDIO = "bundle.yml", "resources/api.app.yml", "resources/studio.app.yml"
JOB, SCHEMA = "resources/weekly.job.yml", "resources/hitcast.schema.yml"
WHEEL = "                - ./dist/*.whl\n\n  staging:"
"""What the environment of the target free has, up to the next target."""
HOME = (
    "              - --home\n              - /Volumes/${var.catalog}/"
    "${resources.schemas.hitcast.name}/${resources.volumes.home.name}\n"
)


class Fault(NamedTuple):
    """One text in the place of another, and what is told.

    Attributes:
        policy: The policy that refuses it.
        file: The file with the fault.
        old: A text that stands in it, the first time.
        new: What comes in its place.
        line: A text on the line that is named.
        told: A part of what is told.
        target: The target in which it shows.
        place: The file that is named, if it is another.
    """

    policy: str
    file: str
    old: str
    new: str
    line: str
    told: str
    target: str = "prod"
    place: str = ""


FAULTS = {
    "a gate on what this run changed": Fault(
        "state-gates", JOB, "{{tasks.ingest.values.to_train}}", "{{tasks.ingest.values.is_new}}",
        "left:", "what is left to do, got is_new",
    ),
    "a task that may run for ever": Fault(
        "limits", JOB, "          timeout_seconds: 7200\n", "",
        "- task_key: ingest", "expected timeout_seconds for ingest, got none",
    ),
    "a task that is never tried again": Fault(
        "limits", JOB, "          max_retries: 2\n", "",
        "- task_key: ingest", "expected max_retries for ingest, got none",
    ),
    "a time of nothing, which is no limit": Fault(
        "limits", JOB, "timeout_seconds: 7200", "timeout_seconds: 0",
        "timeout_seconds: 0", "expected timeout_seconds for ingest, got 0",
    ),
    "no other try": Fault(
        "limits", JOB, "max_retries: 2", "max_retries: 0",
        "max_retries: 0", "expected max_retries for ingest, got 0",
    ),
    "the address of an app by reference": Fault(
        "app-address", STUDIO, "            value_from: api\n",
        "            value: ${resources.apps.api.url}\n",
        "resources.apps.api.url", "which is empty when an app is run",
    ),
    "a value of no resource": Fault(
        "app-values", STUDIO, "value_from: version-key", "value_from: admin-key",
        "value_from: admin-key", "the app studio, ['api', 'version-key'], got admin-key",
    ),
    "a value of no resource in an app's own file": Fault(
        "app-values", "frontend/app.yaml", "valueFrom: api", "valueFrom: app",
        "valueFrom: app", "the app studio, ['api', 'version-key'], got app",
    ),
    "a right to call that the next deployment takes away": Fault(
        "app-rights", API, "apps.studio.service_principal_client_id", "apps.api.id",
        "name: ${resources.apps.api.name}", "among the rights of apps.api", place=STUDIO,
    ),
    "a right to a secret that the next deployment takes away": Fault(
        "app-rights", "resources/keys.secret_scope.yml",
        "        - service_principal_name: ${resources.apps.studio.service_principal_client_id}\n"
        "          level: READ\n", "",
        "scope: ${resources.secret_scopes.keys.name}", "among the rights of secret_scopes.keys",
        place=STUDIO,
    ),
    "a principal for all resources": Fault(
        "job-run-as", MAIN, "    # Of the job alone",
        "    run_as:\n      service_principal_name: ${var.run_as}\n    # Of the job alone",
        "    run_as:", "nobody else than that principal can deploy",
    ),
    "readers of all resources": Fault(
        "secret-readers", MAIN, "level: CAN_MANAGE\n\n  prod", "level: CAN_VIEW\n\n  prod",
        "- group_name: ${var.readers}", "lets them read the secrets", target="staging",
    ),
    "a wheel whose version stays": Fault(
        "fresh-wheel", MAIN, "    dynamic_version: true\n", "",
        "  hitcast:", "expected dynamic_version: true for hitcast, got none",
    ),
    "a build that sets up the tests": Fault(
        "plain-build", MAIN, "build: rm -rf build dist && uv build --wheel", "build: make wheel",
        "build: make wheel", "got make wheel",
    ),
    "a build that sets up the tests, by way of another command": Fault(
        "plain-build", MAIN, "build: rm -rf build dist && uv build --wheel",
        "build: rm -rf build && make wheel", "&& make wheel", "got rm -rf build && make wheel",
    ),
    "runs of a commit that is no commit": Fault(
        "git-commit", JOB, "- ${bundle.git.commit}", "- unknown",
        "spark_python_task", "for train, got unknown",
    ),
    "runs of an unknown commit": Fault(
        "git-commit", JOB, "              - --git-commit\n              - ${bundle.git.commit}\n",
        "", "spark_python_task", "for train, got none",
    ),
    "another Spark than the tested one": Fault(
        "runtime", MAIN, "19.x-cpu-ml-scala2.13", "17.3.x-cpu-ml-scala2.13",
        "spark_version: ${", "(19), got 17.3.x-cpu-ml-scala2.13 with Spark 4.0",
    ),
    "a runtime without MLflow and XGBoost": Fault(
        "runtime", MAIN, "19.x-cpu-ml-scala2.13", "19.x-scala2.13",
        "spark_version: ${", "for machine learning, which has MLflow and XGBoost, got 19.x-scala",
    ),
    "a circle between schema and app": Fault(
        "circle", SCHEMA, "      comment: Tables",
        "      storage_root: ${resources.apps.api.id}\n      comment: Tables",
        "    api:", "the circle", place=API,
    ),
    "an app's name that is too long": Fault(
        "own-names", API, "name: hitcast-api-", "name: hitcast-scoring-application-",
        "name: hitcast-scoring", "got hitcast-scoring-application-staging (35 characters)",
        target="staging",
    ),
    "an app's name with what names must not have": Fault(
        "own-names", MAIN, "domain_friendly_name}", "short_name}",
        "name: hitcast-api", "got hitcast-api-first_last", target="dev", place=API,
    ),
    "one name for all developers": Fault(
        "own-names", "resources/keys.secret_scope.yml", "${var.secret_scope}", "hitcast",
        "name: hitcast", "in the name of secret_scopes.keys, got hitcast", target="dev",
    ),
    "staging on other compute than production": Fault(
        "same-compute", MAIN, "      catalog: hitcast_staging\n",
        "      catalog: hitcast_staging\n      compute:\n        job_cluster_key: ''\n"
        "        environment_key: hitcast\n        libraries: []\n        job_clusters: []\n"
        "        environments: [{environment_key: hitcast}]\n",
        "- task_key: ingest", "got cluster hitcast in prod and serverless in staging", place=JOB,
    ),
    "an older CLI": Fault(
        "cli-version", MAIN, ">= 1.10.0", ">= 0.283.0",
        "databricks_cli_version", "got >= 0.283.0; older ones don't know that empty text is none",
    ),
    "any CLI": Fault(
        "cli-version", MAIN, '  databricks_cli_version: ">= 1.10.0"\n', "",
        "bundle:", "ask for >= 1.10.0 or newer, got none",
    ),
    "Spark models by way of DBFS": Fault(
        "dfs-tmp", MAIN, "MLFLOW_DFS_TMP: /Volumes/", "MLFLOW_DFS_TMP: /tmp/",
        "MLFLOW_DFS_TMP", "on a volume, got /tmp/",
    ),
    "a cluster where there is serverless compute alone": Fault(
        "serverless-alone", MAIN, "        job_clusters: []\n",
        "        job_clusters:\n          - job_cluster_key: small\n            new_cluster:\n"
        "              spark_version: ${var.spark_version}\n"
        "              spark_env_vars: {MLFLOW_DFS_TMP: /Volumes/a/b/c}\n",
        "- job_cluster_key: small", "got small; what its spark_env_vars say", target="free",
    ),
    "a task on a cluster where there is serverless compute alone": Fault(
        "serverless-alone", JOB, "          environment_key: ${var.compute.environment_key}\n",
        "          environment_key: ${var.compute.environment_key}\n"
        "          existing_cluster_id: 0123-456789-abcdefgh\n",
        "existing_cluster_id", "expected environment_key for ingest in free", target="free",
    ),
    "libraries of a serverless task": Fault(
        "serverless-libraries", JOB, "libraries: ${var.compute.libraries}\n",
        "libraries:\n            - whl: ../dist/*.whl\n",
        "libraries:", "expected no libraries for ingest", target="free",
    ),
    "an environment without the wheel": Fault(
        "serverless-libraries", MAIN, WHEEL, "                - onnx>=1.22\n\n  staging:",
        "- environment_key: hitcast", "of hitcast, got ['mlflow==3.12.0', 'onnx>=1.22']",
        target="free",
    ),
    "an environment from before Spark ML": Fault(
        "serverless-version", MAIN, 'environment_version: "6"', 'environment_version: "3"',
        "environment_version", "got 3, which is from before Spark ML there", target="free",
    ),
    "an environment with another Spark than the tested one": Fault(
        "serverless-version", MAIN, 'environment_version: "6"', 'environment_version: "5"',
        "environment_version", "tests run on (6), got 5 with Spark 4.1", target="free",
    ),
    "an environment of any version": Fault(
        "serverless-version", MAIN, '              environment_version: "6"\n', "",
        "- environment_key: hitcast", "tests run on (6), got none", target="free",
    ),
    "a wheel that brings its Spark": Fault(
        "serverless-spark", MAIN, WHEEL, "                - ./dist/*.whl[spark]\n\n  staging:",
        "- ./dist/*.whl[spark]", "got ./dist/*.whl[spark]; installing another", target="free",
    ),
    "an environment with a Spark of its own": Fault(
        "serverless-spark", MAIN, WHEEL,
        "                - ./dist/*.whl\n                - pyspark==4.2.0\n\n  staging:",
        "- pyspark", "got pyspark==4.2.0; installing another", target="free",
    ),
    "state in the working folder of a serverless task": Fault(
        "serverless-home", JOB, HOME, "",
        "spark_python_task", "on a volume for ingest, which runs serverless, got none",
        target="free",
    ),
    "a log on the app's own disk": Fault(
        "log-shipping", API, "name: HITCAST_LOG_SHIP_TO", "name: HITCAST_LOG_SHIPPED_TO",
        "name: HITCAST_HOME", "expected HITCAST_LOG_SHIP_TO for the app api",
    ),
}  # fmt: skip


def told(project: Path, target: str, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """The problems of a bundle in a target."""
    assert main(["--bundle", str(project), "--target", target]) == 1
    return capsys.readouterr().err.removeprefix("error: ").splitlines()


@pytest.mark.parametrize("name", FAULTS)
def test_a_policy_refuses_it_with_file_and_line(
    name: str, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fault = FAULTS[name]
    broken = project / fault.file
    text = broken.read_text(encoding="utf-8")
    assert fault.old in text
    broken.write_text(text.replace(fault.old, fault.new, 1), encoding="utf-8")
    found = told(project, fault.target, capsys)
    (line, *_) = [x for x in found if x.endswith(f"(policy {fault.policy})") and fault.told in x]
    file, _, rest = line.partition(":")
    assert file == (fault.place or fault.file)
    lines = (project / file).read_text(encoding="utf-8").splitlines()
    assert fault.line in lines[int(rest.partition(":")[0]) - 1]
    # One fault, one policy.
    assert {x.rpartition("(policy ")[2] for x in found} == {f"{fault.policy})"}


@pytest.mark.parametrize(
    ("entities", "prefix"), [("served_entities", "entity"), ("served_models", "model")]
)
def test_an_endpoint_with_a_version_of_its_own_is_refused(
    entities: str, prefix: str, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "resources/classifier.endpoint.yml").write_text(
        "resources:\n  model_serving_endpoints:\n    classifier:\n      name: hitcast\n"
        f"      config:\n        {entities}:\n          - {prefix}_name: a.b.c\n"
        f'            {prefix}_version: "1"\n'
        "            scale_to_zero_enabled: true\n"
    )
    (line,) = told(project, "prod", capsys)
    assert line.startswith("resources/classifier.endpoint.yml:8: expected a task that moves the")
    assert line.endswith("(policy endpoint-version)")


def test_a_file_that_is_called_by_another_kind_is_refused(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    resources = project / "resources"
    (resources / "classifier.registered_model.yml").rename(resources / "classifier.model.yml")
    assert told(project, "dev", capsys) == [
        "resources/classifier.model.yml:4: expected registered_models.classifier in a file called "
        "classifier.registered_model.yml, got resources/classifier.model.yml (policy file-names)"
    ]


def test_a_fourth_app_on_a_free_edition_is_refused(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "tool").mkdir()
    (project / "tool/app.yaml").write_text("command: [python, app.py]\n")
    for name in ("third", "fourth"):
        (project / f"resources/{name}.app.yml").write_text(
            f"resources:\n  apps:\n    {name}:\n      name: {name}-${{var.suffix}}\n"
            "      source_code_path: ../tool\n"
        )
    assert main(["--bundle", str(project), "--target", "dev"]) == 0
    assert told(project, "free", capsys) == [
        "resources/third.app.yml:3: expected 3 apps in free at most, got 4; give third to the "
        "other targets alone, as a target can't take a resource away (policy free-apps)"
    ]


def test_every_policy_has_a_fault_that_it_refuses() -> None:
    assert {fault.policy for fault in FAULTS.values()} == {*POLICIES, "same-compute"} - {
        "file-names",
        "endpoint-version",
        "free-apps",
    }


# What everybody has to set; else a rehearsal warns of it.
OURS = ["--var", "notify=us@hitcast.test", "--var", f"run_as={'1' * 8}-1111-1111-1111-{'1' * 12}"]


@pytest.mark.parametrize("target", ["dev", "free", "staging", "prod"])
def test_the_bundle_as_it_stands_breaks_none(
    target: str, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--bundle", str(project), "--target", target, *OURS]) == 0
    assert capsys.readouterr().err == ""


def test_a_kind_that_nobody_here_knows_is_told_and_left_alone(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = project / "resources/tracks.pipeline.yml"
    file.write_text(
        "resources:\n  pipelines:\n    tracks:\n      name: tracks\n      nonsense: 1\n"
    )
    job = project / JOB
    job.write_text(
        job.read_text().replace("hitcast weekly", "after ${resources.pipelines.tracks.id}")
    )
    assert main(["--bundle", str(project)]) == 0
    assert capsys.readouterr().err.startswith(
        "warning: resources/tracks.pipeline.yml:2: pipelines are not checked; a rehearsal knows "
    )


def test_a_kind_that_is_misspelt_is_refused(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = project / "resources/home.volume.yml"
    file.write_text(file.read_text().replace("  volumes:", "  volume:"))
    assert "got volume; did you mean volumes?" in told(project, "dev", capsys)[0]


def test_a_rehearsal_knows_presets_git_and_the_commit(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = project / MAIN
    text = file.read_text().replace("    dynamic_version: true\n", "")
    text = text.replace("\ninclude:", "  git:\n    branch: main\n\ninclude:", 1)
    text += "    presets:\n      artifacts_dynamic_version: true\n      tags:\n"
    text += "        branch: ${bundle.git.branch}\n        commit: ${bundle.git.commit}\n"
    file.write_text(text)
    assert main(["--bundle", str(project), "--target", "prod", *OURS]) == 0
    # No checkout: the CLI's commit is empty too.
    assert capsys.readouterr().err == ""
