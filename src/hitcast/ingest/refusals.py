"""What is said of extracts that gates refuse: why, what their lines are like, what to do."""

from collections.abc import Collection, Sequence

from pyspark.sql import DataFrame

from hitcast.declaration.use_case import UseCase
from hitcast.errors import GateError, RefusedError
from hitcast.ingest.accepting import Shown, accept_words, gates_for, gates_for_any
from hitcast.ingest.bronze import lines_of
from hitcast.ingest.examples import commonest, example_lines
from hitcast.ingest.line_numbers import line_number
from hitcast.ingest.quality import Judgement
from hitcast.ingest.showings import Showing
from hitcast.tables.delta import Table

MOST = 3
"""How many refused extracts are told of where all of bronze is."""


def named(showing: Showing) -> str:
    """A showing, for people."""
    return f"{showing.source_file} of {showing.day}"


def refusal(
    judgement: Judgement, lines: DataFrame, bronze: Table, use_case: UseCase
) -> RefusedError:
    """Why the extract at hand is refused, with examples of its lines.

    Args:
        judgement: Of that extract.
        lines: Parsed lines, its own among them.
        bronze: The table that its lines are numbered by.
        use_case: Columns and rules.
    """
    by_rule, told = judgement.tally.by_rule, _why(judgement)
    if by_rule:
        rules = ", ".join(commonest(by_rule, use_case))
        checksum = judgement.showing.checksum
        number = line_number(lines_of(bronze, [checksum]))
        shown = example_lines(lines, checksum, by_rule, use_case, number)
        told = f"{told}; broken most: {rules}; such as {' | '.join(shown)}"
    gates = _gates(judgement)
    accepted = " ".join(f"--accept {gate}" for gate in gates)
    advice = (
        f"bronze has its lines and nothing else has changed: mend the file, or "
        f"conf/{use_case.name}.yml, and ingest it again (--from-bronze is enough where rules of "
        "columns are changed; what source says of the file is taken when it is ingested), or let "
        f"it in as it is by {accepted}"
    )
    return RefusedError(told, advice, gates)


def refuse_several(judged: Sequence[Judgement], accept: Collection[str]) -> None:
    """Refuse to let more than one extract of bronze pass by a gate that was accepted for one.

    Args:
        judged: All that were judged.
        accept: Gates, `GATE` or `GATE=FILE`.

    Raises:
        GateError: with those that would pass, and how to say which.
    """
    for gate in dict.fromkeys(gates_for_any(accept)):
        own = [text for text in accept if text != gate]
        helped = [
            j
            for j in judged
            if gate in j.verdict.accepted
            and gate not in gates_for(own, j.showing.source_file, j.showing.day)
        ]
        if len({j.showing.checksum for j in helped}) > 1:
            shown = _shown(judged)
            raise GateError(
                f"expected --accept {gate} to let one extract pass, found {len(helped)} that it "
                f"would; nothing has changed: say which, by {_some(helped, shown, [gate])}"
            )


def nobody_let_in(judged: Sequence[Judgement], where: str, use_case: UseCase) -> GateError:
    """That all extracts of bronze are refused, and by which gates."""
    why = "; ".join(map(_why, judged[:MOST]))
    more = f"; and {len(judged) - MOST} more" if len(judged) > MOST else ""
    shown = _shown(judged)
    return GateError(
        f"expected an extract that gates let in, in {where}, found none: {why}{more}; let one in "
        f"by {_some(judged, shown)}, or change gates in conf/{use_case.name}.yml; where source is "
        "wrong there, correct it and ingest the file itself again"
    )


def left_out(judged: Sequence[Judgement]) -> str:
    """How many extracts of bronze were judged and stay out, and how to let one in."""
    shown = _shown(judged)
    return f"note: {len(judged):,} left out; let one in by --from-bronze {_some(judged, shown)}"


def _some(
    judged: Sequence[Judgement], shown: Collection[Shown], gates: Sequence[str] | None = None
) -> str:
    """The options that let one of some extracts pass: of the first few."""
    options = [
        accept_words(gates or _gates(j), j.showing.source_file, j.showing.day, among=shown)
        for j in judged
    ]
    return " or ".join(options[:MOST]) + (" or …" if len(options) > MOST else "")


def _shown(judged: Sequence[Judgement]) -> list[Shown]:
    return [(j.showing.source_file, j.showing.day) for j in judged]


def _why(judgement: Judgement) -> str:
    findings = judgement.verdict.with_outcome("refused")
    told = "; ".join(f"expected {f.told} (gate {f.gate})" for f in findings)
    return f"{named(judgement.showing)} is refused: {told}"


def _gates(judgement: Judgement) -> list[str]:
    return [f.gate for f in judgement.verdict.with_outcome("refused")]
