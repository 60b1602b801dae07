"""The rows that models are judged by: test rows of all of them, with the inputs of all."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from hitcast.declaration.label import Label
from hitcast.declaration.use_case import UseCase
from hitcast.errors import MissingColumnsError
from hitcast.features.label import LABEL, with_label
from hitcast.models.bootstrap import units_of
from hitcast.models.comparing import TestRows
from hitcast.models.standing import prior_weights
from hitcast.portable.card import Card
from hitcast.tables.delta import Table
from hitcast.training.data import to_columns
from hitcast.training.split import IS_TEST, ROW, UNIT, with_ids, with_test_mark

KNOWN = "_known_"


@dataclass(frozen=True)
class JudgedRows:
    """Reads them from gold, as the models' cards state split, label rule and inputs.

    Attributes:
        gold: The feature table.
        use_case: Names the group's column, and that of profiles.
        version: Gold's version; None: the newest.
    """

    gold: Table
    use_case: UseCase
    version: int | None = None

    def __call__(self, cards: Sequence[Card]) -> TestRows:
        """The rows that are test rows of all the cards' models.

        Raises:
            MissingColumnsError: if gold lacks a column that one of them needs.
        """
        gold = self.gold.read(self.version)
        columns = gold.columns
        inputs = self._inputs(cards, columns)
        by = self.use_case.profiles.by if self.use_case.profiles else None
        values = [by] if by in columns else []
        rows = self._marked(gold, cards, [*inputs, *values])
        known = rows.where(~F.col(IS_TEST)).select(UNIT).distinct().withColumn(KNOWN, F.lit(True))
        test = rows.where(IS_TEST).join(known, UNIT, "left").drop(IS_TEST)
        held = test.toPandas().sort_values(ROW, kind="stable", ignore_index=True)
        label, names = held[LABEL].to_numpy(float), self.use_case.label.names
        return TestRows(
            columns=to_columns(held, inputs),
            label=label,
            weights=prior_weights(label, self.use_case.training.prior),
            classes=names if len(names) > 2 else (),
            generated=self.gold.is_generated(),
            units=units_of(held[UNIT].to_numpy()),
            unseen=held[KNOWN].isna().to_numpy(dtype=bool),
            value=held[by].to_numpy(dtype=object) if values else None,
        )

    def _marked(self, gold: DataFrame, cards: Sequence[Card], names: Sequence[str]) -> DataFrame:
        """All rows with a mark of those that none of the models was trained on."""
        key = cards[0].fingerprint["split"]["key"]
        label = Label.of(cards[0].fingerprint["label"])
        splits = [card.fingerprint["split"] for card in cards]
        by = [split["by"] for split in splits if "by" in split]
        _require([key, label.column, *by], gold.columns)
        group = self.use_case.group if self.use_case.group in gold.columns else None
        labelled = gold.transform(with_label(label)).where(F.col(LABEL).isNotNull())
        rows = labelled.transform(with_ids(group, key))
        marks = []
        for place, split in enumerate(splits):
            marks.append(f"{IS_TEST}_{place}")
            rows = rows.transform(with_test_mark(split))
            rows = rows.withColumnRenamed(IS_TEST, marks[-1])
        both = reduce(lambda one, other: one & other, map(F.col, marks))
        return rows.select(*dict.fromkeys(names), ROW, UNIT, LABEL, both.alias(IS_TEST))

    @staticmethod
    def _inputs(cards: Sequence[Card], columns: Sequence[str]) -> list[str]:
        """The inputs of all models that gold has; those that may be left out need not be there."""
        inputs = [column for card in cards for column in card.inputs]
        _require([column.name for column in inputs if not column.optional], columns)
        return list(dict.fromkeys(column.name for column in inputs if column.name in columns))


def _require(names: Sequence[str], columns: Sequence[str]) -> None:
    missing = sorted(set(names) - set(columns))
    if missing:
        raise MissingColumnsError(
            f"expected the columns {missing}, which it was trained with, in gold; found "
            f"{sorted(columns)}; declare them again, or train anew"
        )
