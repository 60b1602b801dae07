import pytest
from streamlit.testing.v1 import AppTest

from tests.frontend.pages import charts, words


@pytest.fixture
def why(studio: AppTest) -> AppTest:
    return studio.switch_page("views/why.py").run()


def test_effects_are_drawn_and_told_in_words(why: AppTest) -> None:
    assert not why.exception
    effects = next(text for text in charts(why) if text.startswith("Against"))
    assert effects == "Against the typical pop track: Energy +11 points"
    assert "The other 13 add or take away less than 0.1 points each." in words(why)


def test_the_curve_follows_the_chosen_feature(why: AppTest) -> None:
    why.selectbox(key="what_if").set_value("energy").run()
    curve = next(text for text in charts(why) if text.startswith("Probability by"))
    assert "Probability by Energy: 38 % at 0.00, 62 % at 1.00" in curve
    why.selectbox(key="what_if").set_value("tempo").run()
    curve = next(text for text in charts(why) if text.startswith("Probability by"))
    assert "Probability by Tempo (BPM): 54 % at 0.0 BPM" in curve


def test_the_slider_of_the_chosen_feature_moves_the_point(why: AppTest) -> None:
    why.selectbox(key="what_if").set_value("energy").run()
    why.slider(key="in_energy").set_value(0.1).run()
    assert "The dot is where it is now: 0.10, 40 %" in words(why)
    assert why.query_params["energy"] == "0.1"


def test_named_values_are_drawn_by_their_names(why: AppTest) -> None:
    why.selectbox(key="what_if").set_value("mode").run()
    curve = next(text for text in charts(why) if text.startswith("Probability by"))
    assert "54 % at minor, 54 % at major" in curve


def test_years_are_drawn_up_to_today(why: AppTest) -> None:
    why.selectbox(key="what_if").set_value("year").run()
    assert "at 2100" not in "".join(charts(why))


def test_what_is_unusual_beside_popular_tracks_is_named(studio: AppTest) -> None:
    studio.query_params["instrumentalness"] = "0.5"
    studio.run()
    why = studio.switch_page("views/why.py").run()
    assert "All within what nine in ten popular pop tracks have." in words(why)
    why.selectbox(key="what_if").set_value("energy").run()
    why.slider(key="in_energy").set_value(0.99).run()
    told = "Outside what nine in ten popular pop tracks have: Energy 0.99 (usual 0.05 to 0.95)."
    assert told in words(why)


def test_references_are_named_and_taken_over(why: AppTest) -> None:
    labels = [button.label for button in why.button]
    assert labels == ["Near – b (60)", "Far – a (90)"]
    why.button[1].click().run()
    assert why.session_state["row"]["energy"] == 0.1
    assert "40 %" in words(why)


def test_a_genre_without_references_says_so(studio: AppTest) -> None:
    studio.query_params["genre"] = "techno"
    studio.run()
    studio.switch_page("views/why.py").run()
    assert "The training saw no popular track of this kind." in words(studio)
