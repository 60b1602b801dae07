import csv
import io
from dataclasses import replace
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from answers import Input, Schema
from client import Client
from components import takes
from tests.frontend.pages import words

ANSWERS = {"version 1": [{"popular": 1, "probability": 0.75}, {"popular": 0, "probability": 0.25}]}


@pytest.fixture
def compare(studio: AppTest) -> AppTest:
    """The Compare page, opened."""
    return studio.switch_page("views/compare.py").run()


@pytest.fixture
def schema(client: Client) -> Schema:
    return client.schema()


@pytest.fixture
def row(schema: Schema) -> dict[str, Any]:
    return {column.name: column.example for column in schema.inputs}


def keep(page: AppTest, name: str = "", **values: Any) -> AppTest:
    """Keep a take of the present row with some values changed."""
    page.session_state["row"].update(values)
    page.text_input(key="take_name").set_value(name)
    return page.button(key="keep").click().run()


def names(page: AppTest) -> list[str]:
    return list(page.session_state["takes"])


def table(page: AppTest) -> Any:
    return next(found.value for found in page.dataframe if "Take" in found.value)


def test_takes_without_a_name_are_numbered(compare: AppTest) -> None:
    keep(keep(compare))
    assert not compare.exception
    assert names(compare) == ["Take 1", "Take 2"]
    assert compare.text_input(key="take_name").placeholder == "Take 3"


def test_the_first_free_number_is_taken(row: dict[str, Any]) -> None:
    assert takes.next_name({}) == "Take 1"
    assert takes.next_name({"Take 1": row, "take 2": row, "Chorus": row}) == "Take 3"
    assert takes.next_name({"Take 2": row}) == "Take 1"


def test_names_are_trimmed(compare: AppTest) -> None:
    keep(keep(compare, "  Chorus "), "   ")
    assert names(compare) == ["Chorus", "Take 1"]


def test_a_name_that_is_taken_is_refused(compare: AppTest) -> None:
    keep(keep(compare, "Chorus"), "CHORUS ", energy=0.1)
    assert names(compare) == ["Chorus"]
    assert "There is a take called CHORUS already" in words(compare)
    assert compare.session_state["takes"]["Chorus"]["energy"] == 0.68


def test_a_name_that_is_too_long_is_refused(compare: AppTest) -> None:
    keep(compare, "x" * (takes.LONGEST_NAME + 1))
    assert names(compare) == []
    assert "at most 30 characters, this one has 31" in words(compare)


def test_the_field_is_empty_again_after_a_take_is_kept(compare: AppTest) -> None:
    keep(compare, "Chorus")
    assert compare.text_input(key="take_name").value == ""


def test_five_takes_are_the_most(compare: AppTest) -> None:
    for _ in range(5):
        assert not compare.button(key="keep").disabled
        keep(compare)
    assert compare.button(key="keep").disabled
    assert "5 takes are kept, which is the most: remove one" in words(compare)
    compare.button(key="remove_take").click().run()
    assert not compare.button(key="keep").disabled


def test_a_take_stays_as_it_was_when_the_track_changes(compare: AppTest) -> None:
    keep(keep(compare, "Loud", loudness=-3.0), "Quiet", loudness=-20.0)
    assert [float(text.split()[0]) for text in table(compare)["Loudness"]] == [-3, -20]


def test_each_version_says_what_it_thinks_of_each_take(compare: AppTest) -> None:
    keep(keep(compare, "Calm", energy=0.1), "Lively", energy=0.9)
    found = table(compare)
    assert list(found["Take"]) == ["Calm", "Lively"]
    assert list(found["production (version 1)"]) == ["40 %, not popular", "60 %, popular"]
    assert list(found["staging (version 2)"]) == ["34 %, not popular", "54 %, popular"]


def test_what_differs_comes_first(compare: AppTest) -> None:
    keep(keep(compare), tempo=90.0, genre="techno")
    columns = list(table(compare).columns)
    assert columns[3:6] == ["Genre", "Tempo", "Artist name"]
    assert "They differ in: Genre, Tempo." in words(compare)
    assert len(columns) == 3 + len(compare.session_state["row"])


def test_takes_that_do_not_differ_are_told_of(compare: AppTest) -> None:
    keep(keep(compare))
    assert "They are all the same." in words(compare)


