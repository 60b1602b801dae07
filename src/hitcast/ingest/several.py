"""Several extracts, one after the other, and the sum of their counts.

One that gates refuse is left out and does not keep the others from coming in; what was refused is
told at the end, and fails the whole. Any other error stops.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from hitcast.errors import GateError, HitcastError, RefusedError
from hitcast.ingest.accepting import accept_words, gates_for, gates_for_any, refuse_unclear
from hitcast.ingest.extracts import read_log
from hitcast.ingest.pipeline import IngestCounts
from hitcast.ingest.progress import Say, silent
from hitcast.sources.extract import Extract
from hitcast.tables.lakehouse import Lakehouse

SUMMED = ("rows_read", "inserted", "updated", "unchanged", "duplicates", "quarantined")
Bring = Callable[..., IngestCounts]
"""Brings an extract in; `accept` are the gates that it may fail."""


def ingest_each(
    extracts: Sequence[Extract],
    bring: Bring,
    accept: Collection[str] = (),
    say: Say = silent,
) -> IngestCounts:
    """Bring extracts in, in their order; each is in all tables before the next is begun.

    Args:
        extracts: At least one.
        bring: Brings one in.
        accept: Gates, `GATE` or `GATE=FILE`. Of several extracts a gate without a file lets one
            pass, after all the others, if it is the only one that would.
        say: Told of each that is refused.

    Returns:
        The sums of their counts, and gold's version with all of them in it.

    Raises:
        GateError: if some were refused; the others are in.
        SourceError: if a file is accepted that is none of them.
        HitcastError: of the kind of what else went wrong; it says how many are in. A run again
            finds these unchanged and goes on.
    """
    refuse_unclear(accept, [(e.checksum, e.name, None) for e in extracts])
    if len(extracts) == 1:
        return bring(extracts[0], accept=gates_for(accept, extracts[0].name, None))
    named, anyone = [text for text in accept if "=" in text], gates_for_any(accept)
    files = _Files(extracts, bring, say)
    for extract in extracts:
        files.bring_in(extract, named)
    helped = [e for e, error in files.refused.values() if set(error.gates) & set(anyone)]
    if len(helped) == 1:
        files.bring_in(helped[0], accept)
    if files.refused:
        unclear = f"; --accept {' --accept '.join(anyone)} lets one file pass, and {len(helped)} "
        unclear = f"{unclear}would: say which" if len(helped) > 1 else ""
        raise GateError(files.refusal() + unclear)
    return replace(files.counts[-1], **files.sums())


def tell_days(
    extracts: Sequence[Extract], lakehouse: Lakehouse, day: date | None, say: Say
) -> None:
    """Say how many files of folders are shown as of other days than was told, if any."""
    # Without bronze the log is of lines that are gone.
    if day is None or not lakehouse.bronze.exists():
        return
    log = read_log(lakehouse.extracts)
    days = [log.day_of(e.checksum, day, day, e.in_folder) for e in extracts]
    others = [found for found in days if found != day]
    if others:
        say(
            f"note: {len(others)} of {len(extracts)} files were found in a folder and are known: "
            f"they stay of their days ({min(others)} to {max(others)}); a file that is named "
            f"itself is shown as that of {day}"
        )


@dataclass
class _Files:
    """Several extracts, and what came of each so far.

    Attributes:
        counts: Of those that are in.
        refused: Those that are not, by checksum.
    """

    extracts: Sequence[Extract]
    bring: Bring
    say: Say
    counts: list[IngestCounts] = field(default_factory=list)
    refused: dict[str, tuple[Extract, RefusedError]] = field(default_factory=dict)

    def bring_in(self, extract: Extract, accept: Collection[str]) -> None:
        """Bring one in, or note that it was refused."""
        # Of copies of one content either name will do.
        names = [e.name for e in self.extracts if e.checksum == extract.checksum]
        gates = [gate for name in names for gate in gates_for(accept, name, None)]
        try:
            self.counts.append(self.bring(extract, accept=gates))
            self.refused.pop(extract.checksum, None)
        except RefusedError as error:
            self.say(f"{extract.name} is refused and left out")
            self.refused[extract.checksum] = extract, error
        except HitcastError as error:
            left_out = ", ".join(e.name for e, _ in self.refused.values())
            told = f", {len(self.refused)} refused: {left_out}" if left_out else ""
            told = f"{self._of_all(len(self.counts))} in{told}; run the same again to go on with"
            raise type(error)(f"{error} ({told} {extract.name})") from error

    def sums(self) -> dict[str, int]:
        """The sums of all counts."""
        return {name: sum(getattr(one, name) for one in self.counts) for name in SUMMED}

    def refusal(self) -> str:
        """What was refused, what came in, and what to do."""
        refused = list(self.refused.values())
        told = f"{self._of_all(len(refused))} refused"
        if self.counts:
            numbers = ", ".join(f"{number:,} {name}" for name, number in self.sums().items())
            told = f"{told}, the others are in ({numbers})"
        why = "; ".join(error.told for _, error in refused)
        among = [(extract.name, None) for extract in self.extracts]
        accepted = " ".join(accept_words(r.gates, e.name, None, among=among) for e, r in refused)
        one = len(refused) == 1
        it, its, it_is = ("it", "its", "it is") if one else ("them", "their", "they are")
        return (
            f"{told}: {why}; bronze has {its} lines and nothing else of them: mend {it}, or conf/, "
            f"and run again, or let {it} in as {it_is} by {accepted}"
        )

    def _of_all(self, number: int) -> str:
        return f"{number} of {len(self.extracts)} files {'is' if number == 1 else 'are'}"
