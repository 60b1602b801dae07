"""Makes an experiment's report: page, rows of a table, MLflow run, the file that the API serves."""

import hashlib
import json
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, select_autoescape
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from hitcast.declaration.experiment import Experiment
from hitcast.declaration.use_case import UseCase
from hitcast.errors import ExperimentError
from hitcast.experiments import looks
from hitcast.experiments.comparing import Contest
from hitcast.experiments.findings import findings
from hitcast.experiments.gathering import gather
from hitcast.experiments.metrics import METRICS
from hitcast.experiments.pictures import draw_all
from hitcast.experiments.planning import planned_by_end
from hitcast.experiments.runs import logged
from hitcast.running.files import write_whole
from hitcast.running.home import Home
from hitcast.tables.lakehouse import Lakehouse
from hitcast.training.report import inline

Outcomes = Callable[[DataFrame, DataFrame], DataFrame]
"""From the inference log and feedback to one outcome a prediction."""


def report(
    spark: SparkSession,
    use_case: UseCase,
    home: Home,
    experiment: Experiment,
    outcomes: Outcomes,
    *,
    planned: int | None = None,
) -> dict[str, Any]:
    """Judge an experiment by what `collect` has brought in.

    Args:
        spark: The session.
        use_case: Whose label and tables.
        home: Where tables, runs and reports are.
        experiment: What is compared.
        outcomes: Which outcome of a prediction counts.
        planned: How many units there are to be; else what the declared end makes of those so far.

    Returns:
        What the job's last line has.

    Raises:
        ExperimentError: if there is nothing to judge, or not by the declared metric.
    """
    _require_metric(experiment, use_case)
    lakehouse = Lakehouse(spark, home.lakehouse, use_case.name, home.schema)
    log, feedback = lakehouse.table("inference_log"), lakehouse.table("feedback")
    if not log.exists():
        raise ExperimentError(
            f"expected the inference_log table at {log.place}, found none; run jobs/collect.py"
        )
    lines = log.read().where(F.col("model") == home.model(use_case.name))
    # Where nobody has said anything yet, nothing is known of any prediction.
    none = lines.select("prediction_id", F.col("label").alias("outcome")).limit(0)
    known = outcomes(lines, feedback.read()) if feedback.exists() else none
    gathered = gather(lines, known, experiment, use_case.label)
    contest = Contest(
        experiment,
        gathered,
        use_case.label.count,
        planned or planned_by_end(experiment, gathered),
    )
    generated = any(t.exists() and t.is_generated() for t in (log, lakehouse.gold))
    found = findings(contest, use_case=use_case.name, title=use_case.title, generated=generated)
    declared = experiment.model_dump_json()
    state = hashlib.sha256(f"{gathered.state} {declared}".encode()).hexdigest()[:32]
    page = home.experiment_reports(use_case.name) / f"{experiment.name}.html"
    with lakehouse.alone():
        table = lakehouse.table(looks.NAME)
        run_id = looks.run_of(table, experiment.name, state)
        made = page_of(found)
        if run_id is None:
            run_id = logged(home, use_case, found, made)
            looks.add(table, found, state, run_id)
        write_whole(page, made, make_folder=True)
        write_whole(page.with_suffix(".json"), json.dumps(found, indent=1, allow_nan=False))
    return last_line(found, page, run_id)


def last_line(found: Mapping[str, Any], page: Path, run_id: str) -> dict[str, Any]:
    """What the job says in the end."""
    arms = {
        alias: {
            **{name: arm[name] for name in ("units", "predictions", "with_outcome", "versions")},
            "verdict": arm.get("verdict"),
        }
        for alias, arm in found["arms"].items()
    }
    differences = {
        alias: arm["differences"].get(found["metric"])
        for alias, arm in found["arms"].items()
        if "differences" in arm
    }
    return {
        "experiment": found["name"],
        "verdict": found["verdict"],
        "reasons": found["reasons"],
        "arms": arms,
        "units": found["units"],
        "differences": differences,
        "report": str(page),
        "run_id": run_id,
    }


def _require_metric(experiment: Experiment, use_case: UseCase) -> None:
    if METRICS[experiment.metric].of_two and use_case.label.count > 2:
        raise ExperimentError(
            f"experiment {experiment.name}: expected metric log_loss or brier, as {use_case.name} "
            f"has {use_case.label.count} classes of which none is the positive one; got "
            f"{experiment.metric}"
        )


def page_of(found: Mapping[str, Any]) -> str:
    """The page that shows what `findings` says, with its pictures inside."""
    with tempfile.TemporaryDirectory() as folder:
        names = draw_all(Path(folder), found)
        pictures = [{"name": Path(n).stem, "data": inline(Path(folder, n))} for n in names]
    environment = Environment(
        loader=PackageLoader("hitcast.experiments", "."), autoescape=select_autoescape()
    )
    return str(environment.get_template("report.html").render(**found, pictures=pictures))
