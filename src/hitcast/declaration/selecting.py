"""How much of a vector a candidate keeps: `select` and `pca`, of which a search tries some values.

`select` is `none` or one of `variance:0.01` (those that vary by more), `frequency:5000` (so many,
those that are 0 in the fewest rows: of words, the most common ones), `chi_square:20` and
`importance:20` (so many); `pca` is a number of components, 0 for none.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

Ground = Literal["variance", "frequency", "chi_square", "importance"]
GROUNDS: tuple[Ground, ...] = ("variance", "frequency", "chi_square", "importance")
SELECT, PCA, NONE = "select", "pca", "none"
REDUCING = (SELECT, PCA)


@dataclass(frozen=True)
class Selection:
    """Which features are kept.

    Attributes:
        ground: On which ground.
        limit: The variance that is not enough, or how many are kept.
    """

    ground: Ground
    limit: float

    @classmethod
    def of(cls, told: object) -> "Selection | None":
        """What a text such as `importance:20` says; None for `none`.

        Raises:
            ValueError: if it says nothing of that kind.
        """
        ground, _, limit = str(told).partition(":")
        if told == NONE:
            return None
        for name in GROUNDS:
            if name == ground and _is_limit(name, limit):
                return cls(name, float(limit))
        raise ValueError(
            "select is none, variance:0.01, frequency:20, chi_square:20 or importance:20, with "
            f"other numbers; got {told!r}"
        )


def components_of(told: object) -> int:
    """How many principal components a value of `pca` says; 0: none.

    Raises:
        ValueError: if it is no whole number from 0 on.
    """
    if isinstance(told, bool) or not isinstance(told, int | float) or told < 0 or told % 1:
        raise ValueError(f"pca is a whole number of components, 0 for none; got {told!r}")
    return int(told)


def check_reducing(values: Mapping[str, Iterable[object]]) -> None:
    """Refuse values of `select` and `pca` that mean nothing.

    Args:
        values: Hyperparameters, with all values that each may have.

    Raises:
        ValueError: with the first such value.
    """
    for value in values.get(SELECT, ()):
        Selection.of(value)
    for value in values.get(PCA, ()):
        components_of(value)


def _is_limit(ground: Ground, text: str) -> bool:
    try:
        number = float(text)
    except ValueError:
        return False
    if ground == "variance":
        return 0 <= number < float("inf")
    return number >= 1 and number % 1 == 0
