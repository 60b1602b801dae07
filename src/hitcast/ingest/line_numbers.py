"""The numbers that lines have in their file, counted from 1 as editors do.

Spark reads a large file in pieces, at once, so bronze's `line_id` is the piece and the place in it.
A piece's first number is known once those before it are counted, which only those pay for who have
a line to show:

    line_id         piece  place  lines before the piece  number
    4               0      4      0                       5
    8589934592 + 7  1      7      100                     108

Of a table, and of a Parquet file, it is the row's number.
"""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from hitcast.sources.lines import PIECE_BITS


def line_number(lines: DataFrame) -> Column:
    """The number of a line, by the columns `source_checksum` and `line_id`.

    Args:
        lines: What bronze has of the contents that are asked for, also what is no record.
    """
    piece = F.shiftright("line_id", PIECE_BITS)
    place = F.col("line_id").bitwiseAND(F.lit((1 << PIECE_BITS) - 1))
    counted = lines.groupBy("source_checksum", piece.alias("piece"))
    found = counted.agg((F.max(place) + 1).alias("lines")).collect()
    before: dict[str, int] = {}
    of, total = "", 0
    for row in sorted(found):
        total = total if row["source_checksum"] == of else 0
        of = row["source_checksum"]
        if total:
            before[_key(of, row["piece"])] = total
        total += row["lines"]
    number = place + 1
    if not before:
        return number
    pairs = [F.lit(part) for pair in before.items() for part in pair]
    key = F.concat_ws(" ", "source_checksum", piece.cast("string"))
    above = F.try_element_at(F.create_map(*pairs), key)
    return number + F.coalesce(above, F.lit(0))


def _key(checksum: str, piece: int) -> str:
    return f"{checksum} {piece}"
