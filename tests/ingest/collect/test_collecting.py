"""Segments into tables: each line once, whatever comes twice, grows, is torn or broken."""

import json
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta

import pytest
from pyspark.sql import SparkSession

from hitcast.errors import LakehouseError
from hitcast.ingest.collect import collecting
from hitcast.running.home import Home
from hitcast.running.log_files import mark_delivered
from hitcast.running.unit_ids import fingerprint, hashed, key_of
from hitcast.tables.lakehouse import Lakehouse
from tests.ingest.collect.written import (
    DECLARED,
    TIME,
    UNIT,
    answer,
    bring,
    event,
    names,
    places,
    segment,
    told,
)

pytestmark = [pytest.mark.spark, pytest.mark.slow]
AT = datetime.fromtimestamp(TIME, UTC).replace(tzinfo=None)


@pytest.mark.sessions
def test_lines_are_rows_with_their_fields_and_their_segments_are_moved(
    lakehouse: Lakehouse, home: Home
) -> None:
    chances = {"KIRMIZI": 0.25, "SIIT": 0.75}
    of_classes = answer(
        1, place=7, probabilities=chances, label="SIIT", shadow=True, arm="b", share=0.5
    )
    del of_classes["probability"]
    # Formats 1 and 2 had it as latin-1.
    sent = "Ærø".encode()
    key = key_of(home)
    raw = {**answer(2, format=2), "unit_id": sent.decode("latin-1")}
    del raw["unit"]
    request = {"time": TIME, "request_id": "r3", "unit_id": "anna", "model": "books"}
    answers = {"rows": [{"weight": 1}], "probability": [0.5], "label": [1]}
    segment(home.inference_log, "a", [answer(0), of_classes, raw, {**request, **answers}])
    segment(home.feedback_log, "f", [told(0), told(1, "SIIT", at=None)])
    segment(home.experiment_log, "e", [event("begun", period="now"), event("ended", declared=None)])
    found = bring(lakehouse, home)
    assert asdict(found["inference_log"]) == {
        "segments": 1, "lines": 4, "inserted": 4, "known": 0, "torn": 0, "broken": 0, "left": 0,
    }  # fmt: skip
    assert (found["feedback"].segments, found["feedback"].inserted) == (1, 2)
    first, second, third, old = lakehouse.inference_log.read().orderBy("line").collect()
    assert first.asDict() == {
        "segment": "a.jsonl", "line": 0, "time": AT, "date": date(2026, 9, 21),
        "prediction_id": "p0", "request_id": "r0", "model": "books", "version": 2,
        "alias": "production", "experiment": None, "arm": None, "period": None, "share": None,
        "unit": UNIT, "source": None, "shadow": False, "fallback": False, "place": None,
        "row": '{"weight":0.1,"title":"a\\nb"}', "probability": 0.25, "probabilities": None,
        "label": "0", "latency_ms": 1.5, "format": 3,
    }  # fmt: skip
    assert (second["probabilities"], second["label"], second["place"]) == (chances, "SIIT", 7)
    assert (second["probability"], second["shadow"]) == (None, True)
    assert (second["arm"], second["share"]) == ("b", 0.5)
    assert (third["unit"], third["format"]) == (hashed(key, sent.decode()), 2)
    assert (old["unit"], old["format"]) == (hashed(key, "anna"), 1)
    assert (home.inference_log / ".unit_key").read_text().strip() == fingerprint(key)
    assert (old["row"], old["probability"], old["label"]) == ('{"weight":1}', 0.5, "1")
    rows = lakehouse.feedback.read().orderBy("line").collect()
    received = [AT + timedelta(seconds=n) for n in (60, 61)]
    assert [tuple(row)[2:] for row in rows] == [
        (received[0], date(2026, 9, 21), "p0", "1", received[0] - timedelta(seconds=1), None, "r"),
        (received[1], date(2026, 9, 21), "p1", "SIIT", received[1], None, "r"),
    ]
    assert (found["experiments"].inserted, found["experiments"].broken) == (1, 1)
    (begun,) = lakehouse.experiments.read().collect()
    declared = json.loads(begun["declared"])
    assert {**begun.asDict(), "declared": declared} == {
        "segment": "e.jsonl", "line": 0, "time": AT, "date": date(2026, 9, 21), "event": "begun",
        "experiment": "trial", "period": "now", "declared": DECLARED,
        "versions": {"production": 2, "staging": 3},
    }  # fmt: skip
    for folder, name in ((home.inference_log, "a"), (home.feedback_log, "f")):
        assert names(folder) == ([], [name])
    assert names(home.experiment_log) == ([], ["e"])


