"""What the words of texts count, as a matrix: numpy alone."""

import unicodedata
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from hitcast.declaration.tokens import TokenRule
from hitcast.portable.card import InputColumn

CELLS = 4_000_000
"""Of a matrix that is made at once: 32 MB."""


class WordCounter:
    """Counts the words that a model knows of one of its texts.

    Attributes:
        places: Those words, each with its column.
    """

    def __init__(self, rule: TokenRule, vocabulary: Sequence[str]) -> None:
        self.places = {word: place for place, word in enumerate(vocabulary)}
        self._rule = rule

    def rows_at_once(self) -> int:
        """How many texts are counted at once, so that their matrix is no burden."""
        return max(1, CELLS // max(len(self.places), 1))

    def counts(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """What each word counts in each text, shape (texts, words)."""
        places, width = self.places, len(self.places)
        cells: list[int] = []
        for row, text in enumerate(texts):
            first = row * width
            cells += [first + places[w] for w in self._words(text) if w in places]
        found, often = np.unique(np.array(cells, dtype=np.int64), return_counts=True)
        weights = np.array([0, *map(self._rule.weight, range(1, int(often.max(initial=0)) + 1))])
        matrix = np.zeros(len(texts) * width)
        matrix[found] = weights[often]
        return matrix.reshape(len(texts), width)

    def counted(self, text: str) -> dict[str, int]:
        """The words of a text that the model knows, in their order, with how often each occurs."""
        found: dict[str, int] = {}
        for word in self._words(text):
            if word in self.places:
                found[word] = found.get(word, 0) + 1
        return found

    def _words(self, text: str) -> list[str]:
        # In the form that ingest brings texts to.
        return self._rule.words(unicodedata.normalize("NFC", text))


def counters_of(columns: Sequence[InputColumn]) -> dict[str, WordCounter]:
    """The counter of each text of words."""
    return {c.name: WordCounter(c.rule, c.vocabulary) for c in columns if c.rule is not None}
