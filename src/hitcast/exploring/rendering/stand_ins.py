"""What Databricks gives a notebook, for one that runs elsewhere: widgets, secrets, display."""

import io
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd
from matplotlib.figure import Figure
from pyspark.sql import DataFrame, SparkSession

from hitcast.errors import HitcastError
from hitcast.running.session import get_session

WIDGETS = "HITCAST_WIDGETS"
"""The environment variable with the values of widgets: one JSON object."""
MOST_ROWS = 1000
"""Rows of a Spark DataFrame that are shown, as on Databricks."""


@dataclass
class Widgets:
    """The widgets of a notebook; `given` values go before their defaults."""

    given: Mapping[str, str] = field(default_factory=dict)
    _values: dict[str, str] = field(default_factory=dict, repr=False)

    def text(self, name: str, default: str, label: str = "") -> None:  # noqa: ARG002
        """Declare a widget that takes any text."""
        self._values[name] = self.given.get(name, default)

    def dropdown(self, name: str, default: str, choices: Sequence[str], label: str = "") -> None:
        """Declare a widget that takes one of `choices`.

        Raises:
            HitcastError: if another one was given.
        """
        self.text(name, default, label)
        if self._values[name] not in choices:
            raise HitcastError(
                f"expected the widget {name} to be one of {list(choices)}, got "
                f"{self._values[name]!r}"
            )

    def get(self, name: str) -> str:
        """The value of a widget.

        Raises:
            HitcastError: if it was not declared.
        """
        if name not in self._values:
            raise HitcastError(f"expected a widget among {sorted(self._values)}, got {name!r}")
        return self._values[name]


class Secrets:
    """Secrets from the environment: `HITCAST_SECRET_SCOPE_KEY`, in capitals."""

    def get(self, scope: str, key: str) -> str:
        """The secret `key` of `scope`.

        Raises:
            HitcastError: if its variable is not set; names it.
        """
        name = f"HITCAST_SECRET_{scope}_{key}".upper().replace("-", "_")
        if name not in os.environ:
            raise HitcastError(f"expected the secret {key} of {scope} in {name}, which is not set")
        return os.environ[name]


@dataclass(frozen=True)
class DBUtils:
    """The parts of `dbutils` that the notebooks use."""

    widgets: Widgets
    secrets: Secrets = field(default_factory=Secrets)


def start() -> tuple[SparkSession, DBUtils]:
    """A session and `dbutils` for one notebook; widgets take their values from `WIDGETS`."""
    given = json.loads(os.environ.get(WIDGETS, "{}"))
    return get_session("hitcast notebook"), DBUtils(Widgets(given))


def display(shown: Any) -> None:
    """Show a table of pandas or Spark, a figure, or whatever IPython can show."""
    from IPython import display as ipython

    show: Any = ipython
    if isinstance(shown, DataFrame):
        shown = shown.limit(MOST_ROWS).toPandas()
    if isinstance(shown, Figure):
        show.display(show.Image(as_png(shown)))
    elif isinstance(shown, pd.DataFrame):
        show.display(show.HTML(as_html(shown)))
    else:
        show.display(shown)


def display_html(text: str) -> None:
    """Show HTML; Databricks calls it displayHTML."""
    from IPython import display as ipython

    show: Any = ipython
    show.display(show.HTML(text))


def as_html(table: pd.DataFrame) -> str:
    """A table as HTML, with four digits of each number that matter."""
    return table.to_html(index=False, border=0, na_rep="", float_format=_figures)


def as_png(figure: Figure) -> bytes:
    """A figure as a PNG picture."""
    file = io.BytesIO()
    figure.savefig(file, format="png")
    return file.getvalue()


def _figures(value: float) -> str:
    return f"{value:.4g}" if abs(value) < 10_000 else f"{value:,.0f}"
