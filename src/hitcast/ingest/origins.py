"""Sources that extracts were shown of, against those that conf declares now."""

from collections import Counter

from hitcast.declaration.use_case import UseCase
from hitcast.ingest.progress import Say
from hitcast.ingest.showings import Log


def tell_undeclared(log: Log, use_case: UseCase, say: Say) -> None:
    """Say which extracts are of no source that is declared: of those rows, others' win.

    So it is after a source was renamed or taken away, and for what came before there were several.
    """
    if not use_case.sources:
        return
    declared = {s.checksum for s in log.showings if s.origin in use_case.sources}
    others = Counter(s.origin for s in log.showings if s.checksum not in declared)
    if others:
        told = ", ".join(f"{name or 'none'}: {number:,}" for name, number in others.items())
        say(
            f"note: {others.total():,} extracts are of sources that conf/{use_case.name}.yml does "
            f"not declare ({told}), so rows of {list(use_case.sources)} win over theirs; declare "
            "the name again, or ingest their files again as of another: --source NAME"
        )
