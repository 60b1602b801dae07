"""Fields of JSON that somebody else wrote, each of the kind that is expected or refused."""

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any, TypeVar

Kind = TypeVar("Kind")
MOST = 1e15
"""Beyond, whole numbers are none any more, and pictures none."""


class UnreadableError(ValueError):
    """It is not what is expected; the text says what and where."""


def known(found: Any, name: str) -> Any:
    """A field that has to be there.

    Raises:
        UnreadableError: if it is not; as all functions here.
    """
    if not isinstance(found, Mapping):
        raise UnreadableError(f"expected an object with {name}, got {_kind(found)}")
    if name not in found:
        raise UnreadableError(f"{name} is missing")
    return found[name]


def text(found: Any, name: str) -> str:
    """A text."""
    return _of(str, found, name, "a text")


def flag(found: Any, name: str) -> bool:
    """True or false."""
    return _of(bool, found, name, "true or false")


def number(found: Any, name: str) -> float | None:
    """A number; None where nobody knows it."""
    value = known(found, name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise UnreadableError(f"{name}: expected a number, got {_kind(value)}")
    if isinstance(value, float) and not isfinite(value):
        return None
    if not abs(value) <= MOST:
        raise UnreadableError(f"{name}: expected a number up to {MOST:g}, got a larger one")
    return float(value)


def whole(found: Any, name: str) -> int | None:
    """The same of what is counted."""
    value = number(found, name)
    return None if value is None else round(value)


def named(found: Any, name: str) -> Mapping[str, Any]:
    """An object."""
    return _of(dict, found, name, "an object")


def listed(found: Any, name: str) -> Sequence[Any]:
    """A list."""
    return _of(list, found, name, "a list")


def texts(found: Any, name: str) -> Sequence[str]:
    """A list of texts."""
    return [text({name: one}, name) for one in listed(found, name)]


def _of(kind: type[Kind], found: Any, name: str, told: str) -> Kind:
    value = known(found, name)
    if not isinstance(value, kind):
        raise UnreadableError(f"{name}: expected {told}, got {_kind(value)}")
    return value


def _kind(value: Any) -> str:
    kinds = {dict: "an object", list: "a list", str: "a text", bool: "true or false"}
    return "null" if value is None else kinds.get(type(value), "a number")
