"""What the studio may know: the API, and nothing that only one use case has."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from hitcast.declaration.loading import load_use_case
from tests.conftest import ROOT

MODULES = sorted((ROOT / "frontend").rglob("*.py"))
FORBIDDEN = {"hitcast", "serving", "pyspark", "delta", "mlflow", "onnxruntime"}
SERVING = sorted((ROOT / "serving").rglob("*.py"))
ALSO_WORDS = {"key", "mode", "year", "Class", "row_key"}
"""Columns whose names are words of programming or of every day, too."""


def test_there_are_modules_to_look_at() -> None:
    assert len(MODULES) > 20


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_a_module_imports_neither_spark_nor_what_runs_the_models(path: Path) -> None:
    assert not set(_imported(ast.parse(path.read_text(encoding="utf-8")))) & FORBIDDEN


@pytest.mark.parametrize("name", ["spotify", "fraud", "pistachio"])
def test_no_column_of_a_use_case_is_named(name: str) -> None:
    columns = set(load_use_case(name, folder=ROOT / "conf").column_names)
    names = "|".join(columns - ALSO_WORDS)
    found = [
        f"{path.name}: {name}"
        for path in MODULES
        for name in re.findall(rf"\b({names})\b", path.read_text(encoding="utf-8"))
    ]
    assert found == []


@pytest.mark.parametrize("path", [*MODULES, *SERVING], ids=lambda path: path.stem)
def test_no_text_is_about_one_use_case(path: Path) -> None:
    told = " ".join(_texts(ast.parse(path.read_text(encoding="utf-8"))))
    assert not re.findall(r"\b(?:tracks?|hits?|music|genres?|artists?|songs?)\b", told, re.I)


def _texts(tree: ast.AST) -> Iterator[str]:
    """All texts of a module, docstrings too; a name alone is one for programs."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def _imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.split(".")[0]
