"""A CSV file's bytes into its lines, each with its cells and with where it stands."""

import csv
import io
from collections.abc import Iterator
from typing import NamedTuple

BOM = b"\xef\xbb\xbf"
SAVE = (
    "Save the table as CSV in UTF-8 (in Excel: “CSV UTF-8 (comma delimited)”) and upload that file."
)


class TableError(ValueError):
    """The file can't be used at all; the text says why and what to do."""


class Line(NamedTuple):
    """A line, or several that quotes hold together.

    Attributes:
        number: Where it begins in the file, whose first line is 1.
        cells: What stands between the commas.
        problem: Why its cells can't be told apart; None where they can.
    """

    number: int
    cells: list[str]
    problem: str | None = None

    def fitted(self, width: int) -> "Line":
        """The line with as many cells as the header has; empty ones at its end do no harm."""
        found = len(self.cells)
        if found == width and self.problem is None:
            return self
        problem = self.problem
        if problem is None and (found < width or any(self.cells[width:])):
            problem = f"{found} cells, where the header has {width}"
            if found > width:
                problem += f"; too many: {','.join(self.cells[width:])[:200]!r}"
        return Line(self.number, self.cells[:width] + [""] * (width - found), problem)


def decoded(content: bytes) -> str:
    """A file's text, with or without a byte order mark.

    Raises:
        TableError: if it is no text, or in another encoding than UTF-8.
    """
    if b"\0" in content:
        raise TableError(f"It is no CSV file, but a spreadsheet, a picture or the like. {SAVE}")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        number = content[: error.start].count(b"\n") + 1
        raise TableError(f"It is not in UTF-8: line {number} holds other bytes. {SAVE}") from None


def lines_of(text: str, longest: int = 0) -> Iterator[Line]:
    """The lines that are not blank; one with a line break between quotes is one.

    Args:
        text: The file's.
        longest: The most characters that a cell may need.
    """
    raw: list[str] = []
    # Of all readers in this process, so it is never lowered; a quote left open swallows as much.
    csv.field_size_limit(max(csv.field_size_limit(), longest))

    def kept() -> Iterator[str]:
        for piece in io.StringIO(text, newline=""):
            raw.append(piece)
            yield piece

    # Strict, because a quote left open would else swallow the next lines without a word.
    reader = csv.reader(kept(), strict=True)
    while True:
        number = reader.line_num + 1
        raw.clear()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            where = f" (lines {number} to {reader.line_num})" if len(raw) > 1 else ""
            problem = f"a quote is left open, or stands undoubled within quotes{where}"
            if "field larger" in str(error):
                most = csv.field_size_limit()
                problem = f"a cell has more than {most:,} characters, or a quote is left open"
            yield Line(number, ["".join(raw).rstrip("\r\n")], problem)
            continue
        if cells:
            yield Line(number, cells)
