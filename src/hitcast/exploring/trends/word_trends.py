"""How the words of a text change from version to version, class by class.

Which words rise is told by log-odds with an informative prior (Monroe, Colaresi and Quinn, 2008,
"Fightin' Words", Political Analysis 16): rare words need more than a chance appearance.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from hitcast.declaration.tokens import TokenRule, rule_of
from hitcast.declaration.use_case import UseCase
from hitcast.exploring.classes import Kind, kinds_of
from hitcast.exploring.words import count, listed
from hitcast.features.label import LABEL, with_label
from hitcast.features.words import tokens_sql
from hitcast.tables.delta import Table

PRIOR = 500.0
"""Words that the prior counts as, shared out as all words are."""
SURE = 1.96
WORD, LENGTH, CLASS = "word", "length", "class"


def tell_words(gold: Table, use_case: UseCase, versions: Sequence[int]) -> pd.DataFrame:
    """Length and vocabulary of texts at each version.

    Args:
        gold: The feature table.
        use_case: Names texts, label and classes.
        versions: Version numbers, oldest first.

    Returns:
        One row a version, text and class: `version`, `text`, `class`, `rows`, `length` (the median
        number of words), `vocabulary` (different words). Empty where no text is read word by word.
    """
    told = [
        {"version": version, "text": text, **line}
        for version in versions
        for text in sorted(use_case.texts)
        for line in _figures(_words(gold, use_case, text, version), kinds_of(use_case))
    ]
    return pd.DataFrame(told, columns=["version", "text", CLASS, "rows", LENGTH, "vocabulary"])


def rising_words(
    gold: Table, use_case: UseCase, versions: Sequence[int], most: int = 8
) -> pd.DataFrame:
    """The words that rose most from the first version to the last, beyond chance.

    Args:
        gold: The feature table.
        use_case: Names texts, label and classes.
        versions: Version numbers, oldest first.
        most: Words a text and class.

    Returns:
        `text`, `class`, `word`, `before` and `after` (share of the class's words), `z` (log-odds
        over their standard error), most risen first.
    """
    found = []
    for text in sorted(use_case.texts):
        first, last = (
            _counted(_words(gold, use_case, text, v)) for v in (versions[0], versions[-1])
        )
        for kind in kinds_of(use_case):
            of_class = (part.get(kind.number, pd.Series(dtype=float)) for part in (first, last))
            risen = _risen(*of_class).head(most)
            found += risen.assign(text=text, **{CLASS: kind.name}).to_dict("records")
    return pd.DataFrame(found, columns=["text", CLASS, WORD, "before", "after", "z"])


def words_in_words(told: pd.DataFrame, rising: pd.DataFrame, noun: str) -> list[str]:
    """What became of the texts' words, in sentences."""
    sentences = []
    for (text, name), lines in told.groupby(["text", CLASS], sort=False):
        first, last = lines.iloc[0], lines.iloc[-1]
        sentence = (
            f"{name}: {count(first['rows'])} {noun} with {count(first['vocabulary'])} different "
            f"words in {text} became {count(last['rows'])} with {count(last['vocabulary'])}; half "
            f"have {count(last[LENGTH])} words or more (before {count(first[LENGTH])})."
        )
        words = rising[(rising["text"] == text) & (rising[CLASS] == name)][WORD].tolist()
        rose = f" Rising: {listed(words)}." if words else " No word rises beyond chance."
        sentences.append(sentence + (rose if len(lines) > 1 else ""))
    return sentences


def _rule(use_case: UseCase, text: str) -> TokenRule:
    """Words as the model finds them, each as often as it occurs; stop words are told as well."""
    declared = use_case.column(text).vocabulary
    shortest = declared.shortest if declared is not None else 1
    return rule_of(shortest=shortest, stop_words=(), ngrams=1, counts="plain")


def _words(gold: Table, use_case: UseCase, text: str, version: int) -> DataFrame:
    """The words of each row of a version, with its label."""
    found = tokens_sql(f"`{text}`", _rule(use_case, text))
    rows = gold.read(version).transform(with_label(use_case.label)).where(F.col(LABEL).isNotNull())
    return rows.select(LABEL, F.expr(found).alias("words"))


def _figures(words: DataFrame, kinds: Sequence[Kind]) -> list[dict[str, object]]:
    lengths = words.groupBy(LABEL).agg(
        F.count("*").alias("rows"), F.percentile_approx(F.size("words"), 0.5).alias(LENGTH)
    )
    different = words.select(LABEL, F.explode("words").alias(WORD)).groupBy(LABEL)
    vocabularies = different.agg(F.countDistinct(WORD).alias("vocabulary"))
    found = lengths.join(vocabularies, LABEL, how="left").fillna(0).collect()
    by_label = {row[LABEL]: row.asDict() for row in found}
    empty = {"rows": 0, LENGTH: 0, "vocabulary": 0}
    return [{CLASS: k.name, **{n: by_label.get(k.number, empty)[n] for n in empty}} for k in kinds]


def _counted(words: DataFrame) -> dict[float, pd.Series]:
    """How often each word occurs, by label."""
    exploded = words.select(LABEL, F.explode("words").alias(WORD))
    counts = exploded.groupBy(LABEL, WORD).agg(F.count("*").alias("times")).toPandas()
    labels = counts[LABEL].unique().tolist()
    return {label: counts[counts[LABEL] == label].set_index(WORD)["times"] for label in labels}


def _risen(before: pd.Series, after: pd.Series) -> pd.DataFrame:
    """Words by how sure it is that they rose, those alone that did beyond chance."""
    both = pd.DataFrame({"before": before, "after": after}).fillna(0.0)
    totals = both.sum()
    if not totals.all():
        return pd.DataFrame(columns=[WORD, "before", "after", "z"])
    prior = PRIOR * both.sum(axis=1) / totals.sum()
    counts = both.add(prior, axis=0)
    odds = np.log(counts / (totals + PRIOR - counts))
    spread = np.sqrt((1 / counts).sum(axis=1))
    told = (both / totals).assign(z=(odds["after"] - odds["before"]) / spread)
    told = told[told["z"] > SURE].sort_values("z", ascending=False, kind="stable")
    return told.rename_axis(WORD).reset_index()
