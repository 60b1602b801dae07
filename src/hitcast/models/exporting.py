"""Production's scorer as plain files, for those who have no registry within reach."""

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hitcast.declaration.use_case import UseCase
from hitcast.errors import RegistryError
from hitcast.models.decision import Decision, outcome
from hitcast.models.registry import PRODUCTION, Registry, Version
from hitcast.portable.card import CARD_FILE, MODEL_FILE, VERSION_FILE
from hitcast.portable.insights import INSIGHTS_FILE
from hitcast.portable.scorer import Scorer
from hitcast.running.home import Home
from hitcast.running.interrupts import was_interrupted
from hitcast.running.job import explain, say

FILES = {MODEL_FILE, CARD_FILE, INSIGHTS_FILE, VERSION_FILE}


def export_production(
    registry: Registry, folder: Path, told: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Put the scorer of the version in production into a folder.

    The folder is never half-written: all of it is written beside it, and takes its place by a
    rename.

    Args:
        registry: The model's versions.
        folder: Where its files go.
        told: What the job has to tell already.

    Returns:
        What the job's JSON line holds.

    Raises:
        RegistryError: if nothing is in production, or the folder holds anything else.
    """
    version = registry.by_alias(PRODUCTION)
    if version is None:
        raise RegistryError(
            f"expected a version of {registry.name} with the alias {PRODUCTION}, found the aliases "
            f"{registry.aliases()}; train one with jobs/train.py"
        )
    folder = folder.absolute()
    if folder.exists() and not _is_export(folder):
        raise RegistryError(
            f"expected {folder} to be absent, empty or an earlier export with {VERSION_FILE}, "
            "found something else there; name another folder"
        )
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{folder.name}.", dir=folder.parent) as beside:
        made = registry.download_scorer(version.number, Path(beside, "download"))
        Scorer.load(made)
        (made / VERSION_FILE).write_text(json.dumps(_named(registry, version)), encoding="utf-8")
        if folder.exists():
            folder.rename(Path(beside, "before"))
        made.rename(folder)
    exported = Decision(PRODUCTION, (f"version {version.number} is in production",))
    said = told or outcome(version.number, exported, "exported")
    return {**said, "exported": str(folder)}


def export_where_named(registry: Registry, home: Home, use_case: UseCase) -> None:
    """Bring the folder that conf names up to date, whichever run has moved production.

    What is in the way is told: it takes nothing back that was decided.
    """
    named = use_case.promotion.export
    if named is None:
        return
    folder = home.folder / named
    try:
        current = registry.by_alias(PRODUCTION)
        if current is not None and _exported(folder) != _named(registry, current):
            export_production(registry, folder)
            say(f"exported version {current.number} to {folder}")
    except Exception as error:
        if was_interrupted():
            raise
        told = explain(error).removeprefix("error: ")
        say(f"note: production was not exported: {told}; run jobs/promote.py --export {folder}")


def _named(registry: Registry, version: Version) -> dict[str, Any]:
    return {"model": registry.name, "version": version.number, "run_id": version.run_id}


def _is_export(folder: Path) -> bool:
    """Whether a folder is empty, or holds an export and nothing that somebody else put there."""
    if not folder.is_dir():
        return False
    held, told = {path.name for path in folder.iterdir()}, _exported(folder)
    ours = isinstance(told, dict) and set(told) == {"model", "version", "run_id"}
    return not held or (ours and held <= FILES)


def _exported(folder: Path) -> object:
    """What a folder says that it holds; None: nothing of ours."""
    try:
        return json.loads((folder / VERSION_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
