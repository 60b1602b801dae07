"""Sentences and figures in words: what they claim follows from the tables that they are given."""

from datetime import date

import pandas as pd
import pytest

from hitcast.declaration.use_case import UseCase
from hitcast.errors import HitcastError
from hitcast.exploring.endpoint.answers import Answer
from hitcast.exploring.endpoint.asked import read_row
from hitcast.exploring.endpoint.what_if import choose_input, swings, usual_ranges, what_if_in_words
from hitcast.exploring.parameters import number_or, open_home
from hitcast.exploring.trends.moves import moved_most, trends_in_words
from hitcast.exploring.words import counted, figure, listed, percent, signed, told, with_unit

SWEPT = pd.DataFrame(
    {
        "column": ["pages", "pages", "weight", "weight"],
        "value": [10, 20, 0.5, 1.5],
        "probability": [0.2, 0.3, 0.7, 0.1],
    }
)


STILL = ("score", "pages", "price")


def trends(medians: list[float], shares: list[float]) -> pd.DataFrame:
    """Two versions or one, told of the whole table; all columns but one stay where they are."""
    lines = [
        {
            "version": n, "date": date(2024, 5 + n, 1), "part": "all", "rows": 100 + 20 * n,
            "new": 100 if not n else 20, "changed": 3 * n, "positive": 0, "share": share,
            **{f"{name}_{q}": 1.0 for name in STILL for q in ("q25", "median", "q75")},
            "weight_q25": 1.0, "weight_median": median, "weight_q75": 3.0,
        }
        for n, (median, share) in enumerate(zip(medians, shares, strict=True))
    ]  # fmt: skip
    return pd.DataFrame(lines)


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (0.0537, "0.0537"), (-7.45, "−7.45"), (225744.4, "225,744"), (52.0, "52"),
     (0.00002, "2.0e−05"), (1.5, "1.50")],
)  # fmt: skip
def test_figures_keep_three_digits(value: float, text: str) -> None:
    assert figure(value) == text


def test_shares_are_never_rounded_to_nothing_or_all() -> None:
    shares = [0, 0.0004, 0.0453, 0.9999, 1]
    assert list(map(percent, shares)) == [
        "0.0 %",
        "below 0.1 %",
        "4.5 %",
        "above 99.9 %",
        "100.0 %",
    ]
    assert [signed(0.0123), signed(-0.0001), signed(-1.26, 1)] == ["+0.012", "+0.000", "−1.3"]


def test_words_are_put_together(spotify: UseCase) -> None:
    assert [listed(["a"]), listed(["a", "b"]), listed(["a", "b", "c"])] == [
        "a",
        "a and b",
        "a, b and c",
    ]
    assert [counted(1, "value"), counted(2000, "value")] == ["1 value", "2,000 values"]
    assert told("a < b", "c") == "<p>a &lt; b</p><p>c</p>"
    shown = [("key", 1), ("key", 1.5), ("tempo", 118.0), ("year", 2019), ("energy", 0.5)]
    assert [with_unit(spotify.column(name), value) for name, value in shown] == [
        "C♯/D♭", "1.50 pitch class", "118 BPM", "2019", "0.500",
    ]  # fmt: skip


def test_a_column_that_moved_is_named_with_how_far(books: UseCase) -> None:
    found = trends([2.0, 2.5], [0.1, 0.15])
    assert moved_most(found, books).iloc[0].to_dict() == {
        "column": "weight", "first": 2.0, "last": 2.5, "moved": 0.25,
    }  # fmt: skip
    rows, share, moved = trends_in_words(found, books, "books")
    assert rows.endswith("gold went from 100 to 120 books: 20 new ones, 3 changes.")
    assert "from 10.0 % to 15.0 % (+5.0 points)" in share
    assert moved.startswith("Furthest moved weight: its median went from 2 kg to 2.50 kg, +0.25")


def test_what_hardly_moved_is_not_made_much_of(books: UseCase) -> None:
    told = trends_in_words(trends([2.0, 2.1], [0.1, 0.1]), books, "books")
    assert told[2].startswith("No column moved noticeably")
    assert "furthest: weight, +0.05 widths" in told[2]


def test_one_version_asks_for_a_second(books: UseCase) -> None:
    (told,) = trends_in_words(trends([2.0], [0.1]), books, "generated books")
    assert told.startswith("There is one version to look at: 100 generated books of 2024-05-01")
    assert "--extraction-date" in told


def test_swings_are_ranked_and_told(books: UseCase) -> None:
    found = swings(SWEPT)
    assert found["column"].tolist() == ["weight", "pages"]
    assert found["best"].tolist() == [0.5, 20.0]
    assert found["swing"].tolist() == pytest.approx([0.6, 0.1])
    assert choose_input("", SWEPT, books).name == "weight"
    told = what_if_in_words(SWEPT, choose_input("pages", SWEPT, books), Answer(0, 0.25), books)
    assert told[0] == (
        "As it stands the probability is 25.0 %. With pages at 10 pages it would be 20.0 %, at "
        "20 pages 30.0 %."
    )
    assert told[1].startswith("Of all inputs weight moves the answer most: between 10.0 % and 70")
    with pytest.raises(HitcastError, match=r"one of the inputs \['weight', 'pages'\].*got 'size'"):
        choose_input("size", SWEPT, books)


def test_rows_come_from_the_widget_or_from_the_use_case(spotify: UseCase) -> None:
    row = read_row("", spotify)
    assert list(row) == [column.name for column in spotify.features]
    assert (row["year"], row["genre"], row["tempo"]) == (2021, "pop", 118.0)
    assert read_row('{"tempo": 90}', spotify) == {"tempo": 90}
    for text in ("[1]", "{"):
        with pytest.raises(HitcastError, match="as a JSON object in the widget row"):
            read_row(text, spotify)


def test_without_gold_inputs_move_through_their_legal_range(spotify: UseCase) -> None:
    ranges = usual_ranges(spotify, None).set_index("column")
    assert ranges.loc[["tempo"]].to_numpy().tolist() == [[0.0, 300.0]]
    assert len(ranges) == 14


def test_empty_widgets_leave_the_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HITCAST_HOME", "/somewhere")
    home = open_home(" ", "", "")
    assert (str(home.folder), home.schema, home.model("demo")) == ("/somewhere", None, "demo")
    assert open_home("", "c", "s", "m", "e").model("demo") == "c.s.m"
    assert [number_or(" "), number_or("", 3), number_or("7", 3)] == [None, 3, 7]
