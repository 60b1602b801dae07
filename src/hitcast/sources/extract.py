"""What every source hands over: one extract, described and ready to be read."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

from pyspark.sql import DataFrame, SparkSession

from hitcast.sources.layout import Layout


@dataclass(frozen=True)
class Extract:
    """One extract of a use case.

    Attributes:
        source: Kind of source: a format of files, kaggle, table or twin.
        name: The file or table as the user knows it.
        checksum: Fingerprint of the content; equal content has equal checksums.
        generated: Whether the rows were generated.
        layout: How its records are split.
        read: Gives one row per record: `line_id` (long, ascending in the file's order) and
            `raw_line` (binary: the record as it came). Rows that are no records, such as blank
            lines, are among them: `only_records` takes them out.
        company: The checksums of all contents that are shown with it, in order, its own included;
            empty where it comes alone.
        place: Its place among them, from 0.
        in_folder: The checksums of those of them that were found in a folder; nobody named them.
        origin: Which of the use case's `sources` it is of; empty where there is but one.
    """

    source: str
    name: str
    checksum: str
    generated: bool
    layout: Layout
    read: Callable[[SparkSession], DataFrame]
    company: tuple[str, ...] = ()
    place: int = 0
    in_folder: frozenset[str] = frozenset()
    origin: str = ""

    @property
    def together(self) -> tuple[str, ...]:
        """The checksums of what is shown at once, in order."""
        return self.company or (self.checksum,)


def in_company(
    extracts: Sequence[Extract], in_folder: Collection[str] = frozenset()
) -> list[Extract]:
    """Several extracts, each of which knows with which others it is shown.

    Args:
        extracts: In order.
        in_folder: The checksums of those that were found in a folder.
    """
    company = tuple(extract.checksum for extract in extracts)
    found = frozenset(in_folder)
    return [
        replace(extract, company=company, place=place, in_folder=found)
        for place, extract in enumerate(extracts)
    ]
