"""A run of collect: of each log the segments that wait, in batches; each moved once it is in."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from hitcast.ingest.collect.fields import ANSWERS, EXPERIMENTS, FEEDBACK, Hash, Kind
from hitcast.ingest.collect.hashing import hash_with
from hitcast.ingest.collect.keys import key_to_hash, remember_key
from hitcast.ingest.collect.lines import BROKEN, GOOD, TORN
from hitcast.ingest.collect.merging import bring
from hitcast.ingest.collect.rewriting import as_erased
from hitcast.ingest.collect.segments import (
    Segment,
    came_otherwise,
    held,
    put_away,
    set_aside,
    waiting,
)
from hitcast.ingest.progress import Say, silent, step
from hitcast.running.home import Home
from hitcast.tables.lakehouse import Lakehouse

BATCH_BYTES, BATCH_SEGMENTS = 512 * 2**20, 1000
TABLES = "collect"
"""What the lock of the logs' tables is called."""


@dataclass(frozen=True)
class Logs:
    """The folders of the logs' segments."""

    answers: Path
    feedback: Path
    experiments: Path

    @classmethod
    def of(cls, home: Home, folder: Path | None = None) -> "Logs":
        """Those of a home, or those that an API brings its segments to."""
        if folder is None:
            return cls(home.inference_log, home.feedback_log, home.experiment_log)
        place = folder.resolve()
        return cls(place, place / "feedback", place / "experiments")

    def __iter__(self) -> Iterator[tuple[Kind, Path]]:
        folders = (self.answers, self.feedback, self.experiments)
        return iter(zip((ANSWERS, FEEDBACK, EXPERIMENTS), folders, strict=True))


@dataclass
class Collected:
    """What a run did for one log.

    Attributes:
        segments: Those whose lines are in the table, and which were moved.
        lines: Theirs: inserted, known, torn and broken.
        inserted: Lines that were not in the table.
        known: Lines that were.
        torn: Last lines without an end, or that are no JSON.
        broken: Other lines that don't hold what they have to.
        left: Segments that stay where they are: of other models, or of a newer format.
    """

    segments: int = 0
    lines: int = 0
    inserted: int = 0
    known: int = 0
    torn: int = 0
    broken: int = 0
    left: int = 0


def collect(
    lakehouse: Lakehouse, home: Home, logs: Logs, *, say: Say = silent
) -> dict[str, Collected]:
    """Bring the closed segments of all logs into their tables.

    A run that is killed leaves what it has not moved to the next one, which adds no line twice.

    Args:
        lakehouse: The use case's tables.
        home: Names the model whose answers are asked for, and the key of units.
        logs: Where the segments lie; a folder that is not there has none.
        say: Told of what is done, left and set aside.

    Returns:
        What was done for each log, by the name of its table.

    Raises:
        LakehouseError: if others are at it, files can't be read or moved, or there are units to
            hash and the key is not the one of the log.
    """
    model = home.model(lakehouse.use_case)

    @cache
    def hash_unit() -> Hash:
        return hash_with(key_to_hash(home, logs.answers, lakehouse.inference_log))

    found = {}
    with lakehouse.alone(TABLES):
        for kind, folder in logs:
            with held(folder), step(kind.name, say) as done:
                told = _collect(lakehouse, kind, folder, model, hash_unit, say)
                done(f"{told.segments:,} segments, {told.inserted:,} of {told.lines:,} lines new")
            found[kind.name] = told
        remember_key(home, logs.answers)
    return found


def _collect(
    lakehouse: Lakehouse,
    kind: Kind,
    folder: Path,
    model: str,
    hash_unit: Callable[[], Hash],
    say: Say,
) -> Collected:
    told = Collected()
    own = _own(waiting(folder), kind, model, told, say)
    for batch in _batches(_unless_otherwise(own, say)):
        found = bring(batch, kind.table(lakehouse), kind, model, hash_unit, say)
        tally = found.tally
        told.inserted += tally["inserted"]
        told.known += tally[GOOD] - tally["inserted"]
        told.torn, told.broken = told.torn + tally[TORN], told.broken + tally[BROKEN]
        told.lines += tally[GOOD] + tally[TORN] + tally[BROKEN]
        for segment in batch:
            as_read = found.sizes.get(segment.name, 0) == segment.size
            if as_read and put_away(segment):
                told.segments += 1
            else:
                say(f"note: {segment.name} has changed meanwhile; the next run takes the rest")
    return told


def _own(
    segments: Sequence[Segment], kind: Kind, model: str, told: Collected, say: Say
) -> list[Segment]:
    """The segments of this model, in a format that is known; says which stay."""
    newer = [s for s in segments if s.format is not None and s.format > kind.newest]
    others = [s for s in segments if s.model not in (None, model) and s not in newer]
    told.left = len(newer) + len(others)
    if newer:
        say(
            f"note: {len(newer)} segments stay in {newer[0].path.parent}: expected lines of format "
            f"{kind.newest} at most, found {newer[0].format}; install the version that writes them"
        )
    if others:
        names = sorted({str(s.model) for s in others})
        say(
            f"note: {len(others)} segments stay in {others[0].path.parent}, which are of other "
            f"models than {model}: {', '.join(names)}; their own collect takes them (--use-case, "
            "--model)"
        )
    return [s for s in segments if s not in newer and s not in others]


def _unless_otherwise(segments: Sequence[Segment], say: Say) -> Iterator[Segment]:
    """The segments but for those that came before with another content, which are set aside."""
    for segment in segments:
        if came_otherwise(segment):
            place = set_aside(segment)
            say(
                f"note: {segment.name} was collected before with other lines; nothing of it is "
                f"inserted, and both are kept, this one as {place}"
            )
        else:
            yield as_erased(segment)


def _batches(segments: Iterator[Segment]) -> Iterator[list[Segment]]:
    """Segments in groups, so that one commit is of no more than Spark keeps at once."""
    batch: list[Segment] = []
    size = 0
    for segment in segments:
        if batch and (len(batch) == BATCH_SEGMENTS or size + segment.size > BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(segment)
        size += segment.size
    if batch:
        yield batch
