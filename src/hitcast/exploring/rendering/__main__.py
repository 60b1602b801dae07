"""Writes the notebooks as HTML: python -m hitcast.exploring.rendering."""

import argparse
import os
import re
import sys
import time
from pathlib import Path
from typing import Any

import requests

from hitcast.declaration.loading import load_use_case
from hitcast.errors import HitcastError
from hitcast.exploring.rendering.page import render
from hitcast.running.job import job_parser, run_job, say

NEEDS_API = "03_serve"
"""The notebook that is left out where no endpoint answers, unless it is asked for by name."""
STORY = re.compile(r"\d+_(?P<use_case>.+)_story")
"""A notebook about one use case; left out for others, unless it is asked for by name."""


def parser() -> argparse.ArgumentParser:
    """The command's options: those of all jobs, and which notebooks go where."""
    options = job_parser("Run the notebooks on what the home folder holds; write them as HTML.")
    options.add_argument("names", nargs="*", help="notebooks, such as 01_explore (default: all)")
    options.add_argument(
        "--set", action="append", default=[], metavar="WIDGET=VALUE", help="such as train=yes"
    )
    options.add_argument("--from", dest="source", type=Path, default=Path("notebooks"))
    options.add_argument("--to", type=Path, default=Path("docs/notebooks"))
    return options


def main(given: argparse.Namespace) -> dict[str, Any]:
    """Render what was asked for, one after the other.

    Raises:
        HitcastError: if there is no such notebook, or one fails.
    """
    found = {path.stem: path for path in sorted(given.source.glob("[0-9]*.py"))}
    unknown = sorted(set(given.names) - set(found))
    if unknown or not found:
        raise HitcastError(
            f"expected notebooks among {list(found)} in {given.source}, got {unknown or 'none'}"
        )
    load_use_case(given.use_case)
    widgets, written = _widgets(given), {}
    is_ready = _ready(widgets["url"])
    for name in given.names or found:
        told = "" if given.names else _left_out(name, given.use_case, is_ready, widgets["url"])
        if told:
            say(f"{name}: left out, {told}")
            continue
        begun = time.monotonic()
        page = given.to / f"{name}.html"
        # Others than the one that is about asking do without an address that nobody gave.
        does_without = not is_ready and name != NEEDS_API and not _gives(given, "url")
        render(found[name], page, widgets | ({"url": ""} if does_without else {}))
        written[name] = round(time.monotonic() - begun, 1)
        say(f"{page}: {page.stat().st_size / 1e6:.1f} MB, {written[name]} s")
    return {"seconds": written, "left_out": [n for n in given.names or found if n not in written]}


def _gives(given: argparse.Namespace, widget: str) -> bool:
    return any(pair.startswith(f"{widget}=") for pair in given.set)


def _left_out(name: str, use_case: str, is_ready: bool, url: str) -> str:
    """Why a notebook is not run that nobody has asked for by name; nothing where it is."""
    story = STORY.fullmatch(name)
    if story is not None and story["use_case"] != use_case:
        return f"for it is about another use case; run --use-case {story['use_case']}"
    if name == NEEDS_API and not is_ready:
        return (
            f"for no API is ready at {url}; run make serve (or make run) in another terminal, or "
            "set HITCAST_API_URL"
        )
    return ""


def _widgets(given: argparse.Namespace) -> dict[str, str]:
    home = given.home or os.environ.get("HITCAST_HOME") or "."
    values = {
        "use_case": given.use_case,
        "home": str(Path(home).resolve()),
        "catalog": given.catalog,
        "schema": given.schema,
        "model": given.model,
        "url": os.environ.get("HITCAST_API_URL") or "http://127.0.0.1:8000",
        "key": os.environ.get("HITCAST_API_KEY"),
    }
    wrong = [pair for pair in given.set if "=" not in pair]
    if wrong:
        raise HitcastError(f"expected --set WIDGET=VALUE, got {wrong[0]!r}")
    more = dict(pair.split("=", 1) for pair in given.set)
    return {name: str(value) for name, value in values.items() if value} | more


def _ready(url: str) -> bool:
    session = requests.Session()
    session.trust_env = False
    try:
        return session.get(f"{url.rstrip('/')}/readyz", timeout=5).ok
    except requests.RequestException:
        return False


if __name__ == "__main__":
    sys.exit(run_job(parser(), main))
