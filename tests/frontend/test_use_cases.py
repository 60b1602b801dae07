"""The studio on use cases that differ in their classes, inputs and words."""

from collections.abc import Iterator

import pytest
from streamlit.testing.v1 import AppTest

from hitcast.declaration.loading import load_use_case
from hitcast.declaration.use_case import UseCase
from tests.conftest import ROOT
from tests.five import ROW, five
from tests.frontend.batch_page import upload
from tests.frontend.conftest import apis_of, studio_on
from tests.frontend.pages import charts, words

PAGES = ("studio", "why", "compare", "batch", "models")
OF_ONE_USE_CASE = ("track", "music", " hit", "genre", "artist", "popular")


@pytest.fixture(scope="module")
def urls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """An API for each use case, in this process."""
    with apis_of((declared("fraud"), declared("pistachio"), five()), tmp_path_factory) as found:
        yield found


def declared(name: str) -> UseCase:
    return load_use_case(name, folder=ROOT / "conf")


@pytest.fixture
def seeds(urls: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """The studio on five classes, not run yet."""
    return studio_on(urls["seeds"], monkeypatch)


@pytest.fixture
def pistachio(urls: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """The studio on two named classes, not run yet."""
    return studio_on(urls["pistachio"], monkeypatch)


@pytest.fixture
def fraud(urls: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """The studio on 29 numbers without bounds, not run yet."""
    return studio_on(urls["fraud"], monkeypatch)


@pytest.mark.parametrize("name", ["fraud", "pistachio", "seeds"])
def test_every_page_speaks_in_the_use_case_s_words(
    urls: dict[str, str], name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = studio_on(urls[name], monkeypatch)
    for view in PAGES:
        page.switch_page(f"views/{view}.py").run()
        assert not page.exception, view
        assert not page.error, view
        labels = [widget.label for widget in (*page.button, *page.number_input, *page.selectbox)]
        told = " ".join([words(page), *charts(page), *labels]).lower()
        assert not [word for word in OF_ONE_USE_CASE if word in told], view


def test_a_number_without_bounds_gets_a_field_that_begins_where_rows_lie(fraud: AppTest) -> None:
    fraud.run()
    fields = {field.key: field for field in fraud.number_input}
    assert set(fields) == {f"in_{column.name}" for column in declared("fraud").inputs}
    first, amount = fields["in_V1"], fields["in_Amount"]
    assert (first.value, first.step, first.min, first.max) == (2.5, 0.1, None, None)
    assert (amount.label, amount.min) == ("Amount (EUR)", 0.0)
    assert "Nine in ten 0.50 to 4.50." in first.help
    first.set_value(-3.0).run()
    assert str(fraud.metric[0].value) == "Not likely fraudulent"
    assert fraud.query_params["V1"] == "-3.0"
    first.set_value(1e9).run()
    assert str(fraud.metric[0].value) == "Likely fraudulent"


def test_what_a_field_can_t_show_exactly_stays_until_it_is_changed(fraud: AppTest) -> None:
    fraud.query_params["V1"] = "0.123456789"
    fraud.run()
    assert fraud.session_state["row"]["V1"] == 0.123456789
    fraud.query_params["V1"] = "inf"
    fraud.run()
    assert "V1=inf: expected a finite number" in fraud.warning[0].value


def test_of_two_named_classes_the_verdict_is_the_name(pistachio: AppTest) -> None:
    pistachio.run()
    assert str(pistachio.metric[0].value) == "Siit_Pistachio"
    assert "probability of being Siit" in words(pistachio)
    assert charts(pistachio)[0].startswith("Of being Siit: Probability 88 %, threshold 50 %")
    pistachio.number_input(key="in_AREA").set_value(0).run()
    pistachio.switch_page("views/compare.py").run()
    assert "Both agree: Siit" in words(pistachio)
    pistachio.switch_page("views/models.py").run()
    told = {metric.label: metric.proto.delta_description for metric in pistachio.metric}
    assert told["Threshold"] == "from which on it says Siit_Pistachio"


def test_of_five_classes_each_has_a_bar_and_the_answer_is_told(seeds: AppTest) -> None:
    seeds.query_params.update({name: str(ROW[name]) for name in ("length", "breadth", "grains")})
    seeds.query_params["shine"] = "0.0"
    seeds.run()
    assert str(seeds.metric[0].value) == "Einkorn"
    (bars,) = charts(seeds)
    assert bars.startswith("Probabilities: Emmer 10 %, Spelt 6.2 %, Einkorn 76 %")
    assert bars.endswith("the answer is Einkorn")
    # A fifth of the training's rows are of its class.
    assert "about 4 times as likely as a typical ear of wheat" in words(seeds)
    assert "(being Einkorn)" in words(seeds)


def test_five_classes_are_explained_and_compared(seeds: AppTest) -> None:
    seeds.switch_page("views/why.py").run()
    assert [str(part.value) for part in seeds.subheader][0] == "What sets it apart"
    assert "Points of the probability of being" in words(seeds)
    assert any(text.startswith("Probability by Length (mm)") for text in charts(seeds))
    assert "threshold" not in "".join(charts(seeds))
    assert "ears of wheat of class" in words(seeds)
    seeds.switch_page("views/compare.py").run()
    assert "Both agree: " in words(seeds)
    seeds.button(key="keep").click().run()
    assert not seeds.exception
    assert list(seeds.dataframe[-1].value["production (version 1)"])[0].endswith("Emmer")
    seeds.switch_page("views/models.py").run()
    assert {metric.label: metric.value for metric in seeds.metric}["Classes"] == "5"
    table = seeds.dataframe[0].value
    assert (list(table["Accuracy"]), list(table["F1"])) == ([0.75] * 2, [0.5] * 2)
    # By guessing, the largest class.
    assert charts(seeds)[0].endswith("production (version 1) 0.750; chance 0.333")
    seeds.switch_page("views/studio.py").run()
    assert "Of 100 ears of wheat kept from its training, it names the right kind for 75." in (
        words(seeds)
    )


def test_a_batch_of_five_classes_is_counted_by_class(seeds: AppTest) -> None:
    seeds.switch_page("views/batch.py").run()
    header = ",".join(ROW)
    lines = [",".join(map(str, {**ROW, **more}.values())) for more in ({}, {"length": 9.0})]
    upload(seeds, "\n".join([header, *lines, "x"]).encode(), "ears.csv")
    told = {metric.label: metric.value for metric in seeds.metric}
    assert told["Ears of wheat scored"] == "2"
    assert (told["Einkorn"], told["Emmer"]) == ("1 (50 %)", "1 (50 %)")
    assert "names the most likely of 5 classes" in words(seeds)
    assert charts(seeds)[0].startswith("How many of 2 ears of wheat are of which class: Emmer 1")


def test_a_category_is_chosen_by_its_name(seeds: AppTest) -> None:
    seeds.run()
    season = seeds.selectbox(key="in_season")
    assert season.options == ["autumn", "winter", "spring"]
    season.select("spring").run()
    assert seeds.session_state["row"]["season"] == 2


def test_what_is_private_stands_in_no_address(seeds: AppTest) -> None:
    seeds.query_params["grower"] = "Hof Zwei"
    seeds.run()
    # Nobody is told whose the training's are.
    assert seeds.session_state["row"]["grower"] == "grower"
    seeds.text_input(key="in_grower").set_value("Hof Zwei").run()
    seeds.number_input(key="in_length").set_value(4.0).run()
    assert seeds.session_state["row"]["grower"] == "Hof Zwei"
    assert seeds.query_params["length"] == "4.0"
    assert "grower" not in seeds.query_params
