"""A notebook as an HTML page, run on this machine.

Each notebook gets a kernel of its own, with stand-ins for what Databricks would give it. The pages
hold their pictures and fetch nothing.
"""

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import nbformat
from jinja2 import Environment, PackageLoader
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbconvert import HTMLExporter
from nbformat import NotebookNode
from pygments import formatters  # type: ignore[import-untyped]

from hitcast import errors
from hitcast.declaration.loading import conf_folder
from hitcast.errors import HitcastError
from hitcast.exploring.rendering.source import Cell, read_cells
from hitcast.exploring.rendering.stand_ins import WIDGETS

PRELUDE = """
from hitcast.exploring.rendering.stand_ins import display, display_html as displayHTML, start
spark, dbutils = start()
"""
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
    template = Environment(loader=PackageLoader("hitcast.exploring.rendering", ".")).get_template(
        "page.html"
    )
    colours = formatter().get_style_defs(".highlight")
    return str(template.render(name=name, body=body, colours=colours))


def _is_ours(name: str) -> bool:
    """Whether a kernel's error is one of the package's own, whose text says all there is to say."""
    kind = vars(errors).get(name)
    return isinstance(kind, type) and issubclass(kind, HitcastError)
