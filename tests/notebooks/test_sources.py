"""What notebooks may hold: cells, imports, calls; no definition and no column of one use case."""

import ast
import re
import sys
from pathlib import Path

import pytest

from hitcast.declaration.use_case import UseCase
from hitcast.errors import HitcastError
from hitcast.exploring.rendering.source import Cell, read_cells
from tests.notebooks.runner import NOTEBOOKS

DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
ALSO_WORDS = {"key", "mode", "year"}
"""Columns whose names are words of programming or of every day, too."""


def test_there_are_five_notebooks() -> None:
    names = ["01_explore", "02_train_and_compare", "03_serve", "04_trends", "05_fraud_story"]
    assert [path.stem for path in NOTEBOOKS] == names


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_defines_nothing(path: Path) -> None:
    assert not [node for node in ast.walk(_tree(path)) if isinstance(node, DEFINITIONS)]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_imports_hitcast_pandas_and_the_standard_library_alone(path: Path) -> None:
    found = set()
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        if isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.split(".")[0])
    assert "hitcast" in found
    assert not found - {"hitcast", "pandas"} - sys.stdlib_module_names


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_names_no_column_of_the_tracks(path: Path, spotify: UseCase) -> None:
    names = "|".join(set(spotify.column_names) - ALSO_WORDS)
    assert re.findall(rf"\b({names})\b", path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_told_in_words_between_its_cells(path: Path) -> None:
    cells = read_cells(path.read_text(encoding="utf-8"))
    assert cells[0].kind == "markdown" and cells[0].text.startswith("# ")
    assert sum(cell.kind == "markdown" for cell in cells) >= 3


def test_a_source_is_parted_into_cells() -> None:
    source = (
        "# Databricks notebook source\n# MAGIC %md\n# MAGIC # Title\n# MAGIC\n# MAGIC Text.\n\n"
        "# COMMAND ----------\n\n# DBTITLE 1,A name\nx = 1\n\n# COMMAND ----------\n\n"
        "# MAGIC %md short\n"
    )
    assert read_cells(source) == [
        Cell("markdown", "# Title\n\nText."),
        Cell("code", "x = 1"),
        Cell("markdown", "short"),
    ]


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("x = 1", "expected a notebook that begins with"),
        ("# Databricks notebook source\n# MAGIC %sql\n# MAGIC SELECT 1", "got '%sql'"),
    ],
)
def test_what_is_no_such_notebook_is_refused(source: str, told: str) -> None:
    with pytest.raises(HitcastError, match=told):
        read_cells(source)


def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))
