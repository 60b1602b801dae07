"""Runs a notebook's cells in this process, on the tests' session, with stand-ins that remember."""

from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from matplotlib.figure import Figure
from pyspark.sql import SparkSession

from hitcast.exploring.rendering.source import read_cells
from hitcast.exploring.rendering.stand_ins import DBUtils, Widgets
from tests.conftest import ROOT

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.py"))


@dataclass
class Ran:
    """A notebook that has run: the names that it left, and what it showed, in order."""

    names: dict[str, Any] = field(default_factory=dict)
    shown: list[Any] = field(default_factory=list)
    html: list[str] = field(default_factory=list)

    def __getitem__(self, name: str) -> Any:
        """The value of a name after the last cell."""
        return self.names[name]

    @property
    def figures(self) -> list[Figure]:
        """The pictures that it showed."""
        return [shown for shown in self.shown if isinstance(shown, Figure)]

    @property
    def tables(self) -> list[pd.DataFrame]:
        """The tables that it showed."""
        return [shown for shown in self.shown if isinstance(shown, pd.DataFrame)]

    @property
    def words(self) -> str:
        """All that it said."""
        return unescape("\n".join(self.html))


def run_notebook(
    name: str, spark: SparkSession, conf: Path = ROOT / "conf", /, **widgets: str
) -> Ran:
    """Run a notebook as it stands; what its first cells change outside is put back."""
    path = ROOT / "notebooks" / f"{name}.py"
    ran = Ran()
    ran.names |= {
        "spark": spark,
        "dbutils": DBUtils(Widgets(widgets)),
        "display": ran.shown.append,
        "displayHTML": ran.html.append,
    }
    with pytest.MonkeyPatch.context() as patched:
        patched.syspath_prepend(".")
        patched.setenv("HITCAST_CONF", str(conf))
        for cell in read_cells(path.read_text(encoding="utf-8")):
            if cell.kind == "code":
                exec(compile(cell.text, str(path), "exec"), ran.names)
    return ran


def note_of(figure: Figure) -> str:
    """The line under a picture."""
    return str(figure.get_supxlabel())


def saved(figure: Figure, folder: Path) -> Path:
    """A picture as a file, drawn in full."""
    place = folder / "picture.png"
    figure.savefig(place)
    return place
