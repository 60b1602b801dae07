"""One batch of segments into a table: counted, then added by one commit, each line once.

A line is known by its segment and its number. What a table has of them is left as it is, so that a
batch which is brought again adds nothing, and a segment that has grown adds its new lines alone.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from hitcast.errors import LakehouseError
from hitcast.ingest.collect.fields import Hash, Kind
from hitcast.ingest.collect.hashing import no_unit
from hitcast.ingest.collect.lines import BROKEN, ERASED, GOOD, TORN, judged, numbered
from hitcast.ingest.collect.segments import Segment
from hitcast.ingest.progress import Say
from hitcast.ingest.properties import COMMON
from hitcast.tables.delta import Table
from hitcast.tables.keeping import kept, let_go
from hitcast.tables.names import text_literal

# Of these alone: a log of commits holds what statistics say, also of what is erased.
PROPERTIES = {**COMMON, "delta.dataSkippingStatsColumns": "segment,date"}
SAME = "held.segment = incoming.segment AND held.line = incoming.line"
SHOWN = 20
"""Lines that are told of, of those that are broken."""


@dataclass(frozen=True)
class Batch:
    """What a batch of segments held.

    Attributes:
        tally: Lines that are good, torn, broken, and how many were inserted.
        sizes: The bytes of each segment as Spark read it; of empty ones nothing.
    """

    tally: Counter[str]
    sizes: dict[str, int]


def bring(
    segments: Sequence[Segment],
    table: Table,
    kind: Kind,
    model: str,
    hash_unit: Callable[[], Hash],
    say: Say,
) -> Batch:
    """Add the good lines of segments to a table that is made where it does not exist.

    Args:
        segments: Of one folder.
        table: The table.
        kind: Whose lines they are.
        model: Whose answers they have to be.
        hash_unit: Makes what hashes units; asked where there is one as it was sent.
        say: Told of lines that are broken, by their numbers.

    Raises:
        LakehouseError: if Spark does not find the lines that there are.
    """
    full = [segment for segment in segments if segment.size]
    if not full:
        return Batch(Counter(), {})
    cut = [segment.name for segment in full if not segment.is_whole]
    lines = kept(judged(numbered(table.spark, full), kind, model, cut))
    try:
        counts = _count(lines, kind)
        sizes = {row["segment"]: row["bytes"] for row in counts}
        _expect_all(full, sizes)
        tally = Counter({name: sum(row[name] for row in counts) for name in (GOOD, TORN, BROKEN)})
        if tally[BROKEN]:
            _tell_broken(lines, tally[BROKEN], say)
        hashes = hash_unit() if any(row["raw"] for row in counts) else no_unit
        rows = lines.where(F.col("is") == GOOD).select(*kind.columns(hashes))
        # Whoever makes the table without lines does so once more than needed at most.
        table.create(rows, PROPERTIES)
        table.widen(rows)
        if tally[GOOD]:
            tally["inserted"] = table.add_new(rows, _condition(full), _note(full))
        return Batch(tally, sizes)
    finally:
        let_go(lines)


def _count(lines: DataFrame, kind: Kind) -> list[dict[str, Any]]:
    """Of each segment its bytes, its lines of each kind, and those with a unit as it was sent."""
    older = "unit_id" in kind.fields
    raw = F.col("fields.unit_id").isNotNull() if older else F.lit(False)
    each = [F.count_if(F.col("is") == name).alias(name) for name in (GOOD, TORN, BROKEN, ERASED)]
    found = lines.groupBy("segment").agg(
        F.max("bytes").alias("bytes"), F.count_if(raw).alias("raw"), *each
    )
    return [row.asDict() for row in found.collect()]


def _expect_all(segments: Sequence[Segment], sizes: dict[str, int]) -> None:
    missing = [segment.path for segment in segments if segment.name not in sizes]
    if missing:
        raise LakehouseError(
            f"expected Spark to read the lines of {missing[0]}, found that it sees none; name a "
            "folder by --from that Spark and this machine both see, and no file in it that begins "
            "with _ or holds a colon"
        )


def _tell_broken(lines: DataFrame, count: int, say: Say) -> None:
    broken = lines.where(F.col("is") == BROKEN).select("segment", "line")
    shown = broken.orderBy("segment", "line").limit(SHOWN).collect()
    places = ", ".join(f"{row['segment']} line {row['line']}" for row in shown)
    more = f" and {count - len(shown):,} more" if count > len(shown) else ""
    say(f"note: {count:,} lines are left out, as they don't hold what they have to: {places}{more}")


def _condition(segments: Sequence[Segment]) -> str:
    """When two lines are the same; with a range of names, by which files are passed over."""
    names = sorted(segment.name for segment in segments)
    first, last = text_literal(names[0]), text_literal(names[-1])
    return f"{SAME} AND held.segment BETWEEN {first} AND {last}"


def _note(segments: Sequence[Segment]) -> str:
    return f"{len(segments)} segments up to {max(segment.name for segment in segments)}"
