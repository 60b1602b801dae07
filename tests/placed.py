"""APIs whose versions lie in the cache, as the poller leaves them: no MLflow, no process."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest
from fastapi import FastAPI

from hitcast.declaration.use_case import UseCase
from serving.main import create_app
from serving.versions.cache import ScorerCache
from serving.versions.snapshot import Snapshot, VersionInfo
from tests.conftest import ROOT
from tests.five import insights_of, make_scorer, write_five
from tests.serving.conftest import settings_of

METRICS = {"test_accuracy": 0.75, "test_macro_f1": 0.5}
"""Of each version."""


def placed_app(home: Path, use_case: UseCase, scorers: Sequence[Path], **settings: str) -> FastAPI:
    """An app that serves the first of some scorers by `production`, the last by `staging`.

    Nothing runs beside it, so that what it serves stays as it is.
    """
    conf = ROOT / "conf"
    if not (conf / f"{use_case.name}.yml").is_file():
        conf = write_five(home / "conf")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("HITCAST_CONF", str(conf))
        made = create_app(settings_of(home=home, use_case=use_case.name, **settings))
    folder = made.state.api.settings.cache_folder
    found = [
        VersionInfo(
            number, f"run{number}", tags={"hitcast.family": "random_forest"}, metrics=METRICS
        )
        for number in range(1, len(scorers) + 1)
    ]
    for info, scorer in zip(found, scorers, strict=True):
        ScorerCache(folder).add(info.place, scorer)
    aliases = {"production": 1, "staging": len(scorers)}
    Snapshot({info.number: info for info in found}, aliases).save(folder)
    asyncio.run(made.state.api.switch.look())
    return made


def small_app(home: Path, use_case: UseCase, **settings: str) -> FastAPI:
    """The same with two versions of the use case's small scorer and its insights."""
    scorers = [make_scorer(home / f"{number}/scorer", use_case) for number in (1, 2)]
    for scorer in scorers:
        insights_of(use_case).save(scorer)
    return placed_app(home, use_case, scorers, **settings)
