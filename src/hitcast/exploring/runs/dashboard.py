"""A page of sentences, tables and pictures that is kept beside the runs that it is about."""

import base64
import tempfile
from collections.abc import Sequence
from html import escape
from pathlib import Path

import pandas as pd
from jinja2 import Environment, PackageLoader
from matplotlib.figure import Figure

from hitcast.exploring.rendering.stand_ins import as_html, as_png
from hitcast.models.tracking import Tracker
from hitcast.running.home import Home

FILE = "dashboard.html"
LEVEL = "dashboard"
"""Its run's `hitcast.level`: what looks for trainings and trials passes it over."""
Part = str | pd.DataFrame | Figure


def dashboard_page(title: str, parts: Sequence[Part]) -> str:
    """One HTML page, which loads nothing from anywhere.

    Args:
        title: What it is about.
        parts: In their order: HTML as `words.told` and `words.heading` make it, tables, pictures.
    """
    body = "\n".join([f"<h1>{escape(title)}</h1>", *map(_as_html, parts)])
    loader = PackageLoader("hitcast.exploring.rendering", ".")
    template = Environment(loader=loader, autoescape=False).get_template("page.html")
    return str(template.render(name=escape(title), body=body, colours=""))


def save_dashboard(home: Home, experiment: str, page: str) -> str:
    """Log a page to an experiment, as the artifact of a run of its own; returns that run's id."""
    tracker = Tracker(home, experiment)
    with (
        tempfile.TemporaryDirectory() as folder,
        tracker.run(LEVEL, {"hitcast.level": LEVEL}) as run,
    ):
        Path(folder, FILE).write_text(page, encoding="utf-8")
        tracker.log_files(Path(folder))
    return run


def _as_html(part: Part) -> str:
    if isinstance(part, Figure):
        picture = base64.b64encode(as_png(part)).decode("ascii")
        return f'<p><img alt="" src="data:image/png;base64,{picture}"></p>'
    return as_html(part) if isinstance(part, pd.DataFrame) else part
