from streamlit.testing.v1 import AppTest


def test_it_shows_a_verdict_at_once(studio: AppTest) -> None:
    studio.run()
    assert not studio.exception
    assert studio.metric[0].value == "Likely popular"
