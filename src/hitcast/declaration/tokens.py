"""The one rule by which a text becomes words, for Spark and for whoever has no Spark.

A rule holds all that it needs: which character stands for which, which ones are part of a word,
which words are left out. Nothing is asked of a language's own tables, which differ from one version
of Unicode to the next. Standard library alone.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from math import floor, log
from typing import Any

TENTHS = 10
"""Sublinear counts are whole numbers of tenths."""
ACCENTS = range(0x0300, 0x0370)
"""The marks that are written over letters, of no account."""
PLANE = 0x10000
BY_HAND = {"ø": "o", "đ": "d", "ħ": "h", "ı": "i", "ł": "l"}
"""Letters with a stroke, which Unicode takes for others. æ, œ and ß stay: they are two."""
RANGES = (
    "09",
    "az",
    "\u00aa\u1fff",
    "\u2c00\u2dff",
    "\u3005\ud7ff",
    "\uf900\ufdff",
    "\ufe70\uffdc",
)
"""First and last character of ranges that hold the letters of all scripts in use."""


@dataclass(frozen=True)
class TokenRule:
    """How words are found and counted.

    Attributes:
        letters: Characters that stand for others.
        plain: What each stands for, in the same order; those of `letters` beyond it are left out.
        ranges: First and last character of each range of those that words are made of.
        shortest: Characters of the shortest word.
        left_out: Words that are none, in plain letters.
        ngrams: Up to so many words in a row are one, with spaces between.
        counts: `plain`, `sublinear` or `binary`.
    """

    letters: str
    plain: str
    ranges: tuple[str, ...]
    shortest: int
    left_out: tuple[str, ...]
    ngrams: int
    counts: str

    @property
    def pattern(self) -> str:
        """A regular expression of a word, which Java and Python read alike."""
        spans = "".join(f"{span[0]}-{span[1]}" for span in self.ranges)
        return f"[{spans}]{{{self.shortest},}}"

    def words(self, text: str) -> list[str]:
        """The words of a text in their order, then those of several in a row."""
        found = [w for w in self._words.findall(text.translate(self._table)) if w not in self._none]
        runs = (
            zip(*(found[i:] for i in range(n)), strict=False) for n in range(2, self.ngrams + 1)
        )
        return [*found, *(" ".join(run) for several in runs for run in several)]

    def weight(self, count: int) -> int:
        """What a word counts that occurs so often, 1 or more."""
        if self.counts == "sublinear":
            return floor(TENTHS * (1.0 + log(count)) + 0.5)
        return 1 if self.counts == "binary" else count

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> "TokenRule":
        """A rule as `dataclasses.asdict` and JSON have it."""
        lists = {name: tuple(told[name]) for name in ("ranges", "left_out")}
        return cls(**{**told, **lists})

    @cached_property
    def _table(self) -> dict[int, str | None]:
        others = [*self.plain, *[None] * (len(self.letters) - len(self.plain))]
        return dict(zip(map(ord, self.letters), others, strict=True))

    @cached_property
    def _words(self) -> re.Pattern[str]:
        return re.compile(self.pattern)

    @cached_property
    def _none(self) -> frozenset[str]:
        return frozenset(self.left_out)


def rule_of(*, shortest: int, stop_words: Sequence[str], ngrams: int, counts: str) -> TokenRule:
    """The rule for texts of any script, by the Unicode of this Python.

    Args:
        shortest: Characters of the shortest word.
        stop_words: Words that are left out, as people write them.
        ngrams: Up to so many words in a row are one.
        counts: As `TokenRule` has it.
    """
    letters, plain = _alphabet()
    bare = TokenRule(letters, plain, RANGES, 1, (), 1, counts)
    left_out = sorted({word for written in stop_words for word in bare.words(written)})
    return TokenRule(letters, plain, RANGES, shortest, tuple(left_out), ngrams, counts)


@cache
def _alphabet() -> tuple[str, str]:
    """Characters, and what they stand for; those beyond are left out."""
    stands_for: dict[str, str] = {}
    for letter in map(chr, range(PLANE)):
        kind = unicodedata.category(letter)
        if kind[0] in "LMN":
            stands_for[letter] = _plain(letter)
        elif kind[0] in "PSZ" or kind in ("Cc", "Cf"):
            # Few ranges hold all letters, so that an expression of them is quick; what they hold
            # besides stands for a space.
            if any(span[0] <= letter <= span[1] for span in RANGES):
                stands_for[letter] = " "
    found = {c: plain for c, plain in stands_for.items() if c != plain and ord(c) not in ACCENTS}
    return "".join(found) + "".join(map(chr, ACCENTS)), "".join(found.values())


def _plain(letter: str) -> str:
    """A letter without case and accents; as it is where no single one is left."""
    bare = unicodedata.normalize("NFKD", letter.casefold())
    bare = "".join(c for c in bare if ord(c) not in ACCENTS).casefold()
    found = next((c for c in (BY_HAND.get(bare, bare), letter.lower()) if len(c) == 1), letter)
    return found if unicodedata.category(found)[0] in "LMN" else letter
