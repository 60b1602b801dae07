"""Sites that tests of this folder ask."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from hitcast.declaration.use_case import UseCase
from hitcast.errors import StoppedError
from hitcast.sources.sites.extracting import Extraction
from tests.sources.sites.web import Web, web

DAY = date(2024, 5, 1)


class Run:
    """Runs extractions into one folder.

    Attributes:
        folder: The folder.
        said: What they told.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.said: list[str] = []

    def __call__(
        self, use_case: UseCase, *names: str, day: date = DAY, limit: int | None = None
    ) -> dict[str, Any]:
        """Run one; returns its counts."""
        return Extraction(self.folder, day, limit, self.said.append).of(use_case, names)

    def stopped(self, use_case: UseCase, *names: str, **more: Any) -> dict[str, Any]:
        """Run one that leaves a site before its end; returns its counts."""
        with pytest.raises(StoppedError) as caught:
            self(use_case, *names, **more)
        return caught.value.result

    def rows(self, site: str, day: date = DAY) -> list[dict[str, Any]]:
        """The lines of a site's file."""
        text = (self.folder / f"{site}-{day}.jsonl").read_text(encoding="utf-8")
        return [json.loads(line) for line in text.splitlines()]


@pytest.fixture
def site() -> Iterator[Web]:
    """A site."""
    with web() as one:
        yield one


@pytest.fixture
def other() -> Iterator[Web]:
    """Another site."""
    with web() as one:
        yield one


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs extractions into a folder of this test's own."""
    return Run(tmp_path / "extracts")
