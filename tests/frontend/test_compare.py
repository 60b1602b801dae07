from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from client import Client
from refusals import ApiError
from tests.frontend.conftest import ADMIN, Api, StartApi, studio_on
from tests.frontend.faults import halted, lost_files
from tests.frontend.pages import charts, words
from tests.servers import free_port
from tests.serving.conftest import wait_for


@pytest.fixture
def compare(studio: AppTest) -> AppTest:
    """The Compare page, opened."""
    return opened(studio)


def opened(page: AppTest) -> AppTest:
    return page.switch_page("views/compare.py").run()


def choose(page: AppTest, *numbers: int) -> AppTest:
    return page.multiselect(key="compared").set_value(list(numbers)).run()


def cards(page: AppTest) -> dict[str, tuple[str, str]]:
    """Each version's probability and its difference from the first one's."""
    return {card.label: (str(card.value), card.delta) for card in page.metric}


def test_the_served_version_and_the_other_aliases_are_compared_at_first(compare: AppTest) -> None:
    assert not compare.exception
    assert compare.multiselect(key="compared").value == [1, 2]
    assert compare.multiselect(key="compared").options == [
        "version 3", "staging (version 2)", "production (version 1)"
    ]  # fmt: skip


def test_each_version_tells_probability_verdict_and_threshold(compare: AppTest) -> None:
    assert cards(compare) == {
        "production (version 1)": ("54 %", ""),
        "staging (version 2)": ("48 %", "−6.2 points"),
    }
    assert "**Likely popular**, threshold 50 %" in words(compare)
    assert "**Not likely popular**, threshold 50 %" in words(compare)
    assert "They disagree: 1 of 2 say likely popular." in words(compare)


def test_the_difference_is_to_the_first_that_was_chosen(compare: AppTest) -> None:
    choose(compare, 2, 1)
    assert cards(compare)["production (version 1)"] == ("54 %", "+6.2 points")
    assert cards(compare)["staging (version 2)"] == ("48 %", "")


def test_versions_that_agree_are_told_of(compare: AppTest) -> None:
    choose(compare, 1, 3)
    assert "Both agree: likely popular." in words(compare)


def test_a_version_of_generated_tracks_is_told_of(compare: AppTest) -> None:
    assert "Trained on generated tracks" not in words(compare)
    choose(compare, 1, 3)
    assert "Trained on generated tracks" in words(compare)


def test_the_chart_tells_probabilities_and_thresholds_in_words(compare: AppTest) -> None:
    assert charts(compare) == [
        "production (version 1): probability 54 %, threshold 50 %; "
        "staging (version 2): probability 48 %, threshold 50 %"
    ]


def test_one_version_is_enough(compare: AppTest) -> None:
    choose(compare, 2)
    assert cards(compare) == {"staging (version 2)": ("48 %", "")}
    assert not charts(compare)


def test_without_a_choice_it_says_what_to_do(compare: AppTest) -> None:
    choose(compare)
    assert not compare.exception
    assert "Choose at least one version." in words(compare)


def test_the_choice_survives_a_change_of_page(compare: AppTest) -> None:
    choose(compare, 3)
    compare.switch_page("views/studio.py").run()
    compare.switch_page("views/compare.py").run()
    assert list(cards(compare)) == ["version 3"]


def test_the_present_track_is_shown_by_what_sets_it_apart(compare: AppTest) -> None:
    assert "Apart from the typical pop track: energy 0.68 (typical 0.25)." in words(compare)
    assert compare.text[0].value == "pop · 2021"
    values = compare.dataframe[0].value.set_index("Input")
    assert list(values.loc["Energy"]) == ["0.68", "0.25"]
    assert values.loc["Key", "Value"] == "F"
    assert len(values) == len(compare.session_state["row"])


def test_a_usual_track_is_told_of_as_such(compare: AppTest) -> None:
    compare.session_state["row"]["energy"] = 0.25
    compare.run()
    assert "Apart from the typical pop track: hardly anything." in words(compare)


def test_an_address_brings_its_values_and_stays_shareable(studio: AppTest) -> None:
    studio.query_params.update({"energy": "0.1", "artist_name": "![x](http://far)"})
    studio.switch_page("views/compare.py").run()
    assert cards(studio)["production (version 1)"][0] == "40 %"
    assert studio.query_params["energy"] == "0.1"
    assert studio.query_params["genre"] == "pop"
    # Whoever sent the address can't have the page load pictures.
    assert "far" in studio.text[0].value
    assert "far" not in words(studio)


def test_a_version_that_is_served_from_now_on_comes_first(
    own_home: Path, start_api: StartApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    with start_api(own_home) as api:
        page = opened(studio_on(api.url, monkeypatch))
        choose(page, 1)
        Client(api.url).switch(ADMIN, version=3)
        page.run()
        assert list(cards(page)) == ["version 3", "production (version 1)"]


def test_a_version_that_can_t_be_loaded_leaves_the_others_alone(
    own_home: Path, start_api: StartApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    with lost_files(own_home, 3), start_api(own_home) as api:
        page = choose(opened(studio_on(api.url, monkeypatch)), 3, 1, 2)
        page.button(key="keep").click().run()
        assert not page.exception
        assert cards(page) == {
            "production (version 1)": ("54 %", ""),
            "staging (version 2)": ("48 %", "−6.2 points"),
        }
        assert "**version 3**" in words(page)
        assert "No answer from this one" in words(page)
        assert "its scorer can't be fetched" in words(page)
        takes = page.dataframe[-1].value
        assert list(takes.columns[:3]) == ["Take", "production (version 1)", "staging (version 2)"]


@pytest.mark.slow
def test_a_version_that_could_not_be_loaded_is_shown_when_it_can(
    own_home: Path, start_api: StartApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    with start_api(own_home) as api:
        page = opened(studio_on(api.url, monkeypatch))
        with lost_files(own_home, 3):
            choose(page, 1, 3)
            assert list(cards(page)) == ["production (version 1)"]
        client = Client(api.url)

        def answers() -> bool:
            try:
                return client.profiles(3) is not None
            except ApiError:
                return False

        wait_for(answers, "version 3, which is fetched again after a while")
        page.run()
        assert cards(page)["version 3"] == ("94 %", "+39 points")
        assert "No answer" not in words(page)


def test_without_the_api_it_says_what_to_do_and_goes_on_when_it_is_back(
    small_home: Path, start_api: StartApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = free_port()
    with start_api(small_home, port) as api:
        page = opened(studio_on(api.url, monkeypatch))
        page.text_input(key="take_name").set_value("Before")
        page.button(key="keep").click().run()
    page.run()
    assert "The scoring API is not there" in page.error[0].value
    assert "make serve" in page.error[0].value
    assert not page.metric
    with start_api(small_home, port):
        page.run()
        assert not page.error
        assert len(cards(page)) == 2
        assert list(page.dataframe[-1].value["Take"]) == ["Before"]


def test_an_api_that_takes_too_long_is_told_of(
    shared_api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HITCAST_API_SECONDS", "0.5")
    page = opened(studio_on(shared_api.url, monkeypatch))
    with halted(shared_api.pid):
        page.run()
        assert "The answer takes too long" in words(page)
    page.run()
    assert "takes too long" not in words(page)
    assert len(cards(page)) == 2
