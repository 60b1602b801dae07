"""Texts of invented words, drawn from figures: no word of a real text is in them.

Words are numbered by how common they are, as a power of their number; each class likes some more
than others. A word's letters follow from its number.
"""

import numpy as np
import numpy.typing as npt

from hitcast.declaration.section import Section

Array = npt.NDArray[np.float64]
CONSONANTS, VOWELS = "bdfglmnprstvz", "aeiou"
SYLLABLES = [a + b for a in CONSONANTS for b in VOWELS]
LIKING = 20_261
"""Seed of what classes like."""


class WordStatistics(Section):
    """What is known of a column of texts.

    Attributes:
        lengths: How many words a text has: quantiles at the file's levels, by class.
        different: How many different words there are.
        exponent: A word's share falls with its number to this power.
        apart: How far classes differ: deviation of the logarithm of a word's share among them.
    """

    lengths: dict[str, tuple[float, ...]]
    different: int
    exponent: float
    apart: float


def word_of(number: int) -> str:
    """The word of a number from 0 on: of two syllables, the rarer ones of more."""
    syllables: list[str] = []
    left = number
    while len(syllables) < 2 or left:
        left, place = divmod(left, len(SYLLABLES))
        syllables.append(SYLLABLES[place])
    return "".join(syllables)


def draw_texts(
    statistics: WordStatistics,
    levels: Array,
    classes: npt.NDArray[np.int64],
    names: list[str],
    seed: int,
) -> list[str]:
    """A text for each row.

    Args:
        statistics: What is known of the column.
        levels: Of the quantiles.
        classes: The class of each row, by its place in `names`.
        names: The classes.
        seed: Each row draws for itself, so that of more rows the first ones are the same.
    """
    words = np.array([word_of(number) for number in range(statistics.different)])
    common = (np.arange(statistics.different) + 3.0) ** -statistics.exponent
    liked = np.random.Generator(np.random.PCG64(LIKING)).normal(size=(len(names), len(words)))
    shares = common * np.exp(statistics.apart * liked)
    ends = np.cumsum(shares / shares.sum(axis=1, keepdims=True), axis=1)
    texts = []
    for row, place in enumerate(classes):
        chance = np.random.Generator(np.random.PCG64([seed, row]))
        length = np.interp(chance.random(), levels, statistics.lengths[names[place]])
        drawn = chance.random(max(1, round(float(length))))
        chosen = np.minimum(np.searchsorted(ends[place], drawn), len(words) - 1)
        texts.append(" ".join(words[chosen]))
    return texts
