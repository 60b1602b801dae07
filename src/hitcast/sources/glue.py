"""Records of CSV that span lines: lines are glued together while a quote stays open.

    line      open after it
    1,"one    yes
    two",3    no             one record: these two lines

A quote that stays open to the file's end, or for longer than a line may be, would take in all that
comes. Then its line is a record alone, which is bad, and the next line begins a new one.
"""

from collections.abc import Callable, Iterator
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

Batches = Iterator[Any]


def glued(lines: DataFrame, delimiter: str, encoding: str, separator: str, limit: int) -> DataFrame:
    """Glue the lines of a file into records.

    Args:
        lines: `line_id` and `value`, cut at `separator` alone.
        delimiter: What stands between fields.
        encoding: Of the bytes.
        separator: LF or CR; what stands between the lines of a record.
        limit: Bytes that a record has at most.

    Returns:
        A row a record, but the header: `line_id`, the place of its first line in the file, from 0,
        and `raw_line`.
    """
    glue = gluer(delimiter.encode(encoding), separator.encode(), limit)
    values = lines.select("line_id", F.col("value").cast("binary").alias("raw_line"))
    # Which quotes are open is known from all that comes before.
    one = values.coalesce(1).sortWithinPartitions("line_id")
    return one.mapInArrow(glue, "line_id long, raw_line binary")


def gluer(
    delimiter: bytes, separator: bytes, limit: int, skipped: int = 1
) -> Callable[[Batches], Batches]:
    """The function that glues batches of Arrow; all within, so that it travels by value."""
    mark = b"\xef\xbb\xbf"

    def ends_open(line: bytes, within: bool) -> bool:
        """Whether a quote is open behind a line, if one is or is not before it."""
        if b'"' not in line:
            return within
        line, at = line.removeprefix(mark), 0
        while True:
            if within:
                at = line.find(b'"', at) + 1
                if at == 0:
                    return True
                if line[at : at + 1] == b'"':
                    at += 1
                    continue
                within = False
            elif line[at : at + 1] == b'"':
                within, at = True, at + 1
                continue
            at = line.find(delimiter, at) + 1
            if at == 0:
                return False

    def records(lines: Iterator[tuple[int, bytes]]) -> Iterator[tuple[int, bytes]]:
        again: list[tuple[int, bytes]] = []  # Lines to be looked at once more, the first one last.
        held: list[tuple[int, bytes]] = []
        within, size = False, 0
        while True:
            line = again.pop() if again else next(lines, None)
            if line is not None:
                within = ends_open(line[1], within)
                held.append(line)
                size += len(line[1]) + 1
                if within and size <= limit:
                    continue
            elif not held:
                return
            if within:
                again += reversed(held[1:])
                held = held[:1]
            number, value = held[0][0], separator.join(value for _, value in held)
            value = value.removesuffix(b"\r")
            if value.strip(b" "):
                yield number, value
            held, within, size = [], False, 0

    def glue(batches: Batches) -> Batches:
        from itertools import islice

        import pyarrow

        # All lines of the file come by here, in order.
        lines = (line for batch in batches for line in batch.column("raw_line").to_pylist())
        found = islice(records(enumerate(lines)), skipped, None)
        while some := list(islice(found, 5000)):
            numbers, values = zip(*some, strict=True)
            arrays = [pyarrow.array(numbers, "int64"), pyarrow.array(values, "binary")]
            yield pyarrow.RecordBatch.from_arrays(arrays, ["line_id", "raw_line"])

    return glue


def first_record(start: bytes, delimiter: str, encoding: str, separator: str) -> bytes:
    """The first record of a file's start, which may span lines too."""
    import pyarrow

    lines = start.split(separator.encode())
    names = {"line_id": range(len(lines)), "raw_line": pyarrow.array(lines, "binary")}
    glue = gluer(delimiter.encode(encoding), separator.encode(), len(start), skipped=0)
    found = next(glue(iter(pyarrow.table(names).to_batches())), None)
    return bytes(found.column("raw_line")[0].as_py()) if found else b""
