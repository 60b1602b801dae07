"""Several extracts, one after the other, and the sum of their counts."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from hitcast.errors import HitcastError
from hitcast.ingest.pipeline import IngestCounts
from hitcast.sources.extract import Extract

SUMMED = ("rows_read", "inserted", "updated", "unchanged", "duplicates", "quarantined")


def ingest_each(
    extracts: Sequence[Extract], bring: Callable[[Extract], IngestCounts]
) -> IngestCounts:
    """Bring extracts in, in their order; each is in all tables before the next is begun.

    Args:
        extracts: At least one.
        bring: Brings one in.

    Returns:
        The sums of their counts, and gold's version with all of them in it.

    Raises:
        HitcastError: of the kind of what went wrong; it says how many are in. A run again finds
            these unchanged and goes on.
    """
    total: IngestCounts | None = None
    for number, extract in enumerate(extracts):
        try:
            counts = bring(extract)
        except HitcastError as error:
            if len(extracts) == 1:
                raise
            raise type(error)(
                f"{error} ({number} of {len(extracts)} files are in; run the same again to go on "
                f"with {extract.name})"
            ) from error
        if total is not None:
            sums = {name: getattr(total, name) + getattr(counts, name) for name in SUMMED}
            counts = replace(counts, **sums)
        total = counts
    assert total is not None
    return total
