import os
import signal
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from client import Client
from tests.frontend.batch_page import asked, csv_of, figures, opened, probability, tables, upload
from tests.frontend.conftest import ADMIN, Api, StartApi, studio_on
from tests.frontend.homes import WHOLE_BATCH
from tests.frontend.pages import words
from tests.servers import free_port


@pytest.fixture
def page(studio: AppTest) -> AppTest:
    """The page on the shared API, opened."""
    return opened(studio)


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
    own_process: Api, start_api: StartApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = opened(studio_on(own_process.url, monkeypatch))

    def end(calls: int) -> None:
        if calls == 1:
            os.killpg(own_process.pid, signal.SIGKILL)

    calls = asked(monkeypatch, end)
    upload(page, csv_of(*[{}] * WHOLE_BATCH, {"energy": 0.1}))
    assert "The scoring API is not there" in page.error[0].value
    assert page.get("progress")[0].text == "10,000 of 10,001 tracks scored"
    assert not page.metric
    with start_api(own_process.home, own_process.port):
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