def test_all_takes_of_a_version_are_scored_by_one_call(
    compare: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(keep(keep(compare)))
    calls = []
    real = Client.predict_batch

    def counted(self: Client, rows: Any, **which: Any) -> list[dict[str, Any]]:
        calls.append((len(rows), which))
        return real(self, rows, **which)

    monkeypatch.setattr(Client, "predict_batch", counted)
    compare.run()
    assert calls == [(3, {"version": 1}), (3, {"version": 2})]


def test_a_take_can_be_made_the_present_track(compare: AppTest) -> None:
    keep(keep(compare, "Calm", energy=0.1, genre="techno"), "Lively", energy=0.9, genre="pop")
    compare.selectbox(key="take").set_value("Calm").run()
    compare.button(key="load_take").click().run()
    row = compare.session_state["row"]
    assert (row["energy"], row["genre"]) == (0.1, "techno")
    assert compare.metric[0].value == "40 %"
    assert compare.query_params["energy"] == "0.1"
    compare.switch_page("views/studio.py").run()
    assert compare.slider(key="in_energy").value == 0.1
    assert compare.selectbox(key="in_genre").value == "techno"


def test_a_take_that_was_loaded_is_not_changed_by_what_is_done_next(compare: AppTest) -> None:
    keep(compare, "Calm", energy=0.1)
    compare.button(key="load_take").click().run()
    compare.session_state["row"]["energy"] = 0.5
    compare.run()
    assert compare.session_state["takes"]["Calm"]["energy"] == 0.1


def test_a_take_can_be_removed(compare: AppTest) -> None:
    keep(keep(compare), "Chorus")
    compare.selectbox(key="take").set_value("Take 1").run()
    compare.button(key="remove_take").click().run()
    assert names(compare) == ["Chorus"]
    compare.button(key="remove_take").click().run()
    assert not compare.exception
    assert names(compare) == []
    assert not compare.download_button


def test_takes_survive_a_change_of_page_and_it_is_told_that_a_reload_ends_them(
    compare: AppTest,
) -> None:
    keep(compare)
    assert "gone when this page is reloaded" in words(compare)
    compare.switch_page("views/studio.py").run()
    compare.switch_page("views/compare.py").run()
    assert list(table(compare)["Take"]) == ["Take 1"]


def test_a_take_can_be_kept_and_scored_by_one_version_alone(compare: AppTest) -> None:
    compare.multiselect(key="compared").set_value([2]).run()
    keep(compare)
    assert list(table(compare).columns[:2]) == ["Take", "staging (version 2)"]


def test_takes_without_any_version_are_shown_unscored(compare: AppTest) -> None:
    compare.multiselect(key="compared").set_value([]).run()
    keep(compare)
    assert not compare.exception
    assert list(table(compare)["Energy"]) == ["0.68"]


def test_the_takes_can_be_downloaded(compare: AppTest) -> None:
    assert not compare.download_button
    keep(compare)
    assert compare.download_button(key="download_takes").label == "Download all as CSV"


def test_the_csv_holds_all_inputs_and_what_each_version_says(
    schema: Schema, row: dict[str, Any]
) -> None:
    kept = {"Calm": {**row, "energy": 0.1, "artist_name": None}, "Café, live": row}
    written = takes.as_csv(schema, kept, ANSWERS)
    first, second = csv.DictReader(io.StringIO(written.decode("utf-8-sig")))
    assert list(first) == [
        "take", *(c.name for c in schema.inputs), "probability: version 1", "popular: version 1"
    ]  # fmt: skip
    assert (first["take"], second["take"]) == ("Calm", "Café, live")
    assert (first["energy"], first["artist_name"], first["duration_ms"]) == ("0.1", "", "198000")
    assert (second["probability: version 1"], second["popular: version 1"]) == ("0.25", "0")


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_no_text_in_the_csv_is_a_formula(schema: Schema, row: dict[str, Any], text: str) -> None:
    kept = {text: {**row, "artist_name": text}, "plain": row}
    written = takes.as_csv(schema, kept, ANSWERS).decode("utf-8-sig")
    found = next(csv.DictReader(io.StringIO(written, newline="")))
    assert (found["take"], found["artist_name"]) == (f"'{text}", f"'{text}")
    assert found["loudness"] == "-5.4", "a number below 0 is no formula"


def test_a_take_that_can_t_be_scored_says_why(schema: Schema, row: dict[str, Any]) -> None:
    answers = {"version 1": [{"error": "energy: expected at most 1"}]}
    kept = {"Odd": {**row, "energy": 7}}
    assert takes.table(schema, kept, answers)["version 1"][0] == "energy: expected at most 1"
    found = next(csv.DictReader(io.StringIO(takes.as_csv(schema, kept, answers).decode())))
    assert found["probability: version 1"] == ""


def test_takes_of_named_classes_are_told_by_name_and_each_one_s_probability() -> None:
    size = Input("size", "feature", "number", True, None, None, None, "Size", 1.0)
    two = Schema("", "ear", "kind", "", None, 1, [size], ("a", "b"))
    kept = {"Mine": {"size": 1.0}}
    said = {"version 1": [{"kind": "a", "probability": 0.25}]}
    assert takes.table(two, kept, said)["version 1"][0] == "75 %, a"
    several = replace(two, classes=("a", "b", "c"))
    each = {"a": 0.5, "b": 0.375, "c": 0.125}
    answers = {"version 1": [{"kind": "a", "probabilities": each}]}
    assert takes.table(several, kept, answers)["version 1"][0] == "50 %, a"
    (line,) = csv.DictReader(io.StringIO(takes.as_csv(several, kept, answers).decode("utf-8-sig")))
    assert line == {
        "take": "Mine", "size": "1.0", "probability_a: version 1": "0.5",
        "probability_b: version 1": "0.375", "probability_c: version 1": "0.125",
        "kind: version 1": "a",
    }  # fmt: skip
