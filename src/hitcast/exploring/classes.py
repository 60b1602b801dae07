"""The classes that rows are told apart by: how tables, pictures and sentences name them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hitcast.declaration.use_case import UseCase
from hitcast.exploring.look import BLUE, COLOURS, GREY, VERMILION
from hitcast.exploring.words import counted

MOST = len(COLOURS)
"""So many classes get a colour and a name of their own; the others are told together."""
POSITIVE, OTHER = "positive", "other"


@dataclass(frozen=True)
class Kind:
    """One class.

    Attributes:
        number: The label that its rows have.
        key: Its column in tables: `positive` and `other` of two classes, `of_NAME` of more.
        name: What people call it.
    """

    number: int
    key: str
    name: str


@dataclass(frozen=True)
class Drawn:
    """What a picture gives one colour: a class, or all those that it does not name.

    Attributes:
        kinds: The classes.
        name: What stands in the legend.
        colour: Its colour.
    """

    kinds: tuple[Kind, ...]
    name: str
    colour: str

    @property
    def keys(self) -> list[str]:
        """The columns of its classes in tables."""
        return [kind.key for kind in self.kinds]


def kinds_of(use_case: UseCase) -> tuple[Kind, ...]:
    """Two classes, the positive one first; more of them in the order of their numbers."""
    names = use_case.label.names
    if len(names) > 2:
        return tuple(Kind(number, f"of_{name}", name) for number, name in enumerate(names))
    other, positive = names or (f"not {use_case.positive}", use_case.positive)
    return Kind(1, POSITIVE, positive), Kind(0, OTHER, other)


def drawn(kinds: Sequence[Kind], rows: Mapping[str, float]) -> list[Drawn]:
    """What gets which colour in a picture.

    Args:
        kinds: The classes.
        rows: How many rows each has, by its key: of many, the larger ones are named.

    Returns:
        In the order of `kinds`; last, where there are too many, the others together.
    """
    if len(kinds) == 2:
        colours = (VERMILION, BLUE)
        return [Drawn((k,), k.name, c) for k, c in zip(kinds, colours, strict=True)]
    ranked = sorted(kinds, key=lambda kind: -rows.get(kind.key, 0))
    named = [kind for kind in kinds if kind in ranked[:MOST]]
    found = [Drawn((k,), k.name, c) for k, c in zip(named, COLOURS, strict=False)]
    rest = tuple(kind for kind in kinds if kind not in named)
    if rest:
        found.append(Drawn(rest, counted(len(rest), "other class", "other classes"), GREY))
    return found
