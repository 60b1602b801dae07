"""Puts a public demo's folder together: python deploy/space/assemble.py --use-case NAME --out OUT.

The folder has all that a hosting space needs: the API and the rooms that it imports, one
declaration, production's scorer as files, requirements, start command and a README with a header.
"""

import argparse
import json
import re
import shutil
import tempfile
from pathlib import Path
from string import Template
from typing import Any

from hitcast.declaration.loading import conf_folder, load_use_case
from hitcast.declaration.use_case import UseCase
from hitcast.errors import SpaceError
from hitcast.models.exporting import export_production
from hitcast.models.registry import Registry
from hitcast.portable.card import CARD_FILE, MODEL_FILE, VERSION_FILE
from hitcast.portable.insights import INSIGHTS_FILE
from hitcast.running.job import end, home_of, job_parser, run_job
from serving.versions.exported import seen_in
from serving.versions.served import Served

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
PLAIN = (".dockerignore", "Dockerfile", "start.sh", "requirements.txt")
LEGAL = ("LICENSE", "NOTICE")
ROOMS = (
    "__init__.py", "errors.py", "declaration", "portable", "running", "experiments/__init__.py",
    "experiments/arms.py",
)  # fmt: skip
"""What the API imports of the package: rooms, and modules of those that need more than it has."""
UNWANTED = ("__pycache__", "*.whl", "requirements.txt", "app.yaml")
NAMES = {"README.md", "conf", "hitcast", "scorer", "serving", *PLAIN, *LEGAL}
"""What an assembled folder holds; beside it may lie what git keeps there."""
FILES = (MODEL_FILE, CARD_FILE, VERSION_FILE, INSIGHTS_FILE)


def parser() -> argparse.ArgumentParser:
    """The command's options: those of a job, and where to."""
    options = job_parser((__doc__ or "").partition("\n")[0])
    options.add_argument("--out", type=Path, required=True, help="the folder; made, or renewed")
    options.add_argument("--scorer", type=Path, help="an exported scorer, instead of production's")
    options.add_argument(
        "--with-private", action="store_true",
        help="take a scorer that holds values of private columns too: not for public spaces",
    )  # fmt: skip
    return options


def main(given: argparse.Namespace) -> dict[str, Any]:
    """Put the folder together beside its place, then bring it there."""
    use_case, out = load_use_case(given.use_case), given.out.absolute()
    _check_place(out)
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{out.name}.", dir=out.parent) as beside:
        made = Path(beside, "space")
        scorer = given.scorer
        if scorer is None:
            home, scorer = home_of(given), Path(beside, "scorer")
            export_production(Registry(home, home.model(use_case.name)), scorer)
        served = _loaded(scorer, use_case)
        if not given.with_private:
            _check_private(served, use_case)
        _copy(made, scorer, use_case)
        text = (HERE / "README.md").read_text(encoding="utf-8")
        (made / "README.md").write_text(Template(text).substitute(_words(served, use_case)))
        size = sum(path.stat().st_size for path in made.rglob("*") if path.is_file())
        _bring(made, out)
    return {"space": str(out), "use_case": use_case.name, "version": served.number, "bytes": size}


def _check_place(out: Path) -> None:
    """Refuse a folder in which something else lies: it would be published too."""
    held = {path.name for path in out.iterdir()} if out.is_dir() else set()
    others = sorted(name for name in held - NAMES if not name.startswith(".git"))
    if others or (out.exists() and not out.is_dir()):
        raise SpaceError(
            f"expected {out} to be absent, empty, an earlier space or a clone of one, found "
            f"{others or 'a file'} there; name another folder"
        )


def _loaded(scorer: Path, use_case: UseCase) -> Served:
    """The exported scorer as the API loads it, so that a wrong one is found here."""
    seen = seen_in(scorer)
    if not seen.versions:
        raise SpaceError(f"{scorer}: {seen.problem}")
    return Served(next(iter(seen.versions.values())), scorer, use_case)


def _check_private(served: Served, use_case: UseCase) -> None:
    """Refuse a scorer whose files name values that tell who somebody is."""
    private = {column.name for column in use_case.columns if column.private}
    inputs = served.scorer.card.inputs
    found = {column.name for column in inputs if column.values} & private
    # Of several words in a row, a text could be put together again.
    found |= {c.name for c in inputs if c.rule is not None and c.rule.ngrams > 1} & private
    insights = served.insights
    if insights is not None:
        held = (use_case.group if insights.groups else None, insights.by)
        found |= {name for name in held if name in private}
    if found:
        raise SpaceError(
            f"expected a scorer without values of private columns, found those of {sorted(found)} "
            "in its files, which everybody can read in a public space; train without them, or give "
            "--with-private for a space that is not public"
        )


def _copy(made: Path, scorer: Path, use_case: UseCase) -> None:
    ignore = shutil.ignore_patterns(*UNWANTED)
    shutil.copytree(ROOT / "serving", made / "serving", ignore=ignore)
    for name in ROOMS:
        source, target = ROOT / "src/hitcast" / name, made / "hitcast" / name
        if source.is_dir():
            shutil.copytree(source, target, ignore=ignore)
        else:
            target.parent.mkdir(exist_ok=True)
            shutil.copy(source, target)
    for name in PLAIN:
        shutil.copy(HERE / name, made)
    for name in LEGAL:
        shutil.copy(ROOT / name, made)
    for folder in ("conf", "scorer"):
        (made / folder).mkdir()
    shutil.copy(conf_folder() / f"{use_case.name}.yml", made / "conf")
    for name in FILES:
        if (scorer / name).exists():
            shutil.copy(scorer / name, made / "scorer")


def _words(served: Served, use_case: UseCase) -> dict[str, str]:
    """What the README says of this model, and of what the start command allows."""
    start, card = (HERE / "start.sh").read_text(encoding="utf-8"), served.scorer.card
    limits = dict(re.findall(r"HITCAST_(\w+):=(\d+)", start))
    of = "generated" if card.generated else "real"
    trained = f"It was trained on {of} {use_case.many}."
    if card.generated:
        trained += " It shows how the engine works and tells nothing about real ones."
    return {
        # In the header it is YAML, which takes JSON's texts.
        "quoted": json.dumps(use_case.title, ensure_ascii=False),
        "title": use_case.title, "entity": use_case.entity, "many": use_case.many,
        "model": card.model_name, "version": str(served.number), "trained": trained,
        "family": card.family.replace("_", " "),
        "rate": limits["RATE_LIMIT"], "rows": limits["MAX_BATCH"],
    }  # fmt: skip


def _bring(made: Path, out: Path) -> None:
    """Put what was made in the place of what was there; what git keeps there stays."""
    out.mkdir(exist_ok=True)
    for path in made.iterdir():
        old = out / path.name
        if old.is_dir():
            shutil.rmtree(old)
        elif old.exists():
            old.unlink()
        path.rename(old)


if __name__ == "__main__":
    end(run_job(parser(), main))
