"""Words in plain letters found in texts as they were typed."""

import unicodedata
from typing import Any

import pytest

from components.charts.passage import as_html, legend
from components.matching import Piece, folded, pieces, tokens
from hitcast.declaration.tokens import rule_of


def effect(word: str, size: float = 0.1) -> dict[str, Any]:
    return {"column": "lyrics", "word": word, "count": 1, "effect": size}


def marked(text: str, *effects: dict[str, Any]) -> list[str]:
    found = pieces(text, effects)
    assert "".join(piece.text for piece in found) == text
    return [piece.text for piece in found if piece.effect]


@pytest.mark.parametrize(
    ("text", "word", "found"),
    [
        ("CORAÇÃO, coracao; Coração!", "coracao", ["CORAÇÃO", "coracao", "Coração"]),
        # Accents that are characters of their own.
        ("corac\u0327a\u0303o meu", "coracao", ["corac\u0327a\u0303o"]),
        ("mar amar mares marmar o mar", "mar", ["mar", "mar"]),
        ("noite\n\tfria, noite; fria noitefria", "noite fria", ["noite\n\tfria", "noite; fria"]),
        ("Straße łódź Øl İstanbul", "straße", ["Straße"]),
        ("Straße łódź Øl İstanbul", "lodz", ["łódź"]),
        ("don't d'água", "agua", ["água"]),
        ("🎵mar🎵 \u0301mar", "mar", ["mar", "mar"]),
        ("Любовь любовь", "любовь", ["Любовь", "любовь"]),
        ("", "mar", []),
        ("mar", "", []),
    ],
)
def test_whole_words_are_found_whatever_their_case_and_accents(
    text: str, word: str, found: list[str]
) -> None:
    assert marked(text, effect(word)) == found


def test_of_words_that_share_a_place_the_larger_effect_is_marked() -> None:
    run, word = effect("noite fria", -0.3), effect("noite", 0.2)
    assert marked("noite fria e noite", run, word) == ["noite fria", "noite"]
    assert marked("noite fria e noite", effect("noite fria", 0.1), word) == ["noite", "noite"]
    # Of one that overlaps itself, the first.
    assert marked("ai ai ai", effect("ai ai")) == ["ai ai"]


def test_letters_are_folded_as_the_model_folds_them() -> None:
    rule = rule_of(shortest=1, stop_words=(), ngrams=1, counts="plain")
    blocks = (
        (0x30, 0x0600),
        (0x0900, 0x0980),
        (0x1E00, 0x2000),
        (0x3040, 0x3100),
        (0xAC00, 0xAC80),
    )
    letters = [chr(code) for first, last in blocks for code in range(first, last)]
    known = [c for c in letters if unicodedata.category(c) != "Cn"]
    assert len(known) > 2000
    wrong = [c for c in known if rule.words(f"a{c}b {c}") != [t.word for t in tokens(f"a{c}b {c}")]]
    assert wrong == []
    assert (folded("ﬁ"), folded("_"), folded("𝒜")) == ("ﬁ", " ", " ")


def test_a_text_of_the_longest_length_is_matched_at_once() -> None:
    text = "mar amor " * 11_111
    found = pieces(text, [effect("mar"), effect("amor mar", -0.05)])
    assert sum(piece.effect is not None for piece in found) == 11_111


def test_a_text_is_shown_as_it_stands_and_is_no_html() -> None:
    text = "<script>alert(\"mar\")</script> & <b onclick='x'>mar</b>\n</div>"
    found = as_html(pieces(text, [effect("mar", 0.2)]), 'A "name"')
    assert "<script" not in found
    assert "<b " not in found
    assert found.count("</div>") == 1
    assert "&lt;script&gt;alert(&quot;<mark " in found
    assert 'aria-label="A &quot;name&quot;, with' in found
    # What an answer holds is no HTML either.
    evil = effect("mar", 0.2) | {"word": '"><img src=x>'}
    assert "<img" not in as_html([Piece("mar", evil)], "")
    assert "<img" not in legend([evil], "<img src=x>")


def test_marks_differ_by_line_as_well_as_by_colour_and_the_legend_says_so() -> None:
    effects = [effect("mar", 0.4), effect("baile", -0.1)]
    found = as_html(pieces("mar baile", effects), "Lyrics")
    assert 'title="mar: +40 points"' in found
    assert 'title="baile: −10 points"' in found
    assert found.count("2px solid") == found.count("2px dotted") == 1
    told = legend(effects, "BOSSA NOVA")
    assert "underlined</mark> raises the probability of being BOSSA NOVA; " in told
    assert "dotted</mark> lowers it." in told
    assert "dotted</mark> lowers the probability of being X" in legend(effects[1:], "X")
    assert legend([], "X") == ""
