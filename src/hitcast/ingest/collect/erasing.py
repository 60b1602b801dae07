"""Erasing one unit: its lines, and what was said of them, from segments, tables and old versions.

The unit's prediction ids lead to its feedback; so feedback goes first, and a run that is killed
leaves the next one what it needs to go on. What an API closes meanwhile is gone through too. No
value that has to go stands in a statement, as tables keep these in their logs.
"""

import os
from dataclasses import dataclass

from hitcast.errors import LakehouseError
from hitcast.ingest.collect.asking import Lines
from hitcast.ingest.collect.collecting import TABLES, Logs
from hitcast.ingest.collect.keys import key_to_erase
from hitcast.ingest.collect.rewriting import drop_partial
from hitcast.ingest.collect.rounds import Rounds, ids_in, segments_in
from hitcast.ingest.collect.segments import held
from hitcast.ingest.progress import Say, silent
from hitcast.running.home import Home
from hitcast.running.log_files import COLLECTED, delete_delivered
from hitcast.running.unit_ids import VARIABLE, as_read_before, hashed, unit_in
from hitcast.tables.lakehouse import Lakehouse

ROUNDS = 5
"""So often segments are looked for that were closed meanwhile; later ones count as open."""


@dataclass(frozen=True)
class Erased:
    """What was erased, and what could not be.

    Attributes:
        inference_log: Rows of that table.
        feedback: Rows of that one.
        lines: Lines of segments.
        open: The unit's lines in segments that an API is writing, which stay.
    """

    inference_log: int
    feedback: int
    lines: int
    open: int


def erase(lakehouse: Lakehouse, home: Home, logs: Logs, unit: str, *, say: Say = silent) -> Erased:
    """Remove all lines of a unit, and the feedback on its predictions.

    Args:
        lakehouse: The use case's tables; those of others that the home holds stay as they are.
        home: Has the key of units, and names the model whose lines are erased.
        logs: Where the segments lie, of all use cases.
        unit: The unit's id as it was sent, read as the API reads it: without space around it.
        say: Told of what is done and what is left.

    Raises:
        LakehouseError: if no unit is named, there is no key or another than the log's, others are
            at it, or files can't be written.
    """
    named, model = _named(unit), home.model(lakehouse.use_case)
    key, raw = key_to_erase(home, logs.answers), as_read_before(named) | {named}
    hashes = {hashed(key, each) for each in raw}
    run = Rounds(lakehouse, logs, Lines("unit", hashes, {"unit_id": raw}, model), hashes)
    with lakehouse.alone(TABLES), held(logs.answers), held(logs.feedback):
        for folder in (logs.answers, logs.feedback):
            # What was brought elsewhere has to be erased there.
            delete_delivered(folder)
            for place in (folder, folder / COLLECTED):
                drop_partial(place)
        run.ids |= ids_in(lakehouse.inference_log, hashes)
        for number in range(ROUNDS):
            rows = run.erase(say)
            if rows or number == 0:
                # Also where nothing was found: a run before this may have been killed here.
                run.vacuum(say)
            if not run.missed():
                break
        found = Erased(run.rows, run.feedback, run.lines, run.left())
        others = Lines("unit", hashes, {"unit_id": raw}).count_in(segments_in(logs.answers))
    if others:
        say(
            f"note: {others} lines of this unit are of other models than {model}, and stay; erase "
            "it for their use cases too (--use-case, --model)"
        )
    if found == Erased(0, 0, 0, 0):
        say(
            "note: nothing of this unit was found; where there ought to be, the API may hash by "
            f"another key ({VARIABLE}, else {home.unit_key.name} in its home), or bring its log "
            "elsewhere (--from)"
        )
    return found


def _named(unit: str) -> str:
    """The unit that a command line names, by the rule of the API."""
    try:
        named = unit_in(os.fsencode(unit))
    except UnicodeEncodeError:
        named = None
    if named is None:
        raise LakehouseError(
            f"expected the id of a unit in UTF-8, as it was sent as X-Unit-Id, got {unit!r}"
        )
    return named
