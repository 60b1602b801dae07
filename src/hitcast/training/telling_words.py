"""Which words made a model say what it says, over many rows: the words that tell each class."""

import csv
from collections import defaultdict
from collections.abc import Sequence
from itertools import groupby, islice
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from hitcast.features.label import LABEL
from hitcast.portable.scorer import Scorer
from hitcast.portable.word_effects import word_effects
from hitcast.training.data import to_columns
from hitcast.training.importance import stratified

ROWS, LEAST = 200, 20
"""Rows that are looked at, and how many of each class at least."""
IN_ROWS = 5
"""A word is told if so many of them hold it, so that no row's text shows."""
MOST = 15
"""Words of a class."""
FILE = "words.csv"
FIELDS = ("text", "class", "word", "rows", "effect")


def telling_words(
    scorer: Scorer, rows: pd.DataFrame, classes: Sequence[str], *, seed: int
) -> list[dict[str, Any]]:
    """The words that tell each class, those that do most first.

    About 200 rows are looked at, of each class its share. Each of a row's words is left out, one
    at a time; what the probability loses counts for the class that the row is predicted. Of two
    classes, the probability is that of the positive one: a word that lowers it tells the other.

    Args:
        scorer: The model.
        rows: Test rows with raw inputs and `label`.
        classes: The classes' names, the positive one of two last.
        seed: Seed of the sample.

    Returns:
        Of each text and class up to 15 words that five of the rows have at least: `text` (its
        column), `class`, `word`, `rows` (that have it) and `effect` (mean over these rows, of the
        probability). None for a model that reads no words.
    """
    if not scorer.counters:
        return []
    places, _ = stratified(rows[LABEL].to_numpy(float), ROWS, LEAST, np.random.default_rng(seed))
    sample = rows.iloc[places]
    columns = to_columns(sample, [column.name for column in scorer.card.inputs])
    said = scorer.numbers(scorer.probabilities(columns)).tolist()
    each = [
        dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)
    ]
    effects: dict[tuple[str, int, str], list[float]] = defaultdict(list)
    for row, number in zip(each, said, strict=True):
        for found in word_effects(scorer, row):
            told_of = int(found.effect > 0) if len(classes) == 2 else number
            effect = abs(found.effect) if len(classes) == 2 else found.effect
            effects[found.column, told_of, found.word].append(effect)
    held = {key: (len(of), float(np.mean(of))) for key, of in effects.items() if len(of) >= IN_ROWS}
    order = sorted(held, key=lambda key: (key[0], key[1], -held[key][1], key[2]))
    told = []
    for (text, number), words in groupby(order, key=lambda key: key[:2]):
        for _, _, word in islice(words, MOST):
            rows_held, effect = held[text, number, word]
            if effect > 0:
                of = (text, classes[number], word, rows_held, effect)
                told.append(dict(zip(FIELDS, of, strict=True)))
    return told


def write_words(folder: Path, told: Sequence[dict[str, Any]]) -> None:
    """Write `words.csv` into `folder`; no file where there are none."""
    if told:
        with (folder / FILE).open("w", encoding="utf-8", newline="") as file:
            lines = csv.DictWriter(file, FIELDS, lineterminator="\n")
            lines.writeheader()
            lines.writerows(told)
