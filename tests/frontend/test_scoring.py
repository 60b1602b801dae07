from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from answers import Row
from client import Client
from components.upload import results
from components.upload.scoring import Batch, score
from components.upload.table import Upload, read
from refusals import DownError, RefusedError
from tests.frontend.homes import WHOLE_BATCH
from tests.frontend.test_table import HEADER, SCHEMA, uploaded

MODEL = {"version": 4, "alias": "production", "threshold": 0.5}


class FakeClient(Client):
    """Says of each row that its energy is its probability; keeps what it was asked."""

    def __init__(self, refuse: Callable[[list[Row]], Exception | None] = lambda _: None) -> None:
        self.calls: list[list[Row]] = []
        self.versions: set[Any] = set()
        self._refuse = refuse

    def predict_batch(self, rows: Any, **which: Any) -> list[dict[str, Any]]:
        """Answer, or refuse."""
        self.calls.append(list(rows))
        self.versions.add(which.get("version"))
        if error := self._refuse(list(rows)):
            raise error
        return [
            {"error": "energy: too much"} if row["energy"] > 1
            else {"popular": int(row["energy"] >= 0.5), "probability": row["energy"]}
            for row in rows
        ]  # fmt: skip


def scored(upload: Upload, client: FakeClient | None = None) -> Batch:
    batch = Batch.of(upload, MODEL)
    score(batch, SCHEMA, client or FakeClient(), lambda _: None)
    return batch


def test_answers_and_reasons_stand_with_their_rows() -> None:
    client = FakeClient()
    batch = scored(
        uploaded("a,1,0.75,pop", "a,x,1,pop", "a,1,7,pop", "a,1", "a,1,0.25,pop"), client
    )
    assert batch.answers == [1, None, None, None, 0]
    assert batch.probabilities == [0.75, None, None, None, 0.25]
    assert batch.reasons == [
        None, "year: expected a number, got 'x'", "energy: too much",
        "2 cells, where the header has 4", None,
    ]  # fmt: skip
    assert [row["energy"] for row in client.calls[0]] == [0.75, 7, 0.25]


def test_one_version_is_asked_call_by_call_and_told_how_far_it_is() -> None:
    client, seen = FakeClient(), list[int]()
    batch = Batch.of(uploaded(*["a,1,1,pop"] * (WHOLE_BATCH + 5)), MODEL)
    score(batch, SCHEMA, client, seen.append)
    assert [len(call) for call in client.calls] == [WHOLE_BATCH, 5]
    assert (client.versions, seen) == ({4}, [0, WHOLE_BATCH])


def test_the_api_is_not_asked_about_nothing() -> None:
    client = FakeClient()
    assert scored(uploaded("a,x,1,pop"), client).answers == [None]
    assert client.calls == []


@pytest.mark.parametrize("status", [413, 422])
def test_what_the_api_does_not_take_at_once_is_sent_in_parts(status: int) -> None:
    def refuse(rows: list[Row]) -> Exception | None:
        return RefusedError(status, [(None, "too large")]) if len(rows) > 2 else None

    batch = scored(uploaded(*(f"a,1,0.{n},pop" for n in range(1, 8))), FakeClient(refuse))
    assert batch.probabilities == [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7]


def test_a_row_that_the_api_does_not_take_at_all_costs_no_other() -> None:
    def refuse(rows: list[Row]) -> Exception | None:
        large = any(row["artist"] == "large" for row in rows)
        return RefusedError(413, [(None, "too large")]) if large else None

    lines = ["a,1,0.1,pop", "large,1,0.2,pop", "a,1,0.3,pop"]
    batch = scored(uploaded(*lines), FakeClient(refuse))
    assert batch.probabilities == [0.1, None, 0.3]
    assert batch.reasons == [None, "too large", None]


def test_another_refusal_is_not_taken_for_a_large_call() -> None:
    client = FakeClient(lambda _: RefusedError(404, [("version", "no such version")]))
    with pytest.raises(RefusedError, match="no such version"):
        scored(uploaded("a,1,1,pop", "a,1,1,pop"), client)
    assert len(client.calls) == 1


def test_what_is_scored_stays_when_the_api_fails_and_is_not_asked_again() -> None:
    failing = [True]

    def refuse(rows: list[Row]) -> Exception | None:
        return DownError("gone") if failing[0] and len(rows) < WHOLE_BATCH else None

    client = FakeClient(refuse)
    batch = Batch.of(uploaded(*["a,1,1,pop"] * WHOLE_BATCH, "a,1,0.25,pop"), MODEL)
    with pytest.raises(DownError):
        score(batch, SCHEMA, client, lambda _: None)
    assert batch.done == WHOLE_BATCH
    failing[0] = False
    score(batch, SCHEMA, client, lambda _: None)
    assert [len(call) for call in client.calls] == [WHOLE_BATCH, 1, 1]
    assert batch.probabilities[-2:] == [1.0, 0.25]


def test_the_file_to_take_away_holds_every_line_in_its_order() -> None:
    upload = uploaded('"B, C",1,0.25,pop,007', "a,x,1,pop,x", "ä,2,0.5,pop,", header=f"{HEADER},id")
    assert results.as_csv(scored(upload), SCHEMA).decode() == (
        "artist,year,energy,genre,id,popular,probability,reason\n"
        '"B, C",1,0.25,pop,007,0,0.25,\n'
        "a,x,1,pop,x,,,\"year: expected a number, got 'x'\"\n"
        "ä,2,0.5,pop,,1,0.5,\n"
    )


