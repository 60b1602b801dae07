"""What two models have to agree in to be compared: split, label rule, inputs.

It is stated, not hashed: whoever judges a model of another split can still tell which rows that
model was trained on.
"""

from collections.abc import Mapping
from typing import Any

from hitcast.declaration.use_case import UseCase

Fingerprint = Mapping[str, Any]
BY_KEY = "key"
"""The kind of a split by a hash of the key."""


def fingerprint_of(use_case: UseCase) -> dict[str, Any]:
    """Split, label rule and inputs of a use case, as JSON has them."""
    made = use_case.made_key
    return {
        "split": {
            "kind": BY_KEY,
            "key": use_case.key,
            # A key of that name that is made of other columns names other rows.
            "made_of": [c.name for c in use_case.key_parts],
            "normalised": list(made.normalise) if made else [],
            "salt": use_case.split.salt,
            "percent": use_case.split.test_percent,
        },
        "label": {"column": use_case.label.column, "at_least": use_case.label.at_least},
        "inputs": {c.name: c.type for c in use_case.features},
    }


def why_unknown(found: Fingerprint) -> str:
    """Why rows can't be read as a fingerprint has them; nothing where they can."""
    try:
        split, label = found["split"], found["label"]
        _ = split["key"], split["salt"], int(split["percent"]), found["inputs"]
        _ = label["column"], float(label["at_least"])
    except (KeyError, TypeError, ValueError):
        return "its card does not state split, label rule and inputs"
    if split.get("kind") != BY_KEY:
        return f"its card states a split of the kind {split.get('kind')!r}, which is unknown here"
    return ""


def why_incomparable(ours: Fingerprint, theirs: Fingerprint) -> str:
    """Why a model can't be compared with another; nothing where it can.

    Args:
        ours: The challenger's.
        theirs: The champion's; another salt or percentage is no hindrance.
    """
    told = why_unknown(theirs)
    if told:
        return told
    if ours["label"] != theirs["label"]:
        return f"it has another label rule: {_rule(theirs)}, not {_rule(ours)}"
    named = ("key", "made_of", "normalised")
    if any(ours["split"].get(n) != theirs["split"].get(n) for n in named):
        return "its rows have other keys, so nobody can tell which ones it was trained on"
    return ""


def _rule(found: Fingerprint) -> str:
    return f"{found['label']['column']} at least {found['label']['at_least']:g}"
