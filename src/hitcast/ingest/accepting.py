"""What a person lets pass: a gate, and which of several extracts that is for.

A person has looked at one extract and accepts what a gate finds in it. So a gate alone, `GATE`, is
for one extract and no more; which one it is of several says `GATE=FILE`, by the name of the file or
the end of its path, and where files of one name were shown on several days `GATE=FILE@DAY`.
"""

import shlex
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import PurePath

from hitcast.declaration.sections import Gate
from hitcast.declaration.use_case import UseCase
from hitcast.errors import SourceError
from hitcast.ingest.gates import GATES
from hitcast.ingest.progress import Say

Shown = tuple[str, date | None]
"""A name and a day, as that of which the content was shown; None: nobody asks for the day."""
Content = tuple[str, str, date | None]
"""The same with the checksum before it."""


@dataclass(frozen=True)
class Accept:
    """A gate that an extract may fail.

    Attributes:
        gate: Its name.
        file: Which extract; empty where there can be but one.
    """

    gate: str
    file: str = ""

    def fits(self, name: str, day: date | None) -> bool:
        """Whether it is for the extract of that name and day."""
        return not self.file or any(_ends(full, self.file) for full in (name, f"{name}@{day}"))


def add_accept_option(parser: ArgumentParser) -> None:
    """Add the option that lets extracts pass."""
    parser.add_argument(
        "--accept",
        action="append",
        type=_checked,
        default=[],
        metavar="GATE[=FILE]",
        help="let one extract pass a gate, whatever it finds; of several that of this name, or end "
        f"of its path; repeatable: {', '.join(GATES)}",
    )


def tell_idle(texts: Collection[str], use_case: UseCase, say: Say) -> None:
    """Say which gates are accepted that refuse nothing, as conf has them."""
    for gate in dict.fromkeys(accept.gate for accept in accepts_of(texts)):
        declared: Gate | None = getattr(use_case.gates, gate)
        if declared is None or declared.level != "error":
            found = "no such gate" if declared is None else "it at level warn"
            say(
                f"note: --accept {gate} has no effect: conf/{use_case.name}.yml has {found}, so it "
                "refuses nothing"
            )


def accepts_of(texts: Collection[str]) -> list[Accept]:
    """Read `GATE` and `GATE=FILE`.

    Raises:
        SourceError: if there is no such gate, or a file is expected and none is named.
    """
    found = []
    for text in texts:
        gate, sign, file = text.partition("=")
        if gate not in GATES or (sign and not file):
            raise SourceError(
                f"expected --accept GATE or GATE=FILE, with one of {list(GATES)}; got {text!r}"
            )
        found.append(Accept(gate, file))
    return found


def gates_for(texts: Collection[str], name: str, day: date | None) -> list[str]:
    """The gates that the extract of that name and day may fail."""
    return [accept.gate for accept in accepts_of(texts) if accept.fits(name, day)]


def gates_for_any(texts: Collection[str]) -> list[str]:
    """The gates that are accepted without a word on whose."""
    return [accept.gate for accept in accepts_of(texts) if not accept.file]


def refuse_unclear(
    texts: Collection[str], at_hand: Collection[Content], known: Collection[Content] = ()
) -> None:
    """Refuse files that are not one content among those at hand.

    Args:
        texts: What is accepted.
        at_hand: What may profit; of one content there may be several.
        known: What needs no accepting any more: naming it has no effect, as a run again has none.

    Raises:
        SourceError: with those that there are.
    """
    for accept in accepts_of(texts):
        fits = {checksum for checksum, name, day in at_hand if accept.fits(name, day)}
        is_known = any(accept.fits(name, day) for _, name, day in known)
        if accept.file and (len(fits) > 1 or not (fits or is_known)):
            names = [name if day is None else f"{name}@{day}" for _, name, day in at_hand or known]
            found = "none of them" if not fits else f"{len(fits)}; give more of its path, or @DAY"
            raise SourceError(
                f"expected --accept {accept.gate}={accept.file} to name one of {names[:20]}, by "
                f"its name or the end of its path; found {found}"
            )


def accept_words(
    gates: Sequence[str], name: str, day: date | None, *, among: Collection[Shown]
) -> str:
    """The options that let one of several extracts pass, by as little as tells it apart."""
    rest = [other for other in among if other != (name, day)]
    file = f"{name}@{day}"
    for size in range(1, len(PurePath(name).parts) + 1):
        tail = str(PurePath(*PurePath(name).parts[-size:]))
        if not any(Accept("", tail).fits(*other) for other in rest):
            file = tail
            break
    return " ".join(
        "--accept " + (shlex.quote(f"{gate}={file}") if rest else gate) for gate in gates
    )


def _checked(text: str) -> str:
    try:
        accepts_of([text])
    except SourceError as error:
        raise ArgumentTypeError(str(error)) from None
    return text


def _ends(full: str, end: str) -> bool:
    parts = PurePath(end).parts
    return full == end or PurePath(full).parts[-len(parts) :] == parts
