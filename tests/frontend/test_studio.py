from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from client import Client
from tests.frontend.conftest import ADMIN, StartApi, studio_on
from tests.frontend.pages import charts, words

FEATURES = (
    "danceability", "energy", "key", "loudness", "mode", "speechiness", "acousticness",
    "instrumentalness", "liveness", "valence", "tempo", "duration_ms", "time_signature",
)  # fmt: skip


def verdict(page: AppTest) -> str:
    return str(page.metric[0].value)


def energy(page: AppTest) -> float:
    return float(str(page.slider(key="in_energy").value))


def press(page: AppTest, label: str) -> None:
    next(button for button in page.button if label in button.label).click().run()


def test_the_first_page_shows_a_verdict_at_once(studio: AppTest) -> None:
    studio.run()
    assert not studio.exception
    assert verdict(studio) == "Likely popular"
    assert "**54 %** probability of being popular" in words(studio)


def test_every_feature_has_a_control_with_its_meaning_and_legal_range(studio: AppTest) -> None:
    studio.run()
    controls = {w.key: w for w in (*studio.slider, *studio.select_slider, *studio.selectbox)}
    assert {f"in_{name}" for name in FEATURES} <= set(controls)
    assert all(controls[f"in_{name}"].help for name in FEATURES)
    loudness, tempo = controls["in_loudness"], controls["in_tempo"]
    assert (loudness.label, loudness.min, loudness.max) == ("Loudness (dB)", -70.0, 10.0)
    assert (tempo.label, tempo.min, tempo.max) == ("Tempo (BPM)", 0.0, 300.0)
    assert controls["in_mode"].options == ["minor", "major"]


def test_a_moved_slider_changes_the_verdict_without_a_button(studio: AppTest) -> None:
    studio.run()
    studio.slider(key="in_energy").set_value(0.3).run()
    assert verdict(studio) == "Not likely popular"
    assert "**45 %** probability" in words(studio)


def test_the_gauge_tells_threshold_and_base_rate_in_words(studio: AppTest) -> None:
    studio.run()
    gauge = charts(studio)[0]
    assert "Probability 54 %, threshold 50 %" in gauge
    assert "base rate of a typical pop track 40 %" in gauge


def test_the_genre_decides_what_it_is_compared_with(studio: AppTest) -> None:
    studio.run()
    assert "about 1.4 times as likely as a typical pop track" in words(studio)
    studio.selectbox(key="in_genre").set_value("techno").run()
    assert "about 5 times as likely as a typical techno track" in words(studio)


def test_a_preset_takes_the_typical_values_of_the_genre(studio: AppTest) -> None:
    studio.run()
    studio.selectbox(key="in_genre").set_value("techno").run()
    press(studio, "Typical techno track")
    assert energy(studio) == 0.9
    assert "Likely popular" in verdict(studio)


def test_a_reference_takes_its_exact_values_over(studio: AppTest) -> None:
    studio.run()
    press(studio, "Near – b (60)")
    assert studio.session_state["row"]["energy"] == 0.6437
    assert "**54 %**" in words(studio)


def test_starting_over_forgets_everything(studio: AppTest) -> None:
    studio.run()
    studio.slider(key="in_energy").set_value(0.1).run()
    studio.selectbox(key="in_genre").set_value("techno").run()
    press(studio, "Start over")
    assert energy(studio) == 0.68
    assert studio.selectbox(key="in_genre").value == "pop"
    assert not studio.query_params


def test_what_sets_the_row_apart_is_named(studio: AppTest) -> None:
    studio.run()
    assert "Energy: **+11 points**" in words(studio)


def test_it_says_that_it_is_association_and_not_cause(studio: AppTest) -> None:
    studio.run()
    assert "Association, not cause" in words(studio)


def test_values_stand_in_the_address(studio: AppTest) -> None:
    studio.run()
    assert not studio.query_params
    studio.slider(key="in_energy").set_value(0.3).run()
    assert studio.query_params["energy"] == "0.3"
    assert studio.query_params["genre"] == "pop"


def test_an_address_brings_its_values_back(studio: AppTest) -> None:
    studio.query_params.update({"energy": "0.25", "genre": "techno", "key": "-1"})
    studio.run()
    assert energy(studio) == 0.25
    assert studio.selectbox(key="in_genre").value == "techno"
    assert studio.session_state["row"]["key"] == -1
    assert verdict(studio) == "Not likely popular"


def test_a_wrong_address_is_told_and_the_rest_of_it_used(studio: AppTest) -> None:
    studio.query_params.update({"energy": "7", "valence": "0.25"})
    studio.run()
    assert "energy=7: expected 0 to 1" in studio.warning[0].value
    assert energy(studio) == 0.68
    assert studio.slider(key="in_valence").value == 0.25


def test_values_survive_a_change_of_page(studio: AppTest) -> None:
    studio.run()
    studio.slider(key="in_energy").set_value(0.3).run()
    studio.switch_page("views/why.py").run()
    assert "Not likely popular" in words(studio)
    studio.switch_page("views/studio.py").run()
    assert energy(studio) == 0.3


def test_a_length_is_shown_in_seconds_and_sent_in_its_own_unit(studio: AppTest) -> None:
    studio.run()
    length = studio.slider(key="in_duration_ms")
    assert (length.label, length.value) == ("Duration (s)", 198)
    # Nine in ten of the training's tracks last 120 to 400 s: the slider goes half as far again.
    assert (length.min, length.max) == (1, 540)
    length.set_value(240).run()
    assert studio.session_state["row"]["duration_ms"] == 240_000


def test_the_whole_legal_range_is_a_click_away(studio: AppTest) -> None:
    studio.run()
    studio.checkbox(key="whole_duration_ms").check().run()
    length = studio.slider(key="in_duration_ms_whole")
    assert (length.value, length.min, length.max) == (198, 1, 10_800)
    length.set_value(4000).run()
    assert studio.session_state["row"]["duration_ms"] == 4_000_000
    press(studio, "Start over")
    assert studio.session_state["row"]["duration_ms"] == 198_000
    length = next(slider for slider in studio.slider if "duration" in str(slider.key))
    assert length.value == 198


def test_a_length_beyond_the_usual_gets_the_whole_legal_range(studio: AppTest) -> None:
    studio.query_params["duration_ms"] = "3600000"
    studio.run()
    length = studio.slider(key="in_duration_ms_whole")
    assert (length.value, length.min, length.max) == (3600, 1, 10_800)


def test_a_text_that_the_training_has_not_seen_is_told(studio: AppTest) -> None:
    studio.run()
    studio.text_input(key="in_artist_name").set_value("Nobody").run()
    assert "The training has not seen this artist name" in words(studio)
    studio.text_input(key="in_artist_name").set_value("Daft Punk").run()
    assert "The training has not seen" not in words(studio)


def test_a_number_beyond_the_training_s_is_told(studio: AppTest) -> None:
    studio.query_params["tempo"] = "200"
    studio.run()
    assert "Tempo: the training has seen 60.0 BPM to 180.0 BPM" in words(studio)
    studio.slider(key="in_tempo").set_value(180.0).run()
    assert "Tempo: the training" not in words(studio)


def test_generated_tracks_are_told_of(
    own_home: Path, start_api: StartApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    with start_api(own_home) as api:
        Client(api.url).switch(ADMIN, version=3)
        page = studio_on(api.url, monkeypatch).run()
        assert "Trained on generated tracks" in words(page)


def test_real_tracks_are_not_told_of_as_generated(studio: AppTest) -> None:
    studio.run()
    assert "generated" not in words(studio)
