import math
import os
import signal
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from client import WHOLE_BATCH, Client
from components.upload import results
from components.upload.lines import BOM
from components.upload.table import template
from tests.frontend.conftest import ADMIN, BIASES, StartApi, studio_on
from tests.frontend.pages import charts, words
from tests.servers import free_port

TRACK: dict[str, Any] = {
    "artist_name": "Daft Punk", "year": 2021, "genre": "pop", "danceability": 0.72, "energy": 0.68,
    "key": 5, "loudness": -5.4, "mode": 1, "speechiness": 0.05, "acousticness": 0.12,
    "instrumentalness": 0.0, "liveness": 0.11, "valence": 0.55, "tempo": 118.0,
    "duration_ms": 198000, "time_signature": 4,
}  # fmt: skip
EXTRACT_ONLY = {"": 17, "track_name": "One, More Time", "track_id": "0" * 22, "popularity": 81}


def csv_of(*changes: Mapping[str, Any], of: Mapping[str, Any] = TRACK) -> bytes:
    """A line for each set of values that differ from the track's."""
    table = pd.DataFrame([{**of, **change} for change in changes], dtype=object)
    return table.to_csv(index=False).encode()


def opened(page: AppTest) -> AppTest:
    return page.run().switch_page("views/batch.py").run()


def upload(page: AppTest, content: bytes, name: str = "tracks.csv") -> AppTest:
    page.file_uploader[0].set_value((name, content, "text/csv")).run()
    assert not page.exception
    return page


def figures(page: AppTest) -> list[str]:
    """Tracks scored, likely popular, not scored."""
    return [str(metric.value) for metric in page.metric]


def tables(page: AppTest) -> list[pd.DataFrame]:
    """The tables of the results: the template's columns come before them."""
    return [table.value for table in page.dataframe][1:]


def probability(energy: float, version: int = 1) -> float:
    return 1 / (1 + math.exp(-BIASES[version] - energy))


def taken_away(page: AppTest) -> list[str]:
    """The file that the button of the results offers."""
    assert "Results as CSV" in [button.label for button in page.download_button]
    batch, schema = page.session_state["batch"], Client().schema()
    return results.as_csv(batch, schema).decode().splitlines()


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


def asked(
    monkeypatch: pytest.MonkeyPatch, then: Callable[[int], None] = lambda _: None
) -> list[int]:
    """Note how many rows each call sends; `then` gets the number of calls so far, after it."""
    calls: list[int] = []
    real = Client.predict_batch

    def noted(self: Client, rows: Sequence[Any], **which: Any) -> list[dict[str, Any]]:
        found = real(self, rows, **which)
        calls.append(len(rows))
        then(len(calls))
        return found

    monkeypatch.setattr(Client, "predict_batch", noted)
    return calls


def test_results_stay_when_the_page_runs_again_or_another_one_is_open(
    page: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = asked(monkeypatch)
    upload(page, csv_of({}, {"energy": "x"}))
    page.run()
    assert figures(page) == ["1", "1 (100 %)", "1"]
    page.switch_page("views/studio.py").run()
    page.switch_page("views/batch.py").run()
    assert figures(page) == ["1", "1 (100 %)", "1"]
    assert calls == [1]


def test_the_same_file_uploaded_again_is_scored_again(
    page: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = asked(monkeypatch)
    for _ in range(2):
        upload(page, csv_of({}))
        assert figures(page) == ["1", "1 (100 %)", "0"]
    assert calls == [1, 1]


def test_another_file_takes_the_place_of_the_last_and_none_clears_the_page(page: AppTest) -> None:
    upload(page, csv_of({}, {}), "first.csv")
    upload(page, csv_of({"energy": 0.1}), "second.csv")
    assert figures(page) == ["1", "0 (0.0 %)", "0"]
    assert [title.value for title in page.subheader] == ["Results of second.csv"]
    page.file_uploader[0].clear().run()
    assert not page.metric and not page.exception


def test_a_bad_file_takes_the_place_of_good_results(page: AppTest) -> None:
    upload(page, csv_of({}))
    upload(page, b"")
    assert page.error and not page.metric


def test_an_api_that_goes_down_midway_is_told_and_what_is_scored_stays(
    small_home: Path, start_api: StartApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = free_port()
    content = csv_of(*[{}] * WHOLE_BATCH, {"energy": 0.1})
    with start_api(small_home, port) as api:
        page = opened(studio_on(api.url, monkeypatch))

        def end(calls: int) -> None:
            if calls == 1:
                os.killpg(api.pid, signal.SIGKILL)

        calls = asked(monkeypatch, end)
        upload(page, content)
        assert "The scoring API is not there" in page.error[0].value
        assert page.get("progress")[0].text == "10,000 of 10,001 tracks scored"
        assert not page.metric
    with start_api(small_home, port):
        page.run()
        assert not page.error and not page.get("progress")
        assert figures(page) == ["10,001", "10,000 (above 99.9 %)", "0"]
        assert calls == [WHOLE_BATCH, 1]


def test_a_file_uploaded_while_the_api_is_down_is_scored_once_it_is_back(
    small_home: Path, start_api: StartApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = free_port()
    page = opened(studio_on(f"http://127.0.0.1:{port}", monkeypatch))
    assert "The scoring API is not there" in page.error[0].value
    upload(page, csv_of({}))
    assert "The scoring API is not there" in page.error[0].value
    with start_api(small_home, port):
        page.run()
        assert not page.error
        assert figures(page) == ["1", "1 (100 %)", "0"]


def test_one_version_scores_the_whole_batch_although_another_is_served_meanwhile(
    own_home: Path, start_api: StartApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    with start_api(own_home) as api:
        page = opened(studio_on(api.url, monkeypatch))

        def switch(calls: int) -> None:
            if calls == 1:
                Client(api.url).switch(ADMIN, version=2)

        asked(monkeypatch, switch)
        upload(page, csv_of(*[{}] * (WHOLE_BATCH + 1)))
        found = tables(page)[0]["probability"]
        assert found.tolist() == pytest.approx([probability(0.68)] * len(found), abs=1e-6)
        assert "Scored by version 1 (production)" in words(page)
        page.run()
        next(b for b in page.button if b.label == "Score again with version 2").click().run()
        found = tables(page)[0]["probability"]
        assert found.tolist() == pytest.approx([probability(0.68, 2)] * len(found), abs=1e-6)
        assert "Scored by version 2" in words(page)
        assert not [b for b in page.button if "Score again" in b.label]


def test_a_small_limit_of_the_api_makes_more_calls_and_no_error(
    small_home: Path, start_api: StartApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    with start_api(small_home, max_batch="3", max_body_bytes="2048") as api:
        page = opened(studio_on(api.url, monkeypatch))
        upload(page, csv_of(*({"energy": n / 10} for n in range(10)), {"artist_name": "x" * 3000}))
        assert figures(page) == ["10", "5 (50 %)", "1"]


def test_generated_tracks_are_told_of(
    own_home: Path, start_api: StartApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    with start_api(own_home) as api:
        Client(api.url).switch(ADMIN, version=3)
        assert "Trained on generated tracks" in words(opened(studio_on(api.url, monkeypatch)))


def test_real_tracks_are_not_told_of_as_generated(page: AppTest) -> None:
    assert "generated" not in words(page)
