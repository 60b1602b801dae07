"""A report as a run in MLflow."""

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hitcast.declaration.use_case import UseCase
from hitcast.models.tracking import Tracker
from hitcast.running.home import Home

RUNS = "-experiments"
"""Added to the name of trainings' experiment in MLflow: reports are no trainings."""


def logged(home: Home, use_case: UseCase, found: Mapping[str, Any], page: str) -> str:
    """A run with the page, the findings and the figures; returns its id."""
    tracker = Tracker(home, home.experiment(use_case.name) + RUNS)
    tags = {
        "hitcast.level": "experiment",
        "hitcast.experiment": found["name"],
        "hitcast.verdict": found["verdict"],
        "hitcast.generated": str(found["generated"]).lower(),
    }
    figures = {"units": float(found["units"])}
    for alias, arm in found["arms"].items():
        for metric, told in arm["metrics"].items():
            figures[f"{alias} {metric}"] = told["value"]
        for metric, told in arm.get("differences", {}).items():
            figures[f"{alias} difference {metric}"] = told["difference"]
    with tracker.run(f"experiment {found['name']}", tags) as run_id:
        tracker.log(
            {name: found[name] for name in ("metric", "smallest_difference", "control")},
            {name: value for name, value in figures.items() if value is not None},
        )
        with tempfile.TemporaryDirectory() as folder:
            Path(folder, "report.html").write_text(page, encoding="utf-8")
            text = json.dumps(found, indent=1, allow_nan=False)
            Path(folder, "experiment.json").write_text(text, encoding="utf-8")
            tracker.log_files(Path(folder))
    return run_id
