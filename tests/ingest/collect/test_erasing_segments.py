"""One unit erased from segments, beside an API that closes them and with what older ones hold."""

import errno
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest
from pyspark.sql import SparkSession

from hitcast.errors import LakehouseError
from hitcast.ingest.collect import Erased, Logs, erase
from hitcast.ingest.collect.keys import FILE, key_to_hash, remember_key
from hitcast.ingest.collect.rewriting import as_erased, blank
from hitcast.ingest.collect.segments import came_otherwise, look, waiting
from hitcast.running.home import Home
from hitcast.running.unit_ids import VARIABLE, fingerprint, hashed, key_of
from hitcast.tables.delta import Table
from hitcast.tables.lakehouse import Lakehouse
from tests.ingest.collect.written import answer, segment, told


@pytest.fixture(autouse=True)
def _no_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing was collected yet; whether there is a table is else asked of Spark."""
    monkeypatch.setattr(Table, "exists", lambda _: False)
    monkeypatch.delenv(VARIABLE, raising=False)


def tables(home: Home, use_case: str = "books") -> Lakehouse:
    return Lakehouse(cast(SparkSession, None), home.lakehouse, use_case)


def erased(home: Home, unit: str = "anna", use_case: str = "books", **more: Any) -> Erased:
    return erase(tables(home, use_case), home, Logs.of(home), unit, **more)


def opened(home: Home, name: str, lines: list[Any]) -> Path:
    path = segment(home.inference_log, name, lines)
    return path.rename(path.with_name(f"{path.name}.open"))


def test_lines_of_a_writer_that_lives_are_told_and_stay(home: Home) -> None:
    unit = hashed(key_of(home), "anna")
    open = opened(home, "a", [answer(0, unit=unit), answer(1)])
    said: list[str] = []
    assert erased(home, say=said.append) == Erased(0, 0, 0, 1)
    assert unit in open.read_text()
    assert erased(home, "berta", say=said.append) == Erased(0, 0, 0, 0)
    assert "nothing of this unit was found" in said[-1] and VARIABLE in said[-1]


@pytest.mark.parametrize("moment", ["feedback", "inference_log", "older versions"])
def test_what_an_api_closes_meanwhile_is_erased_too_with_what_was_said_of_it(
    home: Home, moment: str
) -> None:
    unit = hashed(key_of(home), "anna")
    open = opened(home, "a", [answer(0, unit=unit), answer(1)])
    feedback = segment(home.feedback_log, "f", [told(0), told(1)])

    def close(text: str) -> None:
        if text.startswith(moment) and open.exists():
            open.rename(open.with_suffix(""))

    assert erased(home, say=close) == Erased(0, 0, 2, 0)
    assert open.with_suffix("").read_text() == f"\n{json.dumps(answer(1))}\n"
    assert feedback.read_text() == f"\n{json.dumps(told(1))}\n"


def test_what_is_closed_again_and_again_is_counted_with_what_is_open(home: Home) -> None:
    unit = hashed(key_of(home), "anna")
    opened(home, "z", [answer(0, unit=unit)])
    said: list[str] = []

    def close_another(text: str) -> None:
        said.append(text)
        if text.startswith("inference_log"):
            segment(home.inference_log, f"a{len(said)}", [answer(1, unit=unit)])

    found = erased(home, say=close_another)
    assert (found.lines, found.open) == (4, 2)


def test_each_use_case_of_a_home_erases_its_own_lines_and_so_finds_its_own_feedback(
    home: Home,
) -> None:
    unit = hashed(key_of(home), "anna")
    films = segment(home.inference_log, "a", [answer(0, model="films", unit=unit)])
    torn = f'{{"format": 3, "unit": "{unit}", "pro'
    books = segment(home.inference_log, "b", [answer(1, unit=unit), torn, answer(2)])
    feedback = segment(home.feedback_log, "f", [told(0, model="films"), told(1)])
    said: list[str] = []
    assert erased(home, say=said.append).lines == 3
    assert "1 lines of this unit are of other models than books" in said[-1]
    assert books.read_text() == f"\n\n{json.dumps(answer(2))}\n"
    assert unit in films.read_text() and "p0" in feedback.read_text()
    assert erased(home, use_case="films").lines == 2
    assert films.read_text() + feedback.read_text() == "\n\n\n"


def test_a_segment_tells_its_model_and_format_however_many_lines_were_erased(home: Home) -> None:
    path = segment(home.inference_log, "a", [*[""] * 150, answer(0, model="films", format=4)])
    assert (look(path).model, look(path).format) == ("films", 4)


def test_units_of_older_lines_are_found_as_these_have_them(home: Home) -> None:
    key_of(home)
    long = "ż" * 150
    for unit in ("Ærø", long):
        sent = unit.encode().decode("latin-1")[:200]
        lines = [{**answer(0, format=2, unit=None), "unit_id": sent}, answer(1)]
        path = segment(home.inference_log, "a", lines)
        assert erased(home, unit).lines == 1, unit
        assert path.read_text() == f"\n{json.dumps(answer(1))}\n"


def test_a_unit_is_read_as_the_api_reads_it_and_one_that_can_not_be_sent_is_refused(
    home: Home,
) -> None:
    # The second was sent in latin-1, and is typed as that byte.
    for number, typed in enumerate((" ÿ ", "\udcff")):
        segment(home.inference_log, str(number), [answer(0, unit=hashed(key_of(home), "ÿ"))])
        assert erased(home, typed).lines == 1
    for typed in (" ", "\ud800"):
        with pytest.raises(LakehouseError, match="expected the id of a unit in UTF-8"):
            erased(home, typed)


def test_another_key_than_the_log_s_is_refused_and_none_is_made_beside_one(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, table = home.inference_log, tables(home).inference_log
    with pytest.raises(LakehouseError, match="expected the key that the log's units were hashed"):
        erased(home)
    segment(folder, "a", [answer(0)])
    with pytest.raises(LakehouseError, match="expected the key that the API hashes"):
        key_to_hash(home, folder, table)
    remember_key(home, folder)
    assert not home.unit_key.exists() and not (folder / FILE).exists()
    key = key_of(home)
    remember_key(home, folder)
    assert (folder / FILE).read_text() == f"{fingerprint(key)}\n"
    monkeypatch.setenv(VARIABLE, "another")
    remember_key(home, folder)
    other = fingerprint(b"another")
    refused: list[Callable[[], object]] = [
        lambda: erased(home),
        lambda: key_to_hash(home, folder, table),
    ]
    for each in refused:
        with pytest.raises(
            LakehouseError, match=f"{fingerprint(key)}, as .*found one with {other}"
        ):
            each()
    with (folder / FILE).open("a") as file:
        file.write(f"{other}\n")
    assert key_to_hash(home, folder, table) == b"another"
    assert erased(home) == Erased(0, 0, 0, 0)


def test_a_torn_segment_that_was_erased_goes_on_where_it_comes_whole_and_stays_erased(
    home: Home,
) -> None:
    unit = hashed(key_of(home), "anna")
    lines = [answer(0), answer(1, unit=unit), answer(2)]
    path = segment(home.inference_log, "a", lines)
    whole = path.read_text()
    collected = look(path).collected
    collected.parent.mkdir()
    # Cut before the unit, within it, and after it.
    for cut in (whole.index(unit) - 5, whole.index(unit) + 9, whole.index(unit) + 50):
        path.write_text(whole)
        collected.write_text(whole[:cut])
        assert not came_otherwise(look(path))
        assert erased(home).lines == (2 if cut > whole.index(unit) + 32 else 1)
        assert unit[:9] not in path.read_text() + collected.read_text()
        (segment_now,) = waiting(home.inference_log)
        assert not came_otherwise(segment_now) and as_erased(segment_now) == segment_now
    # Collected, and then delivered once more as it was, and longer.
    path.replace(collected)
    path.write_text(whole + json.dumps(answer(3)) + "\n")
    before = look(path)
    assert not came_otherwise(before)
    now = as_erased(before)
    assert now == look(path) and now.size < before.size
    assert path.read_text() == collected.read_text() + json.dumps(answer(3)) + "\n"
    for other in ([answer(0)], [answer(0), "", answer(9)]):
        assert came_otherwise(look(segment(home.inference_log, "a", other)))


def test_segments_are_rewritten_where_files_have_no_times_and_owners(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))

    path = segment(home.inference_log, "a", [answer(0), answer(1)])
    monkeypatch.setattr(shutil, "copystat", refuse)
    monkeypatch.setattr(os, "chown", refuse)
    assert blank(path, lambda line: b'"p0"' in line) == 1
    assert path.read_text() == f"\n{json.dumps(answer(1))}\n"
