"""The studio on texts that are read word by word: alone, and beside numbers."""

from collections.abc import Iterator

import pytest
from streamlit.testing.v1 import AppTest

from answers import Input, Schema
from client import Client
from components import track
from components.upload.lines import lines_of
from components.upload.scoring import Batch, score
from components.upload.table import read
from components.words import shortened, shown
from hitcast.declaration.loading import load_use_case
from tests.conftest import ROOT
from tests.five import ROW, noted
from tests.frontend.batch_page import asked, tables, taken_away, upload
from tests.frontend.conftest import apis_of, studio_on
from tests.frontend.pages import charts, words
from tests.vocabularies import SONG

LONGEST = 100_000
SCRIPT = f"<script>alert(1)</script> *{SONG}* $x$"
LYRICS = Input(
    "lyrics", "feature", "text", True, None, None, None, "Words", None, words=True, longest=LONGEST
)


@pytest.fixture(scope="module")
def urls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """An API for each use case, in this process."""
    with apis_of(
        (load_use_case("lyrics", folder=ROOT / "conf"), noted()), tmp_path_factory
    ) as found:
        yield found


@pytest.fixture
def lyrics(urls: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """The studio on one text and four classes, without numbers; not run yet."""
    return studio_on(urls["lyrics"], monkeypatch)


@pytest.fixture
def notes(urls: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """The studio on a text beside numbers, not run yet."""
    return studio_on(urls["noted"], monkeypatch)


def opened(page: AppTest, view: str) -> AppTest:
    page.switch_page(f"views/{view}.py").run()
    assert not page.exception
    assert not page.error
    return page


def subheaders(page: AppTest) -> list[str]:
    return [str(part.value) for part in page.subheader]


def html(page: AppTest) -> str:
    return "".join(element.proto.body for element in page.get("html"))


def sing(page: AppTest, text: str = SONG) -> AppTest:
    page.run()
    page.text_area(key="in_lyrics").set_value(text).run()
    assert not page.exception
    return page


def test_a_text_has_an_area_and_there_is_no_answer_without_it(lyrics: AppTest) -> None:
    opened(lyrics, "studio")
    (area,) = lyrics.text_area
    assert (area.label, area.help, area.max_chars, area.value) == (
        "Lyrics", "The words that are sung", LONGEST, "",
    )  # fmt: skip
    assert [field.key for field in lyrics.text_input] == ["in_artist"]
    assert "The model answers as soon as it has **Lyrics**." in words(lyrics)
    assert not lyrics.metric
    assert "keep" not in [button.key for button in lyrics.button]
    area.set_value(" \n").run()
    assert lyrics.session_state["row"]["lyrics"] is None
    assert not lyrics.error


def test_the_answer_follows_the_text_and_names_the_words_that_count_most(lyrics: AppTest) -> None:
    sing(lyrics)
    assert str(lyrics.metric[0].value) == "BOSSA NOVA"
    (bars,) = charts(lyrics)
    assert bars.startswith("Probabilities: BOSSA NOVA 65 %, FUNK 12 %, GOSPEL 12 %, SERTANEJO 12 %")
    told = words(lyrics)
    assert "The words that count most (being BOSSA NOVA):" in told
    assert told.index("- mar: **+") < told.index("- barquinho: **+")
    assert "What sets it apart" not in told
    # There is nothing typical of texts.
    assert [b.label for b in lyrics.button if "ypical" in b.label] == []
    next(button for button in lyrics.button if button.label == "Start over").click().run()
    assert lyrics.text_area[0].value == ""


def test_a_text_stands_in_no_address(lyrics: AppTest) -> None:
    lyrics.query_params["lyrics"] = "mar"
    lyrics.run()
    assert lyrics.session_state["row"]["lyrics"] is None
    sing(lyrics)
    assert not lyrics.query_params


def test_beside_numbers_a_text_stands_in_no_address_even_if_it_is_not_private(
    notes: AppTest,
) -> None:
    notes.run()
    notes.text_area(key="in_notes").set_value(SONG).run()
    assert notes.query_params["length"] == "2.5"
    assert "notes" not in notes.query_params
    schema = Schema("", "", "kind", "", None, 1, [LYRICS])
    assert track.read_address(schema, {"lyrics": "mar"}) == ({}, [])


def test_the_words_that_decided_are_marked_and_drawn(lyrics: AppTest) -> None:
    opened(sing(lyrics), "why")
    assert subheaders(lyrics) == ["In its words", "Words that decided"]
    (bars,) = charts(lyrics)
    assert bars.startswith(
        "Against the text without the word: mar +40 points, barquinho +24 points, "
    )
    shown_text = html(lyrics)
    assert ">MAR</mark>" in shown_text
    assert ">mar</mark>" in shown_text
    assert ">noite\nfria</mark>" in shown_text
    assert ">coração</mark>" in shown_text
    assert 'title="coracao: −' in shown_text
    assert "raises the probability of being BOSSA NOVA" in shown_text
    assert not lyrics.selectbox


def test_a_text_that_holds_html_and_markdown_is_shown_as_it_stands(lyrics: AppTest) -> None:
    opened(sing(lyrics, SCRIPT), "why")
    shown_text = html(lyrics)
    assert "<script" not in shown_text
    assert "&lt;script&gt;alert(1)&lt;/script&gt; *O <mark" in shown_text
    opened(lyrics, "compare")
    assert "<script" not in words(lyrics) + html(lyrics)
    opened(lyrics, "studio")
    assert lyrics.text_area[0].value == SCRIPT


def test_a_text_of_unknown_words_is_told_so(lyrics: AppTest) -> None:
    opened(sing(lyrics, "nada"), "why")
    assert "The model knows none of its words." in words(lyrics)
    assert charts(lyrics) == []
    assert "nada</div>" in html(lyrics)


@pytest.mark.parametrize("view", ["studio", "why", "compare", "batch", "models"])
def test_every_page_bears_a_use_case_without_numbers(lyrics: AppTest, view: str) -> None:
    opened(lyrics, view)
    opened(sing(opened(lyrics, "studio")), view)
    told = words(lyrics)
    assert not [text for text in charts(lyrics) if "Beside" in text or text == ""]
    assert "Apart from the typical" not in told
    assert not lyrics.slider
    assert not lyrics.number_input


def test_takes_and_versions_are_compared_without_the_whole_text(lyrics: AppTest) -> None:
    long = f"{SONG}\n{'la ' * 400}fim secreto"
    sing(lyrics, long)
    lyrics.button(key="keep").click().run()
    opened(lyrics, "compare")
    assert "Both agree: BOSSA NOVA" in words(lyrics)
    cells = " ".join(str(table.value) for table in lyrics.dataframe)
    texts = " ".join(str(text.value) for text in lyrics.text)
    assert f"({len(long):,} characters)" in texts
    assert "secreto" not in cells + texts
    (take,) = lyrics.dataframe[-1].value.to_dict("records")
    assert take["Lyrics"].startswith("O barquinho vai no MAR, louvor ao mar; noite fria,")
    assert take["Lyrics"].endswith(f" … ({len(long):,} characters)")
    # A take is kept whole.
    assert lyrics.session_state["takes"]["Take 1"]["lyrics"] == long
    lyrics.session_state["row"]["lyrics"] = None
    lyrics.run()
    assert "The model answers as soon as it has **Lyrics**." in words(lyrics)
    assert (
        lyrics.dataframe[-1]
        .value.to_dict("records")[0]["production (version 1)"]
        .endswith("BOSSA NOVA")
    )


def test_a_batch_takes_texts_with_lines_and_shows_their_beginning(lyrics: AppTest) -> None:
    opened(lyrics, "batch")
    told = lyrics.dataframe[0].value.set_index("Column")["Values"]
    assert told["lyrics"] == "text of up to 100,000 characters"
    long = f"{SONG} {'la ' * 100}"
    content = f'lyrics,number\n"{SONG}",1\n"{long}",2\n,3\n"{"x" * (LONGEST + 1)}",4\n'
    upload(lyrics, content.encode(), "songs.csv")
    told_of = {metric.label: metric.value for metric in lyrics.metric}
    assert (told_of["Songs scored"], told_of["BOSSA NOVA"]) == ("2", "2 (100 %)")
    scored, refused = tables(lyrics)
    assert sorted(scored["lyrics"], key=len)[1].endswith(f" … ({len(long):,} characters)")
    assert list(refused["line"]) == [8, 9]
    assert "at most 100000 characters" in refused["reason"].iloc[1]
    assert "xxx" not in refused["reason"].iloc[1]
    assert "fria, meu coração!" in "\n".join(taken_away(lyrics))


def test_more_text_than_a_call_takes_is_not_sent_at_once(
    urls: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    client, calls = Client(urls["lyrics"]), asked(monkeypatch)
    schema = client.schema()
    assert schema.batch_bytes == 8 * 2**20
    text = "mar " * 20_000
    table = read("songs.csv", "\n".join(["lyrics", *[text] * 200]).encode(), schema)
    batch = Batch.of(table, client.model())
    score(batch, schema, client, lambda _: None)
    assert calls == [100, 100]
    assert batch.answers == ["BOSSA NOVA"] * 200


def test_numbers_and_texts_stand_beside_each_other(notes: AppTest) -> None:
    opened(notes, "studio")
    notes.text_area(key="in_notes").set_value("Viola, <b>baile</b>").run()
    assert "The words that count most" in words(notes)
    opened(notes, "why")
    names = subheaders(notes)
    assert names[:2] == ["In its words", "Words that decided"]
    assert {"What if", "What sets it apart"} <= set(names)
    assert any(name.startswith("Beside ears of wheat of class") for name in names)
    drawn = charts(notes)
    assert any(text.startswith("Against the text without the word: ") for text in drawn)
    assert any(text.startswith("Probability by Length (mm)") for text in drawn)
    assert "&lt;b&gt;<mark" in html(notes)
    assert set(ROW) < set(notes.session_state["row"])


def test_a_text_is_shortened_where_there_is_no_room() -> None:
    assert shortened("a\n b") == "a b"
    assert shortened("x" * 60) == "x" * 60
    assert shortened("x" * 61) == f"{'x' * 60} … (61 characters)"
    assert shown(LYRICS, "y" * 1234).endswith("(1,234 characters)")
    assert shown(LYRICS, None) == "none"


def test_a_cell_that_is_too_long_is_not_told_as_an_open_quote() -> None:
    (line,) = lines_of("x" * 200_000)
    assert line.problem == "a cell has more than 131,072 characters, or a quote is left open"
    (line,) = lines_of("x" * 200_000, 200_000)
    assert line.problem is None
