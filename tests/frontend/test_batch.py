import pytest
from streamlit.testing.v1 import AppTest

from client import Client
from components.upload.lines import BOM
from components.upload.table import template
from tests.frontend.batch_page import (
    EXTRACT_ONLY,
    TRACK,
    asked,
    csv_of,
    figures,
    opened,
    probability,
    tables,
    taken_away,
    upload,
)
from tests.frontend.homes import WHOLE_BATCH
from tests.frontend.pages import charts, words


@pytest.fixture
def page(studio: AppTest) -> AppTest:
    """The page on the shared API, opened."""
    return opened(studio)


def test_it_begins_with_what_to_do_and_a_template(page: AppTest) -> None:
    assert not page.exception
    assert "up to 200,000" in words(page)
    assert "Template" in [button.label for button in page.download_button]
    assert not page.error and not tables(page) and not page.metric


def test_it_says_what_the_columns_hold(page: AppTest) -> None:
    values = page.dataframe[0].value.set_index("Column")["Values"]
    assert values["artist_name"] == "text, or nothing"
    assert values["loudness"] == "number, -70 to 10"
    assert values["duration_ms"] == "whole number, 1000 to 10800000"


def test_the_template_can_be_uploaded_as_it_is(page: AppTest, client: Client) -> None:
    upload(page, template(client.schema()).encode(), "tracks_template.csv")
    assert figures(page) == ["1", "1 (100 %)", "0"]
    assert tables(page)[0]["probability"].tolist() == pytest.approx([probability(0.68)])


def test_a_table_becomes_figures_a_histogram_and_a_table(page: AppTest) -> None:
    upload(page, csv_of({"energy": 0.25}, {"energy": 0.75}, {"energy": 0.3}))
    assert figures(page) == ["3", "1 (33 %)", "0"]
    assert page.subheader[0].value == "Results of tracks.csv"
    assert "version 1 (production)" in words(page)
    assert "from a probability of 50 % on" in words(page)
    assert "probabilities of 3 tracks" in charts(page)[0]
    (table,) = tables(page)
    assert table["energy"].tolist() == [0.75, 0.3, 0.25]
    assert table["popular"].tolist() == ["likely", "not likely", "not likely"]
    assert not page.get("progress")


def test_the_extract_of_the_training_is_taken_as_it_is(page: AppTest) -> None:
    upload(page, csv_of({}, of={**EXTRACT_ONLY, **TRACK}))
    assert figures(page) == ["1", "1 (100 %)", "0"]
    assert list(tables(page)[0])[:5] == [
        "popular", "probability", "Unnamed: 0", "track_name", "track_id",
    ]  # fmt: skip
    assert taken_away(page)[1].startswith('17,"One, More Time",0000000000000000000000,81,')


def test_an_optional_column_may_be_left_out(page: AppTest) -> None:
    upload(page, csv_of({}, of={k: v for k, v in TRACK.items() if k != "artist_name"}))
    assert figures(page) == ["1", "1 (100 %)", "0"]


def test_a_genre_that_the_training_does_not_know_is_scored(page: AppTest) -> None:
    assert figures(upload(page, csv_of({"genre": "polka"})))[0] == "1"


def test_more_rows_than_one_call_takes_come_in_order(page: AppTest) -> None:
    count = WHOLE_BATCH + 3
    changes = ({"energy": n % 997 / 997, "duration_ms": 2000 + n} for n in range(count))
    upload(page, csv_of(*changes))
    assert figures(page)[0] == f"{count:,}"
    header, *lines = taken_away(page)
    places = [header.split(",").index(name) for name in ("duration_ms", "probability", "reason")]
    cells = [[line.split(",")[place] for place in places] for line in lines]
    assert [int(row[0]) for row in cells] == list(range(2000, 2000 + count))
    wanted = [probability(n % 997 / 997) for n in range(count)]
    assert [float(row[1]) for row in cells] == pytest.approx(wanted, abs=1e-5)
    assert {row[2] for row in cells} == {""}


def test_lines_that_cannot_be_scored_are_listed_and_nothing_is_lost(page: AppTest) -> None:
    content = csv_of({}, {"energy": "loud"}, {"energy": 1.5}, {"year": ""}, {"key": 5.5}, {})
    upload(page, content + b"short,line\n")
    assert figures(page) == ["2", "2 (100 %)", "5"]
    listed = tables(page)[1]
    assert listed["line"].tolist() == [3, 4, 5, 6, 8]
    loud, high, empty, half, short = listed["reason"]
    assert loud == "energy: expected a number, got 'loud'"
    assert high.startswith("energy: ") and "1.5" in high
    assert empty == "year: empty"
    assert half == "key: expected a whole number, got '5.5'"
    assert short == "2 cells, where the header has 16"
    lines = taken_away(page)
    assert len(lines) == 8
    assert lines[2].endswith(""",198000,4,,,"energy: expected a number, got 'loud'\"""")
    assert lines[7].startswith("short,line,,")


def test_with_only_bad_lines_there_is_nothing_but_the_reasons(page: AppTest) -> None:
    upload(page, csv_of({"energy": "x"}, {"energy": 2}))
    assert figures(page) == ["0", "0", "2"]
    assert not charts(page)
    assert [list(table) for table in tables(page)] == [["line", "reason"]]
    assert len(taken_away(page)) == 3


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "It is empty"),
        (BOM, "It is empty"),
        (csv_of(), "It is empty"),
        (csv_of({}).splitlines()[0], "a header and no rows under it"),
        (b"id,title\n1,x\n", "lacks columns that the model needs: `year`, `genre`, `danceability`"),
        (csv_of({}).replace(b",", b";"), "separated by semicolons"),
        (csv_of({}).replace(b"energy", b"tempo"), "More than one column is called `tempo`"),
        (csv_of({"artist_name": "Björk"}).decode().encode("latin-1"), "not in UTF-8: line 2"),
        (b"\x89PNG\r\n\x1a\n\x00", "no CSV file"),
    ],
)
def test_a_file_that_cannot_be_used_is_told_and_the_next_one_is_scored(
    page: AppTest, content: bytes, told: str
) -> None:
    upload(page, content, "mine.csv")
    assert "**mine.csv can't be scored.**" in page.error[0].value
    assert told in page.error[0].value
    assert "upload" in page.error[0].value.lower()
    assert not page.metric
    upload(page, BOM + csv_of({}))
    assert not page.error
    assert figures(page) == ["1", "1 (100 %)", "0"]


def test_too_many_rows_are_refused_before_any_is_scored(
    page: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = asked(monkeypatch)
    header, line = csv_of({}).splitlines(keepends=True)
    upload(page, header + line * 200_001)
    assert "more than 200,000 rows, and nothing was scored" in page.error[0].value
    assert calls == []
