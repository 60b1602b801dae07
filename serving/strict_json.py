"""JSON as the API takes it: one value, no duplicate keys, nothing that JSON does not have."""

import json
from typing import Any

import orjson


class BadJsonError(ValueError):
    """A body that is not what it should be; `field` names the key, where one is to blame."""

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


def read_json(body: bytes) -> Any:
    """Parse a body; keys that stand twice are refused, NaN and infinities are let through.

    The last are for the model of the request to refuse, which knows the field's name.

    Raises:
        BadJsonError: if the body is not one JSON value in UTF-8.
    """
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError:
        return _read_slowly(body)
    # Every key has a colon after it: with no more colons than distinct keys, none stands twice.
    colons = body.count(b":")
    if colons == _keys(found) or colons == _keys_below(found):
        return found
    return _read_slowly(body)


def _keys(value: Any) -> int:
    """Distinct keys of a row, of a batch of rows, or of one object in another."""
    if not isinstance(value, dict):
        return 0
    count = len(value)
    for part in value.values():
        if isinstance(part, list):
            count += sum(len(item) for item in part if isinstance(item, dict))
        elif isinstance(part, dict):
            count += len(part)
    return count


def _keys_below(value: Any, depth: int = 4) -> int:
    """Distinct keys of objects in objects and in lists that begin with one; others are left out."""
    if isinstance(value, dict):
        count, parts = len(value), value.values()
    else:
        count, parts = 0, value
    if depth:
        for part in parts:
            kind = type(part)
            if kind is dict or (kind is list and part and type(part[0]) is dict):
                count += _keys_below(part, depth - 1)
    return count


def _read_slowly(body: bytes) -> Any:
    try:
        return json.loads(body, object_pairs_hook=_unique)
    except BadJsonError:
        raise
    except RecursionError:
        raise BadJsonError("expected a flat object, got one nested too deeply") from None
    except UnicodeDecodeError:
        raise BadJsonError("expected JSON in UTF-8, got bytes that are not UTF-8") from None
    except json.JSONDecodeError as error:
        raise BadJsonError(
            f"expected JSON, got something else at character {error.pos}: {error.msg}"
        ) from None
    except ValueError:
        raise BadJsonError("expected JSON numbers of a sensible length") from None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise BadJsonError("expected each key once, got it more than once", field=twice[:100])
    return found
