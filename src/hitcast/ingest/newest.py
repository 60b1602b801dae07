"""The newest good line of each key.

Newest is by extraction date, then order of ingestion, then order of lines. Of several sources those
lines alone count that the first declared one has, of those that have the key at all. A key's values
carry the date, and the line, from which on every extract that has the key showed them:

    shown of a key, oldest first      values  date  line
    day 1: a, day 10: a               a       1     day 1's
    day 1: a, day 5: b, day 10: a     a       10    day 10's
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from hitcast.declaration.use_case import UseCase
from hitcast.ingest.changes import key_of, row_hash
from hitcast.ingest.line_counts import lines_by_key
from hitcast.ingest.showings import Showing
from hitcast.tables.names import col

LINE = ("source_checksum", "line_id")
ORIGIN = "source_name"
"""The column that says which of several sources a row comes from."""


@dataclass(frozen=True)
class Resolution:
    """Parsed lines, and the showings that say which of them are newest.

    Attributes:
        lines: Parsed lines of all contents that are shown.
        showings: Of one content or of several.
        repeated: Whether good lines of a content may share a key.
        firsts: The first showing of each content, also where it is none of `showings`, as one that
            gates refused; empty: those of `showings`.
    """

    lines: DataFrame
    showings: Sequence[Showing]
    use_case: UseCase
    repeated: bool
    firsts: Sequence[Showing] = ()

    def newest(self) -> DataFrame:
        """One row a key, without its values.

        Returns:
            `key`, `hash` of its values, `source_checksum` and `line_id` of its line,
            `extraction_date` of its values, `newest`: the content that showed it last, and of
            several sources the one that it comes from.
        """
        found = self._of_several() if self._several else self._of_one()
        return found.select("*", *self._origin())

    def rows(self, of: DataFrame | None = None) -> DataFrame:
        """The newest lines as silver has them.

        Args:
            of: Some rows of `newest()`; None for all.
        """
        if of is None and not self._several:
            lines = self._last_of_keys().withColumn("extraction_date", self._first_day())
        else:
            pointers = (self.newest() if of is None else of).select(*LINE, "extraction_date")
            lines = self.lines.join(pointers, list(LINE))
        ingested_at = by_checksum(self.firsts or self.showings, lambda s: s.ingested_at)
        return lines.select(
            *map(col, self.use_case.column_names),
            "extraction_date",
            *LINE,
            ingested_at.cast("timestamp").alias("ingested_at"),
            *self._origin(),
        )

    def _origin(self) -> list[Column]:
        """Where a line comes from, if there are several sources."""
        if not origin_columns(self.use_case):
            return []
        first = sorted(self.showings, key=self._rank)
        return [by_checksum(first, lambda s: s.origin).alias(ORIGIN)]

    def _rank(self, showing: Showing) -> int:
        """The place of its source in the declaration; those that are not there come last."""
        names = list(self.use_case.sources)
        return names.index(showing.origin) if showing.origin in names else len(names)

    @property
    def _several(self) -> bool:
        return len({s.checksum for s in self.showings}) > 1

    def _first_day(self) -> Column:
        return F.lit(min(self.showings, key=lambda s: s.place).day)

    def _last_of_keys(self) -> DataFrame:
        """The good lines of one content but those whose key comes again further down."""
        good = self.lines.where("is_good")
        if not self.repeated:
            return good
        repeated = (
            lines_by_key(self.lines, self.use_case)
            .where((F.col("lines") > 1) & F.col("key").isNotNull())
            .select(F.col("key").alias("_repeated_key_"), F.col("last_line").alias("_last_line_"))
        )
        lost = (col(self.use_case.key) == F.col("_repeated_key_")) & (
            F.col("line_id") < F.col("_last_line_")
        )
        return good.join(repeated, lost, how="left_anti")

    def _good(self, lines: DataFrame, *more: Column) -> DataFrame:
        hashed = row_hash(self.use_case.column_names).alias("hash")
        return lines.select(key_of(self.use_case.key), hashed, *LINE, *more)

    def _of_one(self) -> DataFrame:
        checksum = F.lit(self.showings[0].checksum).alias("newest")
        return self._good(
            self._last_of_keys(), self._first_day().alias("extraction_date"), checksum
        )

    def _of_several(self) -> DataFrame:
        """The same of several contents: the showings of each key in order, from the newest."""
        shown = (
            self._good(self.lines.where("is_good"))
            .groupBy("key", "source_checksum")
            .agg(F.max("line_id").alias("line_id"), F.max_by("hash", "line_id").alias("hash"))
        )
        days = [(s.checksum, s.day, s.number, self._rank(s)) for s in self.showings]
        named = "source_checksum string, extraction_date date, number long, rank int"
        showings = F.broadcast(self.lines.sparkSession.createDataFrame(days, named))
        order = Window.partitionBy("key").orderBy(F.desc("extraction_date"), F.desc("number"))
        latest = F.first("hash").over(order)
        best = F.min("rank").over(Window.partitionBy("key"))
        counted = shown.join(showings, "source_checksum").withColumn("best", best)
        ranked = counted.where("rank = best").withColumn("latest", latest)
        differs = F.max((F.col("hash") != F.col("latest")).cast("int")).over(order)
        run = ranked.withColumn("differs", differs).where("differs = 0")
        place = F.struct("extraction_date", "number")
        of_first = {name: F.min_by(name, place) for name in (*LINE, "extraction_date")}
        return run.groupBy("key").agg(
            F.first("latest").alias("hash"),
            *(column.alias(name) for name, column in of_first.items()),
            F.max_by("source_checksum", place).alias("newest"),
        )


def origin_columns(use_case: UseCase) -> list[str]:
    """The columns that rows have beside others where there are several sources."""
    return [ORIGIN] if use_case.sources else []


def by_checksum(showings: Sequence[Showing], value: Callable[[Showing], Any]) -> Column:
    """A value of the first of each content's showings, by the column `source_checksum`.

    Args:
        showings: Of all contents that the column may name.
        value: What is asked of a showing.
    """
    firsts = {s.checksum: value(s) for s in reversed(showings)}
    if len(firsts) == 1:
        return F.lit(next(iter(firsts.values())))
    pairs = [F.lit(part) for pair in firsts.items() for part in pair]
    return F.element_at(F.create_map(*pairs), F.col("source_checksum"))
