"""An uploaded table: checked as a whole, its cells kept as they stand in the file."""

import csv
import io
from dataclasses import dataclass
from itertools import islice

import pandas as pd
import pyarrow as pa

from answers import Schema
from components.upload.lines import BOM, Line, TableError, decoded, lines_of

MOST_ROWS = 200_000
AT_ONCE = 2_000
"""Lines that are held as Python lists at a time: as such they take ten times their size."""
OTHER_SEPARATORS = {";": "semicolons", "\t": "tabs"}


@dataclass(frozen=True)
class Upload:
    """What a file holds.

    Attributes:
        name: The file's name.
        cells: All columns, as text.
        lines: The line of the file at which each row begins; the header's is 1.
        broken: Places of the rows whose cells can't be told apart, and why.
        encoding: How results are to be written so that they open where the upload came from.
    """

    name: str
    cells: pd.DataFrame
    lines: list[int]
    broken: dict[int, str]
    encoding: str


def template(schema: Schema) -> str:
    """A CSV file to start from: every input, and the examples as a first row."""
    written = io.StringIO()
    examples = ["" if column.example is None else column.example for column in schema.inputs]
    csv.writer(written, lineterminator="\n").writerows(
        [[column.name for column in schema.inputs], examples]
    )
    return written.getvalue()


def read(name: str, content: bytes, schema: Schema) -> Upload:
    """Read a CSV file whose header names the inputs; other columns are kept.

    Raises:
        TableError: if it is none, lacks inputs, has no rows or too many.
    """
    found = lines_of(decoded(content), max((c.longest or 0 for c in schema.texts), default=0))
    header = _header(next(found, None), schema)
    pieces, numbers = [], list[int]()
    broken: dict[int, str] = {}
    while held := [line.fitted(len(header)) for line in islice(found, AT_ONCE)]:
        if len(numbers) + len(held) > MOST_ROWS:
            raise TableError(
                f"It has more than {MOST_ROWS:,} rows, and nothing was scored. Split it into "
                "files of at most so many and upload one after the other."
            )
        places = enumerate(held, len(numbers))
        broken |= {place: line.problem for place, line in places if line.problem}
        numbers += [line.number for line in held]
        pieces.append(_table(header, held))
    if not pieces:
        raise TableError(
            f"It has a header and no rows under it. Add a line for each {schema.entity} and "
            "upload it again."
        )
    encoding = "utf-8-sig" if content.startswith(BOM) else "utf-8"
    text = {pa.string(): pd.StringDtype("pyarrow")}
    cells = pa.concat_tables(pieces).combine_chunks().to_pandas(types_mapper=text.get)
    return Upload(name, cells, numbers, broken, encoding)


def _table(header: list[str], held: list[Line]) -> pa.Table:
    columns = zip(*(line.cells for line in held), strict=True)
    return pa.table([pa.array(column, pa.string()) for column in columns], names=header)


def _header(line: Line | None, schema: Schema) -> list[str]:
    """The names of the columns; a column without one is called as pandas would."""
    if line is None:
        raise TableError(
            "It is empty. Upload a CSV file with a header and a line for each "
            f"{schema.entity}: the template shows how."
        )
    if line.problem:
        raise TableError(f"Its header can't be read: {line.problem}. Mend it and upload it again.")
    header = [name.strip() or f"Unnamed: {place}" for place, name in enumerate(line.cells)]
    twice = sorted({name for name in header if header.count(name) > 1})
    if twice:
        raise TableError(
            f"More than one column is called {_listed(twice)}. Keep one of each and upload it "
            "again."
        )
    needed = [column.name for column in schema.inputs if column.required]
    lost = [name for name in needed if name not in header]
    if lost:
        _refuse(header, lost, schema)
    return header


def _refuse(header: list[str], lost: list[str], schema: Schema) -> None:
    """Say what the header lacks, or why nothing of it is known."""
    for separator, word in OTHER_SEPARATORS.items():
        if len(header) == 1 and separator in header[0]:
            raise TableError(
                f"Its cells are separated by {word}; this page reads commas. Save it with commas "
                "between the cells, and points in decimal numbers, and upload it again."
            )
    known = {column.name for column in schema.inputs}
    others = [name for name in header if name not in known]
    found = f" Not known to it: {_listed(others)}." if others else ""
    raise TableError(
        f"Its first line lacks columns that the model needs: {_listed(lost)}.{found} Name the "
        "columns as in the template and upload it again."
    )


def _listed(names: list[str], most: int = 20) -> str:
    rest = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(f"`{name[:60]}`" for name in names[:most]) + rest
