"""Figures of the words of real texts: how many, how common, how far classes differ."""

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any

import numpy as np
import pandas as pd

from hitcast.declaration.tokens import rule_of
from hitcast.declaration.vocabulary import Vocabulary

OFTEN = 50
"""Times that a word occurs whose shares by class are compared."""
ALONE = 0.4
"""Words of a real text go together. Drawn one by one they would tell more, so they differ less."""


def word_figures(
    declared: Vocabulary, groups: Mapping[str, pd.Series], levels: Sequence[float]
) -> dict[str, Any]:
    """What `generators.inventing` draws texts from; none of the words.

    Args:
        declared: How words are found.
        groups: Texts by class.
        levels: Of the quantiles of their lengths.
    """
    rule = rule_of(shortest=declared.shortest, stop_words=(), ngrams=1, counts="plain")
    found = {name: [rule.words(text) for text in group.dropna()] for name, group in groups.items()}
    counts = pd.DataFrame(
        {name: pd.Series(list(chain.from_iterable(texts))).value_counts() for name, texts in
         found.items()}
    ).fillna(0.0)  # fmt: skip
    total = counts.sum(axis=1).sort_values(ascending=False)
    places = np.arange(len(total)) + 3.0
    head = slice(0, max(2, len(total) // 4))
    slope = np.polyfit(np.log(places[head]), np.log(total.to_numpy()[head]), 1)[0]
    often = counts[total.reindex(counts.index) >= OFTEN]
    spread = np.log((often + 0.5) / often.sum()).std(axis=1)
    return {
        "lengths": {
            name: [float(round(v)) for v in np.quantile([len(t) for t in texts], levels)]
            for name, texts in found.items()
        },
        "different": int(round(len(total), -2)),
        "exponent": round(float(-slope), 2),
        "apart": round(float(spread.median()) * ALONE, 2),
    }
