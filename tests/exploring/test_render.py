"""Notebooks as pages: stand-ins for what Databricks gives them, and HTML that fetches nothing."""

import re
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from matplotlib.figure import Figure

from hitcast.errors import HitcastError, UseCaseError
from hitcast.exploring.rendering.__main__ import main, parser
from hitcast.exploring.rendering.page import as_notebook, as_page
from hitcast.exploring.rendering.source import Cell
from hitcast.exploring.rendering.stand_ins import Secrets, Widgets, as_html, as_png
from tests.homes import Prepared
from tests.jobs.commands import last_line, run
from tests.servers import free_port

HEAD = "# Databricks notebook source\n"


def test_widgets_take_what_is_given_else_their_default() -> None:
    widgets = Widgets({"home": "here", "train": "perhaps"})
    widgets.text("home", "there", "Home")
    widgets.text("schema", "", "Schema")
    assert [widgets.get("home"), widgets.get("schema")] == ["here", ""]
    with pytest.raises(HitcastError, match=r"widget among \['home', 'schema'\], got 'model'"):
        widgets.get("model")
    with pytest.raises(HitcastError, match=r"train to be one of \['no', 'yes'\], got 'perhaps'"):
        widgets.dropdown("train", "no", ["no", "yes"])


def test_secrets_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HITCAST_SECRET_MY_SCOPE_API_KEY", "abc")
    assert Secrets().get("my-scope", "api-key") == "abc"
    with pytest.raises(HitcastError, match="in HITCAST_SECRET_MY_SCOPE_OTHER, which is not set"):
        Secrets().get("my-scope", "other")


def test_tables_and_figures_are_shown_as_they_can_be_read() -> None:
    shown = as_html(pd.DataFrame({"a": [0.123456, 1234567.8], "b": [None, "<x>"]}))
    assert "0.1235" in shown and "1,234,568" in shown and "&lt;x&gt;" in shown
    assert as_png(Figure()).startswith(b"\x89PNG")


def test_a_page_shows_outputs_and_hides_stand_ins_and_warnings() -> None:
    notebook = as_notebook([Cell("markdown", "# A title"), Cell("code", "x = 41 + 1")])
    stand_ins, title, code = notebook.cells
    assert "start()" in stand_ins.source
    code.outputs = [
        nbformat.v4.new_output("stream", name="stderr", text="a warning"),  # type: ignore[no-untyped-call]
        nbformat.v4.new_output("stream", name="stdout", text="a result"),  # type: ignore[no-untyped-call]
    ]
    page = as_page(notebook, "name")
    assert "A title" in page and "a result" in page and "41" in page
    assert "a warning" not in page and "start()" not in page
    assert _fetched(page) == []


def test_without_an_api_the_notebook_that_asks_it_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "03_serve.py").write_text(HEAD + "1 / 0\n")
    monkeypatch.setenv("HITCAST_API_URL", f"http://127.0.0.1:{free_port()}")
    options = parser().parse_args(["--from", str(tmp_path), "--to", str(tmp_path / "pages")])
    assert main(options) == {"seconds": {}, "left_out": ["03_serve"]}
    assert "03_serve: left out, for no API is ready at http://" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "error", "told"),
    [
        (["05_more"], HitcastError, r"expected notebooks among .*, got \['05_more'\]"),
        (["--from", "docs"], HitcastError, "in docs, got none"),
        (["--use-case", "poems"], UseCaseError, "got 'poems'"),
        (["--set", "train"], HitcastError, "expected --set WIDGET=VALUE, got 'train'"),
    ],
)
def test_options_that_mean_nothing_are_refused(
    words: list[str], error: type[Exception], told: str
) -> None:
    with pytest.raises(error, match=told):
        main(parser().parse_args(words))


@pytest.mark.spark
@pytest.mark.slow
def test_a_notebook_becomes_a_page_with_its_pictures(prepared: Prepared, tmp_path: Path) -> None:
    command = ["python", "-m", "hitcast.exploring.rendering", "02_train_and_compare"]
    done = run(*command, "--home", str(prepared.home.folder), "--to", str(tmp_path))
    assert list(last_line(done)["seconds"]) == ["02_train_and_compare"]
    page = (tmp_path / "02_train_and_compare.html").read_text()
    assert page.count("data:image/png;base64,") == 4
    assert "finished training" in page and "generated" in page
    assert "start()" not in page
    assert _fetched(page) == []
    assert not list(tmp_path.glob("*.part"))


@pytest.mark.spark
@pytest.mark.slow
def test_a_notebook_that_fails_ends_in_one_line_and_leaves_no_page(tmp_path: Path) -> None:
    command = ["python", "-m", "hitcast.exploring.rendering", "04_trends"]
    done = run(*command, "--home", str(tmp_path), "--to", str(tmp_path / "pages"), status=1)
    told = done.stderr.strip().splitlines()[-1]
    assert re.fullmatch(
        r"error: 04_trends: expected the gold table at .*; run jobs/ingest.py", told
    )
    assert not (tmp_path / "pages").exists()


def _fetched(page: str) -> list[str]:
    """The addresses that a browser would load by itself."""
    return re.findall(r"""(?:src=|import\(|url\()["']?(https?:[^"')]*)""", page)