def test_the_file_to_take_away_has_the_byte_order_mark_that_the_upload_had() -> None:
    upload = read("t.csv", f"{HEADER}\nä,1,1,pop".encode("utf-8-sig"), SCHEMA)
    assert results.as_csv(scored(upload), SCHEMA).startswith(b"\xef\xbb\xbfartist,")


def test_results_can_be_uploaded_again_and_keep_the_old_answers() -> None:
    content = b""
    upload = uploaded("a,1,0.25,pop")
    for _ in range(3):
        content = results.as_csv(scored(upload), SCHEMA)
        upload = read("t.csv", content, SCHEMA)
    header = content.decode().splitlines()[0]
    assert header.startswith(f"{HEADER},popular (uploaded),probability (uploaded)")
    assert header.endswith("reason (uploaded) (uploaded),popular,probability,reason")


def test_the_table_holds_the_scored_rows_with_the_most_likely_first() -> None:
    lines = ("a,1,0.25,pop", "b,x,1,pop", "c,3,0.75,pop", "d,4,0.75,pop")
    table = results.scored(scored(uploaded(*lines)), SCHEMA)
    assert list(table) == ["popular", "probability", "artist", "year", "energy", "genre"]
    assert table["artist"].tolist() == ["c", "d", "a"]
    assert table.index.tolist() == [4, 5, 2]
    assert table["popular"].tolist() == ["likely", "likely", "not likely"]
    assert results.likely(table, SCHEMA) == 2


def test_rows_of_one_probability_keep_the_order_of_the_file() -> None:
    lines = ["a,1,0.25,pop", "a,1,0.75,pop"] * 500
    table = results.scored(scored(uploaded(*lines)), SCHEMA)
    assert table.index.tolist() == [*range(3, 1002, 2), *range(2, 1002, 2)]


@pytest.mark.parametrize(
    ("cells", "shown"),
    [
        (["10", " 9", ""], [10, 9, None]),
        (["0.5", "-1e3", "2"], [0.5, -1000, 2]),
        (["007", "8", "9"], ["007", "8", "9"]),
        (["1", "x", ""], ["1", "x", ""]),
        (["", "", ""], ["", "", ""]),
        (["12345678901234567890", "1", "1"], ["12345678901234567890", "1", "1"]),
    ],
)
def test_columns_of_numbers_sort_as_numbers_and_names_stay_names(
    cells: list[str], shown: list[object]
) -> None:
    upload = uploaded(*(f"a,1,1,pop,{cell}" for cell in cells), header=f"{HEADER},own")
    found = results.scored(scored(upload), SCHEMA)["own"]
    assert found.astype(object).where(found.notna(), None).tolist() == shown


def test_lines_that_were_not_scored_are_listed_with_their_reason() -> None:
    batch = scored(uploaded("a,1,1,pop", "a,x,1,pop", "a,1"))
    assert results.refused(batch).to_dict("list") == {
        "line": [3, 4],
        "reason": ["year: expected a number, got 'x'", "2 cells, where the header has 4"],
    }


def test_the_histogram_counts_every_row_and_says_so_in_words() -> None:
    shares = (0.0, 0.05, 0.25, 0.5, 1.0)
    table = results.scored(scored(uploaded(*(f"a,1,{p},pop" for p in shares))), SCHEMA)
    bars = results.histogram(table, 0.5, "track").to_dict()
    (counts,) = [rows for rows in bars["datasets"].values() if "rows" in rows[0]]
    assert [row["rows"] for row in counts] == [2, 0, 1, 0, 0, 1, 0, 0, 0, 1]
    text = results.described(table, 0.5, SCHEMA)
    assert "probabilities of 5 tracks" in text
    assert "2 reach the threshold of 50 %" in text


def test_of_several_classes_the_file_has_each_one_s_probability() -> None:
    schema = replace(SCHEMA, output="kind", classes=("a", "b", "c"))
    each = {"a": 0.25, "b": 0.625, "c": 0.125}

    class Classes(FakeClient):
        def predict_batch(self, rows: Any, **which: Any) -> list[dict[str, Any]]:
            assert which == {"version": 4}
            return [{"kind": "b", "probabilities": each} for _ in rows]

    batch = Batch.of(uploaded("x,1,0.25,pop", "x,x,1,pop"), {**MODEL, "threshold": None})
    score(batch, schema, Classes(), lambda _: None)
    assert (batch.answers, batch.probabilities) == (["b", None], [0.625, None])
    assert results.as_csv(batch, schema).decode().splitlines() == [
        f"{HEADER},kind,probability,probability_a,probability_b,probability_c,reason",
        "x,1,0.25,pop,b,0.625,0.25,0.625,0.125,",
        "x,x,1,pop,,,,,,\"year: expected a number, got 'x'\"",
    ]
    table = results.scored(batch, schema)
    assert list(table) == ["kind", "probability", *HEADER.split(",")]
    assert results.counts(table, schema) == {"a": 0, "b": 1, "c": 0}


def test_of_two_named_classes_both_are_counted() -> None:
    schema = replace(SCHEMA, classes=("no", "yes"))
    batch = Batch(
        uploaded("x,1,1,pop", "x,1,1,pop"), 1, None, 0.5, ["yes", "no"], [0.75, 0.25],
        reasons=[None, None],
    )  # fmt: skip
    table = results.scored(batch, schema)
    assert table["popular"].tolist() == ["yes", "no"]
    assert results.counts(table, schema) == {"no": 1, "yes": 1}
    assert "1 reach the threshold" in results.described(table, 0.5, schema)
