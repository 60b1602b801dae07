"""Runs notebooks on this machine and writes them as HTML: python -m hitcast.exploring.render.

Each notebook gets a kernel of its own, with stand-ins for what Databricks would give it. The pages
hold their pictures and fetch nothing.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import nbformat
import requests
from jinja2 import Environment, PackageLoader
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbconvert import HTMLExporter
from nbformat import NotebookNode
from pygments import formatters  # type: ignore[import-untyped]

from hitcast import errors
from hitcast.errors import HitcastError
from hitcast.exploring.endpoint import EndpointError
from hitcast.exploring.source import Cell, read_cells
from hitcast.exploring.stand_ins import WIDGETS
from hitcast.job import job_parser, run_job, say
from hitcast.use_case import conf_folder, load_use_case

PRELUDE = """
from hitcast.exploring.stand_ins import display, display_html as displayHTML, start
spark, dbutils = start()
"""
NEEDS_API = "03_serve"
"""The notebook that is left out where no endpoint answers, unless it is asked for by name."""
HIDDEN = "hidden"
SECONDS_A_CELL = 3600


def render(source: Path, page: Path, widgets: Mapping[str, str]) -> None:
    """Run one notebook and write its page.

    Args:
        source: The notebook, in Databricks' source format.
        page: The HTML file to write; it appears whole or not at all.
        widgets: Values of its widgets; others keep their defaults.

    Raises:
        HitcastError: if a cell fails: with that cell's own error.
    """
    notebook = as_notebook(read_cells(source.read_text(encoding="utf-8")))
    # The widgets go by the environment, so that no key comes to stand in a cell.
    conf = str(conf_folder().resolve())
    environment = {"HITCAST_CONF": conf, **os.environ, WIDGETS: json.dumps(dict(widgets))}
    client = NotebookClient(notebook, timeout=SECONDS_A_CELL)
    try:
        client.execute(env=environment)
    except CellExecutionError as error:
        kind = "" if _is_ours(error.ename) else f"{error.ename}: "
        raise HitcastError(f"{source.stem}: {kind}{error.evalue}") from error
    page.parent.mkdir(parents=True, exist_ok=True)
    part = page.with_suffix(".part")
    part.write_text(as_page(notebook, source.stem), encoding="utf-8")
    part.replace(page)


def as_notebook(cells: Sequence[Cell]) -> NotebookNode:
    """Cells as a notebook of Jupyter's, the stand-ins in a hidden first cell."""
    v4: Any = nbformat.v4
    prelude = v4.new_code_cell(PRELUDE, metadata={"tags": [HIDDEN]})
    made: list[Any] = [
        v4.new_markdown_cell(cell.text) if cell.kind == "markdown" else v4.new_code_cell(cell.text)
        for cell in cells
    ]
    notebook: NotebookNode = v4.new_notebook(cells=[prelude, *made])
    return notebook


def as_page(notebook: NotebookNode, name: str) -> str:
    """A notebook that has run as one HTML page, which loads nothing from anywhere."""
    v4: Any = nbformat.v4
    shown = v4.new_notebook(
        cells=[c for c in notebook.cells if HIDDEN not in c.metadata.get("tags", [])]
    )
    for cell in shown.cells:
        if cell.cell_type == "code":
            # Progress and warnings are for the terminal.
            cell.outputs = [o for o in cell.outputs if o.get("name") != "stderr"]
    exporter: Any = HTMLExporter
    body, _ = exporter(template_name="basic").from_notebook_node(shown)
    formatter: Any = formatters.HtmlFormatter
    template = Environment(loader=PackageLoader("hitcast.exploring", ".")).get_template("page.html")
    colours = formatter().get_style_defs(".highlight")
    return str(template.render(name=name, body=body, colours=colours))


def parser() -> argparse.ArgumentParser:
    """The command's options: those of all jobs, and which notebooks go where."""
    options = job_parser("Run the notebooks on what the home folder holds; write them as HTML.")
    options.add_argument("names", nargs="*", help="notebooks, such as 01_explore (default: all)")
    options.add_argument(
        "--set", action="append", default=[], metavar="WIDGET=VALUE", help="such as train=yes"
    )
    options.add_argument("--from", dest="source", type=Path, default=Path("notebooks"))
    options.add_argument("--to", type=Path, default=Path("docs/notebooks"))
    return options


def main(given: argparse.Namespace) -> dict[str, Any]:
    """Render what was asked for, one after the other.

    Raises:
        HitcastError: if there is no such notebook, or one fails.
    """
    found = {path.stem: path for path in sorted(given.source.glob("[0-9]*.py"))}
    unknown = sorted(set(given.names) - set(found))
    if unknown or not found:
        raise HitcastError(
            f"expected notebooks among {list(found)} in {given.source}, got {unknown or 'none'}"
        )
    load_use_case(given.use_case)
    widgets, written = _widgets(given), {}
    for name in given.names or found:
        if name == NEEDS_API and not given.names and not _ready(widgets["url"]):
            say(
                f"{name}: left out, for no API is ready at {widgets['url']}; run make serve (or "
                "make run) in another terminal, or set HITCAST_API_URL"
            )
            continue
        begun = time.monotonic()
        page = given.to / f"{name}.html"
        render(found[name], page, widgets)
        written[name] = round(time.monotonic() - begun, 1)
        say(f"{page}: {page.stat().st_size / 1e6:.1f} MB, {written[name]} s")
    return {"seconds": written, "left_out": [n for n in given.names or found if n not in written]}


def _widgets(given: argparse.Namespace) -> dict[str, str]:
    home = given.home or os.environ.get("HITCAST_HOME") or "."
    values = {
        "use_case": given.use_case,
        "home": str(Path(home).resolve()),
        "catalog": given.catalog,
        "schema": given.schema,
        "model": given.model,
        "url": os.environ.get("HITCAST_API_URL") or "http://127.0.0.1:8000",
        "key": os.environ.get("HITCAST_API_KEY"),
    }
    wrong = [pair for pair in given.set if "=" not in pair]
    if wrong:
        raise HitcastError(f"expected --set WIDGET=VALUE, got {wrong[0]!r}")
    more = dict(pair.split("=", 1) for pair in given.set)
    return {name: str(value) for name, value in values.items() if value} | more


def _ready(url: str) -> bool:
    session = requests.Session()
    session.trust_env = False
    try:
        return session.get(f"{url.rstrip('/')}/readyz", timeout=5).ok
    except requests.RequestException:
        return False


def _is_ours(name: str) -> bool:
    """Whether a kernel's error is one of the package's own, whose text says all there is to say."""
    kind = {**vars(errors), "EndpointError": EndpointError}.get(name)
    return isinstance(kind, type) and issubclass(kind, HitcastError)


if __name__ == "__main__":
    sys.exit(run_job(parser(), main))
