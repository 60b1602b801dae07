import json
import re
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from hitcast.tables.lakehouse import Lakehouse
from jobs import ingest as ingest_job
from tests.conftest import ROOT
from tests.homes import Sampled
from tests.jobs.commands import status_here
from tests.jobs.tracks import track, write_tracks

KEYS = {
    "source", "file", "generated", "rows_read", "inserted", "updated", "unchanged", "duplicates",
    "quarantined", "table_version", "seconds",
}  # fmt: skip


def run(*arguments: str | Path) -> int:
    """Run the job in this process, in the session of the tests."""
    return status_here(ingest_job, *arguments, "--use-case", "spotify")


def last_line(text: str) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(text.splitlines()[-1])
    return answer


@pytest.fixture(autouse=True)
def _in_the_checkout(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HITCAST_CONF", str(ROOT / "conf"))


@pytest.mark.spark
@pytest.mark.usefixtures("spark")
def test_a_refused_extract_that_is_accepted_is_counted_and_told_step_by_step(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write_tracks(tmp_path / "t.csv", [track(1), track(2), track(1), track(3, "x")])
    words: list[str | Path] = ["--csv", path, "--home", tmp_path]
    words += ["--extraction-date", "2024-05-01"]
    assert run(*words) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert [line.split(":")[0] for line in told.err.splitlines()] == ["bronze", "checks", "error"]
    assert "expected at most 5 % of lines to be bad, found 25 % (1 of 4)" in told.err
    assert run("--from-bronze", "--home", tmp_path) == 1
    told = capsys.readouterr()
    assert "found none: " in told.err
    assert "t.csv of 2024-05-01 is refused: expected at most 5 % of lines to be bad" in told.err
    assert "(gate max_quarantined); let one in by --accept max_quarantined, or change" in told.err
    assert run(*words, "--accept", "max_quarantined") == 0
    told = capsys.readouterr()
    counts = last_line(told.out)
    assert set(counts) == KEYS
    expected = {"source": "csv", "generated": False, "rows_read": 4, "inserted": 2, "updated": 0}
    expected |= {"unchanged": 0, "duplicates": 1, "quarantined": 1, "table_version": 0}
    assert {key: counts[key] for key in expected} == expected
    assert [line.split(":")[0] for line in told.err.splitlines()] == [
        "bronze", "checks", "gate max_quarantined accepted", "gates", "quarantine", "silver", "gold"
    ]  # fmt: skip


@pytest.mark.spark
@pytest.mark.usefixtures("spark")
def test_the_same_file_again_needs_no_session(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_tracks(tmp_path / "t.csv", [track(1), track(2), track(1), track(3, "x")])
    given = ("--csv", path, "--home", tmp_path, "--accept", "max_quarantined")
    assert run(*given) == 0

    def refuse(*_: object, **__: object) -> SparkSession:
        raise AssertionError("a session was asked for")

    monkeypatch.setattr(ingest_job, "get_session", refuse)
    assert run(*given) == 0
    counts = last_line(capsys.readouterr().out)
    expected = {"inserted": 0, "unchanged": 2, "duplicates": 1, "quarantined": 1}
    assert {key: counts[key] for key in expected} == expected


@pytest.mark.spark
@pytest.mark.slow
@pytest.mark.usefixtures("spark")
def test_files_and_folders_are_summed_up_and_refused_ones_fail_at_the_end(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = write_tracks(tmp_path / "t.csv", [track(4), track(3, "x")])
    (tmp_path / "in").mkdir()
    second = write_tracks(tmp_path / "in" / "a.csv", [track(1), track(2)])
    given = ("--file", first, tmp_path / "in", "--home", tmp_path / "home")
    assert run(*given) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert "1 of 2 files is refused, the others are in (2 rows_read, 2 inserted, 0 upd" in told.err
    assert "let it in as it is by --accept max_quarantined=t.csv" in told.err
    assert run(*given, "--accept", "max_quarantined=t.csv") == 0
    counts = last_line(capsys.readouterr().out)
    assert set(counts) == KEYS
    assert counts["file"] == [str(first), str(second)]
    expected = {"source": "csv", "rows_read": 4, "inserted": 1, "updated": 0, "unchanged": 2}
    expected |= {"duplicates": 0, "quarantined": 1}
    assert {key: counts[key] for key in expected} == expected


@pytest.mark.spark
@pytest.mark.slow
@pytest.mark.usefixtures("spark")
def test_the_tables_are_made_again_from_bronze_without_the_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = tmp_path / "home"
    assert run("--from-bronze", "--home", home) == 1
    assert "found none; name a file to ingest" in capsys.readouterr().err
    path = write_tracks(tmp_path / "t.csv", [track(1), track(1), track(3, "x")])
    assert run("--csv", path, "--home", home, "--accept", "max_quarantined") == 0
    path.unlink()
    assert run("--from-bronze", "--home", home) == 0
    counts = last_line(capsys.readouterr().out)
    assert set(counts) == KEYS
    expected = {"source": "bronze", "generated": False, "rows_read": 3, "unchanged": 1}
    expected |= {"inserted": 0, "duplicates": 1, "quarantined": 1, "table_version": 0}
    assert {key: counts[key] for key in expected} == expected


@pytest.mark.spark
@pytest.mark.slow
def test_generated_rows_give_way_to_real_ones_only_when_asked(
    spark: SparkSession, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("--twin", "200", "--home", tmp_path) == 0
    counts = last_line(capsys.readouterr().out)
    assert (counts["source"], counts["generated"]) == ("twin", True)
    assert counts["rows_read"] >= 200
    path = write_tracks(tmp_path / "t.csv", [track(1)])
    assert run("--csv", path, "--home", tmp_path) == 1
    assert "--replace-generated" in capsys.readouterr().err
    assert run("--csv", path, "--home", tmp_path, "--replace-generated") == 0
    assert last_line(capsys.readouterr().out)["inserted"] == 1
    assert run("--twin", "200", "--home", tmp_path) == 1
    assert "--home" in capsys.readouterr().err
    gold = Lakehouse(spark, tmp_path / "lakehouse", "spotify").gold
    assert (gold.is_generated(), gold.read().count()) == (False, 1)


@pytest.mark.parametrize(
    "arguments",
    [["--csv", "none.csv"], ["--file", "folder"], ["--csv", "bad.csv"], ["--csv", "empty.csv"]],
)
def test_a_refusal_is_one_line_and_leaves_nothing_behind(
    arguments: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("bad.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    Path("empty.csv").touch()
    Path("folder").mkdir()
    assert run(*arguments, "--home", tmp_path / "home") == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("error: ")
    assert told.err.count("\n") == 1
    assert not (tmp_path / "home").exists()


def test_files_are_named_by_either_option_and_in_any_number() -> None:
    parse = ingest_job.parser().parse_args
    assert parse(["--csv=a.csv"]).files == [Path("a.csv")]
    given = parse(["--file", "a", "b", "--home", "h", "--csv", "c"]).files
    assert given == [Path("a"), Path("b"), Path("c")]


def test_two_sources_are_one_too_many(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        run("--csv", "a.csv", "--twin", "3")
    assert "not allowed with" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--from-bronze", "--extraction-date", "2024-05-01"], "--extraction-date: not allowed"),
        (["--from-bronze", "--source", "letras"], "--source: not allowed with argument --from-b"),
        (["--replace-generated", "--from-bronze"], "--replace-generated: not allowed with"),
        (["--twin", "3", "--replace-generated"], "--replace-generated: not allowed with"),
        (["--seed", "0", "--csv", "a.csv"], "--seed: only allowed with argument --twin"),
        (["--accept", "rows"], "--accept: expected --accept GATE or GATE=FILE, with one of"),
        (["--extraction-date", "1.5.2024"], "--extraction-date: expected a day such as 2024-05-0"),
        (["--extraction-date", "2204-05-01"], "--extraction-date: expected a day up to 2"),
    ],
)
def test_options_that_would_have_no_effect_or_a_wrong_one_are_refused(
    arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        run(*arguments)
    assert ended.value.code == 2
    assert f"error: argument {told}" in capsys.readouterr().err


def test_every_option_is_told_in_the_docs_and_none_that_there_is_not() -> None:
    there = set(re.findall(r"--[a-z][a-z-]+", ingest_job.parser().format_help())) - {"--help"}
    page = (ROOT / "docs/ingest.md").read_text(encoding="utf-8")
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (row,) = [line for line in readme.splitlines() if line.startswith("| `jobs/ingest.py`")]
    assert set(re.findall(r"--[a-z][a-z-]+", page)) == there
    assert set(re.findall(r"--[a-z][a-z-]+", row)) <= there


def test_what_the_weekly_job_always_gives_is_taken_with_any_source() -> None:
    parse = ingest_job.parser().parse_args
    always = ["--source=", "--secret-scope", "s"]
    for one in ("--from-bronze", "--twin=3", "--file=a", "--accept=min_rows=b.csv"):
        assert not parse([one, *always]).source


@pytest.mark.spark
@pytest.mark.sample
@pytest.mark.slow
def test_the_real_sample_reconciles(spark: SparkSession, sampled: Sampled) -> None:
    counts = sampled.counts
    assert counts["rows_read"] == 6002
    assert counts["inserted"] + counts["duplicates"] + counts["quarantined"] == 6002
    gold = Lakehouse(spark, sampled.home.lakehouse, "spotify").gold.read()
    assert gold.count() == gold.select("track_id").distinct().count() == counts["inserted"]
