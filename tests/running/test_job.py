import argparse
import json
import os
import signal
from collections.abc import Mapping
from typing import Any

import pytest

from hitcast.errors import CatalogError, SourceError
from hitcast.running.interrupts import uninterrupted
from hitcast.running.job import home_of, job_parser, run_job


def run(main: Any, *arguments: str) -> int:
    return run_job(job_parser("A job."), main, arguments)


def test_the_last_line_of_stdout_is_json(capsys: pytest.CaptureFixture[str]) -> None:
    def main(options: argparse.Namespace) -> Mapping[str, Any]:
        return {"use_case": options.use_case, "home": options.home}

    assert run(main, "--home", "there") == 0
    assert json.loads(capsys.readouterr().out) == {"use_case": "spotify", "home": "there"}


def fail(_: argparse.Namespace) -> Mapping[str, Any]:
    raise SourceError("expected a CSV file, got a folder; name the file")


def test_an_error_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(fail) == 1
    told = capsys.readouterr()
    assert told.err == "error: expected a CSV file, got a folder; name the file\n"
    assert told.out == ""


def test_debug_shows_the_stack_trace(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(fail, "--debug") == 1
    assert "Traceback" in capsys.readouterr().err


def test_an_unexpected_error_names_its_kind_and_how_to_see_more(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def main(_: argparse.Namespace) -> Mapping[str, Any]:
        raise RuntimeError("first line\nsecond line")

    assert run(main) == 1
    assert capsys.readouterr().err == (
        "error: RuntimeError: first line (add --debug for the stack trace)\n"
    )


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stopped_job_says_so_and_exits_with_130(
    number: signal.Signals, capsys: pytest.CaptureFixture[str]
) -> None:
    def main(_: argparse.Namespace) -> Mapping[str, Any]:
        os.kill(os.getpid(), number)
        return {}

    before = signal.getsignal(number)
    assert run(main) == 130
    assert signal.getsignal(number) is before
    told = capsys.readouterr()
    assert told.err.startswith("interrupted:")
    assert told.out == ""


class Swallower:
    """Takes a signal while it is freed, when Python drops what is raised."""

    def __del__(self) -> None:
        os.kill(os.getpid(), signal.SIGINT)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_lost_interrupt_is_still_not_a_failure(capsys: pytest.CaptureFixture[str]) -> None:
    def main(_: argparse.Namespace) -> Mapping[str, Any]:
        Swallower()
        raise ConnectionError("the JVM is gone")

    assert run(main) == 130
    assert capsys.readouterr().err.startswith("interrupted:")
    assert run(fail) == 1


def test_an_interrupt_waits_until_the_block_is_done() -> None:
    done = []
    with pytest.raises(KeyboardInterrupt), uninterrupted():
        os.kill(os.getpid(), signal.SIGINT)
        done.append("all of it")
    assert done == ["all of it"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_catalog_takes_a_schema() -> None:
    parser = job_parser("a job")
    assert home_of(parser.parse_args(["--home", "/h"])).model("spotify") == "spotify"
    named = home_of(parser.parse_args(["--catalog", "main", "--schema", "music"]))
    assert (named.schema, named.model("spotify")) == ("main.music", "main.music.spotify")
    with pytest.raises(CatalogError, match="--catalog main and --schema None"):
        home_of(parser.parse_args(["--catalog", "main"]))
