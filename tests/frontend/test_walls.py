"""What the studio may know: the API, and nothing that only one use case has."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from hitcast.declaration.use_case import UseCase
from tests.conftest import ROOT

MODULES = sorted((ROOT / "frontend").rglob("*.py"))
FORBIDDEN = {"hitcast", "serving", "pyspark", "delta", "mlflow", "onnxruntime"}
ALSO_WORDS = {"key", "mode", "year"}
"""Columns whose names are words of programming or of every day, too."""


def test_there_are_modules_to_look_at() -> None:
    assert len(MODULES) > 20


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_a_module_imports_neither_spark_nor_what_runs_the_models(path: Path) -> None:
    assert not set(_imported(ast.parse(path.read_text(encoding="utf-8")))) & FORBIDDEN


def test_no_column_of_the_tracks_is_named(spotify: UseCase) -> None:
    names = "|".join(set(spotify.column_names) - ALSO_WORDS)
    found = [
        f"{path.name}: {name}"
        for path in MODULES
        for name in re.findall(rf"\b({names})\b", path.read_text(encoding="utf-8"))
    ]
    assert found == []


def _imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.split(".")[0]
