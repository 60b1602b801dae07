"""What tables alone say of each line of bronze; rows at hand, without Spark."""

from typing import Any

import pytest

from tests.ingest.accounts import Account, Books, Place
from tests.ingest.histories import DAYS, SOURCES, Line, Rules

Tables = dict[str, list[dict[str, Any]]]
GOOD, OTHER, BAD = (Line("b1", title, score, "") for title, score in ("a1", "b1", "ax"))
CONTENTS = {"c1": [GOOD, BAD, OTHER], "c2": [GOOD], "c3": [OTHER]}


def told(shown: list[str], silver: Place, bad: set[Place], refused: int | None = None) -> Tables:
    """Tables of contents that are shown on one day after the other, by one source each."""
    names = list(CONTENTS)
    return {
        "bronze": [
            {"source_checksum": c, "line_id": n, "raw_line": line.text(0).encode()}
            for c in dict.fromkeys(shown)
            for n, line in enumerate(CONTENTS[c], 1)
        ],
        "extracts": [
            {
                "number": n, "source_checksum": c, "extraction_date": DAYS[n - 1], "settled": None,
                "origin": SOURCES[names.index(c) % 2],
            }
            for n, c in enumerate(shown, 1)
        ],
        "quality": [
            {"judgement": n, "number": n, "verdict": "refused" if n == refused else "passed"}
            for n, _ in enumerate(shown, 1)
        ],
        "quarantine": [{"source_checksum": c, "line_id": n} for c, n in sorted(bad)],
        "silver": [
            {
                "source_checksum": silver[0], "line_id": silver[1], "id": "b1",
                "title": CONTENTS[silver[0]][silver[1] - 1].title, "score": 1,
                "extraction_date": DAYS[shown.index(silver[0])],
            }
        ],
    }  # fmt: skip


def accounts(tables: Tables, rules: Rules | None = None) -> dict[Place, list[Account]]:
    return Books(tables, "id", rules or Rules()).accounts()


def test_each_line_has_one_account_that_names_the_line_that_came_after_it() -> None:
    shown = ["c1", "c2", "c2"]
    found = accounts(told(shown, ("c2", 1), {("c1", 2)}))
    assert found == {
        ("c1", 1): [Account("repeated", ("c1", 3))],
        ("c1", 2): [Account("bad")],
        ("c1", 3): [Account("superseded", ("c2", 1))],
        ("c2", 1): [Account("row")],
    }


def test_values_that_come_again_repeat_the_line_that_silver_has_them_from() -> None:
    found = accounts(told(["c1", "c3"], ("c1", 3), {("c1", 2)}))
    assert found["c3", 1] == [Account("repeated", ("c1", 3))]


def test_what_gates_refused_is_left_out() -> None:
    found = accounts(told(["c1", "c2"], ("c1", 3), {("c1", 2)}, refused=2))
    assert (found["c2", 1], found["c1", 3]) == ([Account("left out")], [Account("row")])


@pytest.mark.parametrize(("order", "account"), [(SOURCES, "row"), (SOURCES[::-1], "")])
def test_a_line_of_the_source_declared_first_is_newer_than_any_other(
    order: tuple[str, ...], account: str
) -> None:
    """The second content is newer by its day, and of the second source."""
    found = accounts(told(["c1", "c2"], ("c1", 3), {("c1", 2)}), Rules(sources=order))
    assert found["c1", 3] == [Account("row")]
    superseded = [Account("superseded", ("c1", 3))] if account else []
    assert found["c2", 1] == superseded


def test_a_line_that_is_nowhere_or_in_two_places_is_found() -> None:
    newer_is_lost = accounts(told(["c1", "c2"], ("c1", 3), {("c1", 2)}))
    assert newer_is_lost["c2", 1] == []
    assert accounts(told(["c1"], ("c1", 3), set()))["c1", 2] == []
    twice = accounts(told(["c1"], ("c1", 3), {("c1", 2), ("c1", 3)}))["c1", 3]
    assert [account.what for account in twice] == ["bad", "row"]
    tables = told(["c1"], ("c1", 3), {("c1", 3)})
    assert Books(tables, "id", Rules()).strays() == [("c1", 3)]
    tables["silver"] = []
    assert accounts(tables)["c1", 1] == []
