"""Exported scorers as folders, as `jobs/promote.py --export` leaves them; no MLflow, no Spark."""

import json
import shutil
from pathlib import Path

from hitcast.declaration.use_case import UseCase
from hitcast.portable.card import VERSION_FILE
from tests.five import insights_of, make_scorer


def name_version(folder: Path, use_case: UseCase, number: int = 1) -> Path:
    """Say in a scorer's folder which version it is; returns the folder."""
    told = {"model": use_case.name, "version": number, "run_id": f"run{number}"}
    (folder / VERSION_FILE).write_text(json.dumps(told))
    return folder


def export(folder: Path, use_case: UseCase, number: int = 1) -> Path:
    """The use case's small scorer with its insights, exported; in the place of what was there."""
    scorer = make_scorer(folder.with_name(f".{folder.name}"), use_case)
    insights_of(use_case).save(scorer)
    name_version(scorer, use_case, number)
    shutil.rmtree(folder, ignore_errors=True)
    return scorer.rename(folder)
