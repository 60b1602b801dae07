"""Which words of a text made a scorer say what it says: each left out, one at a time."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from hitcast.portable.explain import columns_like, of_one_class
from hitcast.portable.scorer import Scorer

MOST = 400
"""Words of a text that are looked at, those that count most."""


@dataclass(frozen=True)
class WordEffect:
    """What one word of a text adds to the probability.

    Of more classes than two, probabilities are those of the class that the row is predicted.

    Attributes:
        column: The text's column.
        word: In plain letters, as the model knows it; several in a row have spaces between.
        count: How often it occurs.
        effect: The row's probability less that of the row without the word.
    """

    column: str
    word: str
    count: int
    effect: float


def word_effects(scorer: Scorer, row: Mapping[str, Any]) -> list[WordEffect]:
    """The effect of each word that the model knows, largest first by size.

    Args:
        scorer: The model.
        row: All inputs of one row.
    """
    found = [effect for name in scorer.counters for effect in _of_text(scorer, row, name)]
    return sorted(found, key=lambda effect: -abs(effect.effect))


def _of_text(scorer: Scorer, row: Mapping[str, Any], name: str) -> list[WordEffect]:
    counter = scorer.counters[name]
    counted = counter.counted(row.get(name) or "")
    words = sorted(counted, key=lambda word: -counted[word])[:MOST]
    found: list[WordEffect] = []
    # A part at a time: a row of counts is as wide as the vocabulary.
    step = min(each.rows_at_once() for each in scorer.counters.values())
    for part in (words[start : start + step] for start in range(0, len(words), step)):
        columns = columns_like(scorer, row, [row] * (len(part) + 1))
        counts = np.asarray(columns[name])
        counts[np.arange(len(part)) + 1, [counter.places[word] for word in part]] = 0.0
        own, *without = of_one_class(scorer, columns)
        pairs = zip(part, without, strict=True)
        found += [WordEffect(name, word, counted[word], own - left) for word, left in pairs]
    return found
