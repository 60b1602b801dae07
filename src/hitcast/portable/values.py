"""Values as people hand them in, made into what a scorer's graph takes."""

from collections.abc import Sequence
from numbers import Real
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from hitcast.errors import ScorerInputError
from hitcast.portable.card import InputColumn

if TYPE_CHECKING:
    import pandas as pd

Values: TypeAlias = Sequence[Any] | NDArray[Any]

# What numpy makes doubles of without being asked twice; None becomes NaN.
PLAIN = {float, int, type(None)}


def values_of(column: "pd.Series") -> Values:
    """The values of a pandas column as a scorer takes them: numbers as an array, None for null."""
    if column.dtype.kind not in "fiub":
        values = column.astype(object)
        return values.where(values.notna(), None).tolist()
    if isinstance(column.dtype, np.dtype):
        return column.to_numpy()
    # One of pandas' own types, which have nulls of their own.
    return column.to_numpy(dtype=np.float64, na_value=np.nan)


def as_numbers(column: InputColumn, values: Values) -> NDArray[np.float64]:
    """A column's numbers as doubles, None as NaN; other types are refused."""
    if isinstance(values, np.ndarray) and values.dtype.kind in "fiub":
        return values.astype(np.float64)
    kinds = set(map(type, values))
    wrong = [k.__name__ for k in kinds - PLAIN if not issubclass(k, Real) or issubclass(k, bool)]
    if not wrong:
        try:
            return np.array(values, dtype=np.float64)
        except OverflowError:
            wrong = ["a whole number beyond the range of doubles"]
    raise _wrong_type(column, "numbers", wrong)


def as_texts(column: InputColumn, values: Values) -> list[str | None]:
    """A column's texts, NaN as None; other types are refused."""
    if set(map(type, values)) == {str}:
        return list(values)
    # NaN, which is not equal to itself, is how pandas writes null among texts.
    texts = [None if value is None or value != value else value for value in values]
    wrong = {type(text).__name__ for text in texts if not isinstance(text, str | None)}
    if wrong:
        raise _wrong_type(column, "texts", sorted(wrong))
    return texts


def _wrong_type(column: InputColumn, expected: str, kinds: Sequence[str]) -> ScorerInputError:
    return ScorerInputError(
        f"column {column.name!r} has to hold {expected}; it holds {', '.join(sorted(kinds))}. "
        "Convert the values."
    )
