"""No text that people see knows what a use case's rows are: that stands in `conf/`."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT

KNOWN = re.compile(
    r"\b(tracks?|hits?|music|songs?|genres?|artists?|frauds?|pistachios?|producers?)\b", re.I
)
FOLDERS = ("src/hitcast", "serving", "frontend", "jobs")
GENERATOR = "src/hitcast/sources/twin"
"""The tracks' own generator: it belongs to their use case."""


def texts_of(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """The texts of a module that are no docstrings, and where they stand."""
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, documented) and node.body and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            if id(node) not in docstrings:
                yield node.lineno, node.value


@pytest.mark.parametrize("folder", FOLDERS)
def test_no_text_names_what_rows_are(folder: str) -> None:
    found = []
    for path in sorted((ROOT / folder).rglob("*.py")):
        place = path.relative_to(ROOT)
        if str(place).startswith(GENERATOR):
            continue
        for line, text in texts_of(ast.parse(path.read_text(encoding="utf-8"))):
            # A name of an attribute or of a file is none that is shown.
            if KNOWN.search(text) and (" " in text or text != text.lower()):
                found.append(f"{place}:{line}: {text[:80]}")
    assert found == []


PAGES = sorted([*(ROOT / "src").rglob("*.html"), *(ROOT / "serving/page").glob("*")])


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_no_page_names_what_rows_are(page: Path) -> None:
    assert KNOWN.findall(page.read_text(encoding="utf-8")) == []
