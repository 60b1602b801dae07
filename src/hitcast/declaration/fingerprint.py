"""What two models have to agree in to be compared: split, label rule, inputs.

It is stated, not hashed: whoever judges a model of another split can still tell which rows that
model was trained on.
"""

from collections.abc import Mapping
from typing import Any

from hitcast.declaration.columns import SPARK_TYPES
from hitcast.declaration.label import Label
from hitcast.declaration.sections import Split
from hitcast.declaration.use_case import UseCase

Fingerprint = Mapping[str, Any]
BY_KEY, CUT_OFF = "key", "cut_off"
"""The kinds of splits: by a hash of the key, by a column from a value on."""


def fingerprint_of(use_case: UseCase) -> dict[str, Any]:
    """Split, label rule and inputs of a use case, as JSON has them."""
    made, key = use_case.made_key, use_case.column(use_case.key)
    return {
        "split": {
            "key": use_case.key,
            # A key of that name that is made of other columns names other rows.
            "made_of": [c.name for c in use_case.key_parts],
            "normalised": list(made.normalise) if made else [],
            # The same values of another type have other hashes.
            "types": {c.name: c.spark_type for c in use_case.key_parts or (key,)},
            **_rule_of_split(use_case.split),
        },
        "label": use_case.label.rule,
        "inputs": {c.name: c.kind for c in use_case.features},
    }


def _rule_of_split(split: Split) -> dict[str, Any]:
    if split.by is not None:
        return {"kind": CUT_OFF, "by": split.by, "from": split.start}
    return {"kind": BY_KEY, "salt": split.salt, "percent": split.test_percent}


def why_unknown(found: Fingerprint) -> str:
    """Why rows can't be read as a fingerprint has them; nothing where they can."""
    try:
        split, label = found["split"], found["label"]
        _ = split["key"], found["inputs"], Label.of(label)
        kind = split.get("kind")
        if kind == BY_KEY:
            _ = split["salt"], int(split["percent"])
        elif kind == CUT_OFF:
            _ = split["by"], float(split["from"])
        else:
            return f"its card states a split of the kind {kind!r}, which is unknown here"
    except (KeyError, TypeError, ValueError):
        return "its card does not state split, label rule and inputs"
    return ""


def why_incomparable(ours: Fingerprint, theirs: Fingerprint) -> str:
    """Why a model can't be compared with another; nothing where it can.

    Args:
        ours: The challenger's.
        theirs: The champion's; another salt, percentage or cut-off is no hindrance.
    """
    told = why_unknown(theirs)
    if told:
        return told
    if ours["label"] != theirs["label"]:
        return f"it has another label rule: {_rule(theirs)}, not {_rule(ours)}"
    named = ("key", "made_of", "normalised")
    others = {n: t for n, t in _types_of(theirs).items() if n in _types_of(ours)}
    retyped = any(_types_of(ours)[name] != kind for name, kind in others.items())
    if retyped or any(ours["split"].get(n) != theirs["split"].get(n) for n in named):
        return "its rows have other keys, so nobody can tell which ones it was trained on"
    return ""


def _types_of(found: Fingerprint) -> Mapping[str, str]:
    """The types of what keys are made of, as far as a card tells: cards of old, by the inputs."""
    types: Mapping[str, str] | None = found["split"].get("types")
    return {n: SPARK_TYPES[t] for n, t in found["inputs"].items()} if types is None else types


def _rule(found: Fingerprint) -> str:
    return Label.of(found["label"]).told
