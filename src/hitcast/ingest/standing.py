"""How far silver has come, and which lines it takes to bring it to where it should be."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC

from hitcast.ingest.line_counts import LineCounts
from hitcast.ingest.showings import Log, Showing
from hitcast.tables.delta import Table


@dataclass(frozen=True)
class Standing:
    """What silver holds; its commits carry it as a note.

    Attributes:
        extracts: Number of the last showing that is in it.
        bronze: Version of bronze that it was made of.
        rules: Fingerprint of the rules that it was made by.
        checksum: The content that came last, with its `counts`; empty where all of bronze did.
        left_out: Numbers of earlier showings that gates had refused by then.
        shown: When the last showing was ingested, by which it is known in another log.
        rows: How many rows the log had.
    """

    extracts: int
    bronze: int
    rules: str
    checksum: str
    counts: LineCounts
    left_out: tuple[int, ...] = ()
    shown: str = ""
    rows: int = field(default=0, compare=False)

    def has(self, showing: Showing) -> bool:
        """Whether that showing is in silver."""
        return showing.number <= self.extracts and showing.number not in self.left_out

    def note(self) -> str:
        """The standing as one line of JSON, which `standing_of` reads."""
        return json.dumps(asdict(self))


@dataclass(frozen=True)
class Plan:
    """What has to be resolved.

    Attributes:
        showings: Whose lines are read.
        whole: Whether these are all there are; else it is the one that came last and is newest,
            and the rules are those of silver.
    """

    showings: Sequence[Showing]
    whole: bool

    @property
    def checksums(self) -> list[str]:
        """The contents that are shown, each once."""
        return list(dict.fromkeys(s.checksum for s in self.showings))


def standing_of(silver: Table, log: Log) -> Standing | None:
    """What silver holds; None where nobody says, where it is of another log, or is not there."""
    if not silver.exists():
        return None
    last = silver.last_change()
    told = _standing(last.note)
    if log.settled is not None and last.version <= log.settled.silver_version <= silver.version():
        settled = _standing(log.settled.note)
        # Or it was said of a silver that is gone.
        if settled is not None and (told is None or told.rows <= settled.rows):
            told = settled
    return told if told is not None and _is_of(told, log) else None


def _standing(note: str | None) -> Standing | None:
    """What a note says; None for somebody else's commit."""
    try:
        told = json.loads(note or "")
        left_out = tuple(told.get("left_out", ()))
        counts = LineCounts(**told["counts"])
        return Standing(**{**told, "counts": counts, "left_out": left_out})
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


def _is_of(standing: Standing, log: Log) -> bool:
    """Whether the log is the one that silver was made by: tables may have been made anew since."""
    return standing.shown == shown_at(log, standing.extracts)


def shown_at(log: Log, number: int) -> str:
    """When the showing of that number was ingested; empty where there is none."""
    times = (s.ingested_at for s in log.showings if s.number == number)
    return next((time.astimezone(UTC).isoformat() for time in times), "")


def plan_of(log: Log, standing: Standing | None, rules: str, *, all_of_it: bool) -> Plan:
    """Choose the usual path, which reads the newest extract alone, or all of bronze.

    Args:
        log: What was shown and let in.
        standing: What silver holds.
        rules: The fingerprint of the rules of now.
        all_of_it: Whether all of bronze was asked for.

    Returns:
        The plan; without showings where silver is where it should be.
    """
    everything = Plan(log.showings, whole=True)
    if all_of_it or standing is None or standing.rules != rules:
        return everything
    pending = [s for s in log.showings if not standing.has(s)]
    # One that gates let in later than others that came after it is not the last.
    # Of several sources, that of the newest line may not be the one that counts.
    several = len({s.origin for s in log.showings}) > 1
    if pending and several:
        return everything
    # A content that is read in another way than before: what it said then may have to go.
    layouts = {(s.checksum, s.layout) for s in log.showings if standing.has(s)}
    contents = {checksum for checksum, _ in layouts}
    if any(s.checksum in contents and (s.checksum, s.layout) not in layouts for s in pending):
        return everything
    if len(pending) > 1 or any(s.number < log.last_number or log.is_late(s) for s in pending):
        return everything
    return Plan(pending, whole=False)