def test_segments_of_several_hosts_and_pieces_are_delivered_twice_and_grow(
    spark: SparkSession, lakehouse: Lakehouse, home: Home
) -> None:
    size = str(spark.conf.get("spark.sql.files.maxPartitionBytes"))
    hosts = {name: [answer(n) for n in range(60)] for name in ("a", "b", "c")}
    for name, lines in hosts.items():
        segment(home.inference_log, name, lines)
    every = [(name, line) for name in hosts for line in range(60)]
    try:
        spark.conf.set("spark.sql.files.maxPartitionBytes", "5000")
        assert bring(lakehouse, home)["inference_log"].inserted == 180
    finally:
        spark.conf.set("spark.sql.files.maxPartitionBytes", size)
    version = lakehouse.inference_log.version()
    segment(home.inference_log, "a", hosts["a"])
    segment(home.inference_log, "b", [*hosts["b"], answer(60), answer(61)])
    found = bring(lakehouse, home)["inference_log"]
    assert (found.segments, found.inserted, found.known) == (2, 2, 120)
    assert places(lakehouse.inference_log) == sorted([*every, ("b", 60), ("b", 61)])
    assert lakehouse.inference_log.version() == version + 1
    assert names(home.inference_log) == ([], ["a", "b", "c"])
    numbers = lakehouse.inference_log.read().select("segment", "line", "prediction_id").collect()
    assert all(row["prediction_id"] == f"p{row['line']}" for row in numbers)
    segment(home.inference_log, "a", hosts["a"])
    assert bring(lakehouse, home)["inference_log"].known == 60
    assert lakehouse.inference_log.version() == version + 1


def test_a_torn_last_line_waits_for_the_longer_segment_and_broken_ones_are_told_by_number(
    lakehouse: Lakehouse, home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    secret = '{"format": 3, "secret'
    lines = [answer(0), secret, answer(2, time=None), answer(3, model="other"), "", answer(5)]
    lines += [answer(6, time=1e300), "5"]
    segment(home.inference_log, "a", lines, end='\n{"format": 3, "ti')
    segment(home.inference_log, "b", [answer(0), "no JSON"])
    segment(home.inference_log, "c", [answer(0)], end="")
    segment(home.inference_log, "d", [])
    segment(home.feedback_log, "f", [told(0), told(1, None), told(2, at=-1e300), told(3)])
    said: list[str] = []
    found = collecting.collect(lakehouse, home, collecting.Logs.of(home), say=said.append)
    answers = found["inference_log"]
    assert (answers.segments, answers.lines) == (4, 11)
    assert (answers.inserted, answers.torn, answers.broken) == (3, 3, 5)
    assert (found["feedback"].inserted, found["feedback"].broken) == (2, 2)
    assert places(lakehouse.inference_log) == [("a", 0), ("a", 5), ("b", 0)]
    told_of = [text for text in said if "left out" in text]
    assert "5 lines" in told_of[0] and "a.jsonl line 1, a.jsonl line 2" in told_of[0]
    assert "secret" not in "".join(said) + capsys.readouterr().err
    segment(home.inference_log, "c", [answer(0), answer(1)])
    assert bring(lakehouse, home)["inference_log"].inserted == 2
    assert places(lakehouse.inference_log)[-2:] == [("c", 0), ("c", 1)]


def test_another_segment_of_the_same_name_is_kept_beside_the_first_and_adds_nothing(
    lakehouse: Lakehouse, home: Home
) -> None:
    segment(home.inference_log, "a", [answer(0), answer(1)])
    bring(lakehouse, home)
    for lines in ([answer(0), answer(9), answer(2)], [answer(0)]):
        segment(home.inference_log, "a", lines)
        said: list[str] = []
        collecting.collect(lakehouse, home, collecting.Logs.of(home), say=said.append)
        assert any("a.jsonl was collected before with other lines" in text for text in said)
    assert places(lakehouse.inference_log) == [("a", 0), ("a", 1)]
    assert names(home.inference_log) == ([], ["a", "a~2", "a~3"])


def test_each_use_case_of_a_home_collects_its_own_segments(
    spark: SparkSession, lakehouse: Lakehouse, home: Home
) -> None:
    segment(home.inference_log, "a", [answer(0)])
    segment(home.inference_log, "b", ["", "no JSON", answer(0, model="films")])
    segment(home.inference_log, "c", [answer(0, format=4)])
    mark_delivered(segment(home.inference_log, "d", [answer(0)]))
    segment(home.feedback_log, "f", [told(0, model="films")])
    segment(home.feedback_log, "g", [told(0)])
    found = bring(lakehouse, home)
    assert (found["inference_log"].inserted, found["inference_log"].left) == (1, 2)
    assert (found["feedback"].inserted, found["feedback"].left) == (1, 1)
    assert names(home.inference_log) == (["b", "c", "d"], ["a"])
    films = Lakehouse(spark, lakehouse.root, "films")
    found = bring(films, home)
    assert (found["inference_log"].inserted, found["feedback"].inserted) == (1, 1)
    assert places(films.inference_log) == [("b", 2)]
    assert names(home.inference_log) == (["c", "d"], ["a", "b"])


def test_where_there_is_no_log_there_are_no_lines_and_a_folder_in_the_way_is_told(
    lakehouse: Lakehouse, home: Home
) -> None:
    assert bring(lakehouse, home)["inference_log"].lines == 0
    assert not home.inference_log.exists() and not lakehouse.inference_log.exists()
    path = segment(home.inference_log, "a", [answer(0)])
    (home.inference_log / "collected").write_text("")
    with pytest.raises(LakehouseError, match="run as the user whom the API runs as"):
        bring(lakehouse, home)
    assert path.exists() and not lakehouse.inference_log.exists()
    (home.inference_log / "collected").unlink()
    segment(home.inference_log, "_b", [answer(0)])
    with pytest.raises(LakehouseError, match="expected Spark to read the lines of .*_b.jsonl"):
        bring(lakehouse, home)
