"""Where the words that a model knows stand in a text as it was typed.

A model's words are in plain letters: no case, no accents, several in a row with spaces between. A
text is folded letter by letter, so that each place in it stays known.
"""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

ACCENTS = range(0x0300, 0x0370)
"""The marks that are written over letters, of no account."""
PLANE = 0x10000
"""Characters from here on are no part of a word."""
BY_HAND = {"ø": "o", "đ": "d", "ħ": "h", "ı": "i", "ł": "l"}
"""Letters with a stroke, which Unicode takes for letters of their own; as the model has them."""

Effect = Mapping[str, Any]
"""What a word does, as `/explain` tells it: `column`, `word`, `count`, `effect`."""


@dataclass(frozen=True)
class Token:
    """A word of a text: in plain letters, and its first place and the one after its last."""

    word: str
    start: int
    end: int


@dataclass(frozen=True)
class Piece:
    """A piece of a text as it was typed; `effect` is that of the word it is, if it is one."""

    text: str
    effect: Effect | None = None


@cache
def folded(letter: str) -> str:
    """A letter without case and accents; a space for what is part of no word."""
    if ord(letter) in ACCENTS:
        return ""
    if ord(letter) >= PLANE or unicodedata.category(letter)[0] not in "LMN":
        return " "
    bare = unicodedata.normalize("NFKD", letter.casefold())
    bare = "".join(c for c in bare if ord(c) not in ACCENTS).casefold()
    found = next((c for c in (BY_HAND.get(bare, bare), letter.lower()) if len(c) == 1), letter)
    return found if unicodedata.category(found)[0] in "LMN" else letter


def tokens(text: str) -> list[Token]:
    """The words of a text in their order."""
    found: list[Token] = []
    word, start = "", 0
    # With a space after it, the last word ends as any other does.
    for place, letter in enumerate(f"{text} "):
        plain = folded(letter)
        if plain != " ":
            # A mark without a letter before it begins no word.
            start = start if word else place
            word += plain
        elif word:
            found.append(Token(word, start, place))
            word = ""
    return found


def pieces(text: str, effects: Sequence[Effect]) -> list[Piece]:
    """A text in pieces, which put together are the text: words with an effect, and all between.

    Whole words alone; several in a row also across punctuation and lines. Where words share a place
    it is that of the larger effect.

    Args:
        text: As it was typed.
        effects: Those of words of this text.
    """
    held = tokens(text)
    places: dict[str, list[int]] = {}
    for place, token in enumerate(held):
        places.setdefault(token.word, []).append(place)
    taken: set[int] = set()
    marks: list[tuple[int, int, Effect]] = []
    for effect in sorted(effects, key=lambda effect: -abs(effect["effect"])):
        row = effect["word"].split(" ")
        for first in places.get(row[0], ()):
            last = first + len(row)
            whole = [token.word for token in held[first:last]] == row
            if whole and taken.isdisjoint(range(first, last)):
                taken.update(range(first, last))
                marks.append((held[first].start, held[last - 1].end, effect))
    found, done = [], 0
    for start, end, effect in sorted(marks, key=lambda mark: mark[0]):
        found += [Piece(text[done:start]), Piece(text[start:end], effect)]
        done = end
    found.append(Piece(text[done:]))
    return [piece for piece in found if piece.text]
