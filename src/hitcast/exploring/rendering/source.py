"""Databricks' source format of notebooks: a Python file whose comments part it into cells."""

from collections.abc import Sequence
from dataclasses import dataclass

from hitcast.errors import HitcastError

FIRST = "# Databricks notebook source"
SEPARATOR = "# COMMAND ----------"
MAGIC, MARKDOWN, TITLE = "# MAGIC", "%md", "# DBTITLE"


@dataclass(frozen=True)
class Cell:
    """One cell: `markdown` or `code`, and its text."""

    kind: str
    text: str


def read_cells(source: str) -> Sequence[Cell]:
    """Part a notebook's source into cells.

    Raises:
        HitcastError: if it is not in the format, or has a magic command other than `%md`.
    """
    if not source.startswith(FIRST):
        raise HitcastError(
            f"expected a notebook that begins with {FIRST!r}, got {source[:40]!r}; export it from "
            "Databricks as source"
        )
    parts = (part.strip() for part in source.removeprefix(FIRST).split(SEPARATOR))
    return [_cell(part) for part in parts if part]


def _cell(part: str) -> Cell:
    lines = [line for line in part.splitlines() if not line.startswith(TITLE)]
    if not lines[0].startswith(MAGIC):
        return Cell("code", "\n".join(lines).strip())
    text = [line.removeprefix(MAGIC).removeprefix(" ") for line in lines]
    if not text[0].startswith(MARKDOWN):
        raise HitcastError(
            f"expected %md or plain Python in a cell, got {text[0]!r}; what needs another language "
            "belongs in src/"
        )
    return Cell("markdown", "\n".join([text[0].removeprefix(MARKDOWN).strip(), *text[1:]]).strip())
