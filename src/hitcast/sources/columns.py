"""The columns of an extract beside those that are declared."""

from collections.abc import Sequence
from difflib import get_close_matches

from hitcast.declaration.use_case import UseCase
from hitcast.errors import SourceError
from hitcast.running.job import say
from hitcast.sources.disguise import listed, listed_if_known


def once_each(name: str, found: Sequence[str], expected: Sequence[str]) -> None:
    """Refuse an extract that has a declared column more than once.

    Raises:
        SourceError: with the columns.
    """
    twice = sorted({column for column in expected if found.count(column) > 1})
    if twice:
        raise SourceError(
            f"{name} has the columns {twice} more than once: expected {list(expected)}, "
            f"found {listed(found)}; remove or rename one"
        )


def check_columns(
    name: str,
    found: Sequence[str],
    use_case: UseCase,
    *,
    may_lack: Sequence[str] = (),
    are_names: bool = True,
) -> None:
    """Refuse an extract that lacks declared columns; note those that are not declared.

    Args:
        name: What the extract is called.
        found: Its columns.
        use_case: Says which are expected, and which carry nothing.
        may_lack: Declared columns that need not be there.
        are_names: Whether these are names for sure: a file without a header has values there, of
            which some may be declared names, but not half of them.

    Raises:
        SourceError: with the columns that it lacks, and those that may be what became of them.
    """
    expected, found = list(use_case.source_names), use_case.named(found)
    missing = [column for column in expected if column not in (*found, *may_lack)]
    known = {*expected, *use_case.source.ignored_columns}
    unknown = [column for column in found if column not in known]
    if missing:
        are_names |= 2 * len({*expected} & {*found}) >= len(expected)
        told = listed(found) if are_names else listed_if_known(found, expected)
        raise SourceError(
            f"{name} lacks the columns {missing}: expected {expected}, found {told}"
            f"{likenesses(missing, unknown, 'may be {0!r} here')}; rename columns in the file or "
            f"in conf/{use_case.name}.yml, or get another extract"
        )
    if unknown:
        alike = likenesses(unknown, expected, "is like the declared {0!r}")
        say(
            f"note: {name} has columns that are not declared, kept in bronze alone: "
            f"{listed(unknown)}{alike}"
        )


def likenesses(names: Sequence[str], others: Sequence[str], words: str) -> str:
    """What each name is like among others, where there is something: `; 'prize' may be …`."""
    told = ""
    by_small_letters = {other.casefold().strip(): other for other in reversed(others)}
    for name in names[:60]:
        near = get_close_matches(name.casefold().strip(), list(by_small_letters), 1, cutoff=0.7)
        if near:
            told += f"; {name!r} {words.format(by_small_letters[near[0]])}"
    return told
