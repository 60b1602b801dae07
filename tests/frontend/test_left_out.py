"""The studio on inputs that may be left out, and on ranges that are narrow or hold nothing."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from answers import Input, Schema
from components import track
from components.controls import slides
from components.fields import slider_step
from components.words import label_of, shown
from tests.five import loose
from tests.frontend.conftest import studio_on
from tests.frontend.pages import charts, words
from tests.placed import small_app
from tests.servers import free_port, hosted

NUMBER = Input("size", "feature", "number", True, 0.0, 0.005, None, "Size", None)
PAGES = ("studio", "why", "compare")


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An API in this process."""
    app = small_app(tmp_path_factory.mktemp("loose"), loose())
    with hosted(app, "/livez", free_port(), alone=True) as found:
        yield found


@pytest.fixture
def studio(url: str, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """The studio, not run yet."""
    return studio_on(url, monkeypatch)


@pytest.mark.parametrize("view", PAGES)
def test_every_page_bears_what_is_left_out(studio: AppTest, view: str) -> None:
    studio.switch_page(f"views/{view}.py").run()
    assert not studio.exception
    assert not studio.error
    assert [studio.session_state["row"][name] for name in ("length", "season", "grower")] == [
        None, None, None,
    ]  # fmt: skip


def test_an_input_that_may_be_left_out_has_a_field_or_a_list_that_begins_empty(
    studio: AppTest,
) -> None:
    studio.run()
    fields = {field.key: field for field in studio.number_input}
    # One with a range too: a slider can't say that there is no value.
    assert {key: field.value for key, field in fields.items()} == {
        "in_length": None, "in_breadth": None, "in_grains": 2, "in_shine": 2.5,
    }  # fmt: skip
    assert fields["in_breadth"].label == "Breadth (mm) (optional)"
    assert studio.selectbox(key="in_season").value is None
    studio.selectbox(key="in_season").select("winter").run()
    studio.number_input(key="in_breadth").set_value(1.5).run()
    assert not studio.exception
    row = studio.session_state["row"]
    assert (row["season"], row["breadth"], row["length"]) == (1, 1.5, None)
    studio.number_input(key="in_breadth").set_value(None).run()
    assert studio.session_state["row"]["breadth"] is None
    assert "breadth" not in studio.query_params


def test_a_curve_over_what_is_left_out_has_no_dot(studio: AppTest) -> None:
    studio.switch_page("views/why.py").run()
    assert "It is left out now: none" in words(studio)
    assert any(text.startswith("Probability by Length (mm)") for text in charts(studio))
    studio.selectbox(key="what_if").select("season").run()
    assert not studio.exception


def test_a_count_that_is_mostly_nothing_slides_over_its_legal_range(studio: AppTest) -> None:
    studio.run()
    sliders = {slider.key: slider for slider in studio.slider}
    assert set(sliders) == {"in_spots", "in_damage"}
    assert (sliders["in_spots"].min, sliders["in_spots"].max) == (0, 60)
    damage = sliders["in_damage"]
    assert (damage.max, damage.step) == (0.005, 1e-4)
    damage.set_value(0.0012).run()
    assert studio.session_state["row"]["damage"] == 0.0012


def test_a_narrow_range_has_small_steps_and_enough_digits() -> None:
    assert [slider_step(wide) for wide in (80, 10, 1, 0.5)] == [
        (0.1, "%.1f"), (0.01, "%.2f"), (0.01, "%.2f"), (0.01, "%.2f"),
    ]  # fmt: skip
    step, form = slider_step(0.005)
    assert step == pytest.approx(1e-4)
    assert form == "%.5f"
    assert shown(NUMBER, 0.0012) == "0.00120"
    assert shown(replace(NUMBER, maximum=1.0, unit="share"), 0.0012) == "0.00"
    assert slides(NUMBER)
    assert not slides(replace(NUMBER, maximum=0.0))
    assert not slides(replace(NUMBER, required=False))


def test_milliseconds_are_seconds_where_there_are_thousands_of_them() -> None:
    delay = replace(NUMBER, name="delay_ms", type="integer", unit="ms", maximum=900)
    assert (label_of(delay), shown(delay, 250)) == ("Delay (ms)", "250 ms")
    longer = replace(delay, maximum=9000)
    assert (label_of(longer), shown(longer, 2500)) == ("Delay (s)", "2 s")
    usual = {"median": 200.0, "low": 20.0, "high": 400.0}
    assert shown(replace(longer, typical=usual), 250) == "250 ms"


def test_a_row_without_the_value_that_kinds_go_by_is_called_what_any_row_is() -> None:
    schema = Schema("", "seed", "", "", "size", 1, [])
    assert track.kind(schema, {"size": "big"}) == "big seed"
    assert (track.kind(schema, {"size": None}), track.kinds(schema, {"size": None})) == (
        "seed", "seeds",
    )  # fmt: skip
