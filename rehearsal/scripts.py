"""The scripts that tasks run: whether they take the parameters that they are given."""

import argparse
import runpy
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

from hitcast.errors import BundleError
from rehearsal.dynamic import Values
from rehearsal.nodes import Node


def check_parameters(script: Path, work: Node, values: Values) -> Iterator[BundleError]:
    """Have a script's own parser look at a task's parameters.

    Values that tasks leave for each other are not known yet; a task with one of them in its
    parameters is not looked at.

    Args:
        script: A Python file whose function `parser` builds its parser.
        work: The task's `spark_python_task`.
        values: The job's parameters.
    """
    parameters = work.list("parameters")
    if any("{{tasks." in str(node.value) for node in parameters):
        return
    parser = load_parser(script)
    if parser is None:
        yield work.place.error(
            f"expected a function parser() in {script.name}, found none; a rehearsal asks it what "
            "the script takes"
        )
        return
    setattr(parser, "error", _refuse)  # noqa: B010 - argparse would end the process
    given = [values.fill(node) for node in parameters]
    try:
        parser.parse_args(given)
    except _RefusedError as error:
        place = _culprit(str(error), parameters, given) or work.get("parameters") or work
        yield place.place.error(
            f"expected parameters that {script.name} takes, got: {error}; see "
            f"python jobs/{script.name} --help"
        )


def load_parser(script: Path) -> argparse.ArgumentParser | None:
    """The parser that a script's function `parser` builds; None where it has no such function."""
    build = runpy.run_path(str(script), run_name="rehearsal").get("parser")
    found: argparse.ArgumentParser | None = build() if build is not None else None
    return found


def check_entry_point(root: Path, work: Node) -> Iterator[BundleError]:
    """Check that the wheel is this project's and has the entry point that a task names."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    package = work.get("package_name")
    if package is not None and package.value != project["name"]:
        yield package.place.error(f"expected the wheel {project['name']}, got {package.value}")
    entry = work.get("entry_point")
    known = sorted(project.get("scripts", {}))
    if entry is not None and entry.value not in known:
        yield entry.place.error(
            f"expected an entry point of the wheel among {known}, got {entry.value}; add it to "
            "[project.scripts] in pyproject.toml"
        )


class _RefusedError(Exception):
    """A parser refused its arguments."""


def _refuse(message: str) -> NoReturn:
    raise _RefusedError(message)


def _culprit(message: str, nodes: list[Node], given: list[str]) -> Node | None:
    """The parameter that a parser's message is about."""
    words = message.replace(":", " ").replace(",", " ").replace("'", " ").split()
    for node, text in zip(nodes, given, strict=True):
        if text.partition("=")[0] in words:
            return node
    return None
