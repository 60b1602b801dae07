"""What messages may show of a file: names that are known, and of the rest how long it is.

Logs go further than tables do. A length and a hash tell equal texts apart from others, and nobody
reads what they were.
"""

from collections.abc import Collection, Sequence
from difflib import get_close_matches
from hashlib import sha256


def hashed(text: str | bytes) -> str:
    """A text, or bytes, by length and hash alone: `11 characters #b94d27b9`."""
    kind, raw = ("bytes", text) if isinstance(text, bytes) else ("characters", text.encode())
    return f"{len(text):,} {kind} #{sha256(raw).hexdigest()[:8]}"


def listed(names: Sequence[str]) -> str:
    """Names as they are listed in an error: a file that is no CSV may have a very long one."""
    clipped = [name if len(name) <= 40 else name[:40] + "..." for name in names]
    return str(clipped if len(clipped) <= 60 else [*clipped[:60], "..."])


def listed_if_known(found: Sequence[str], known: Collection[str]) -> str:
    """Names of which nobody knows that they are names: known ones alone, and those like them."""
    folded = [name.casefold().strip() for name in known]
    likely = [
        name
        for name in found
        if name and get_close_matches(name.casefold().strip(), folded, 1, cutoff=0.7)
    ]
    others = len(found) - len(likely)
    if not likely:
        return f"none of them among {others:,} fields"
    return f"{listed(likely)} and {others:,} others" if others else listed(likely)
