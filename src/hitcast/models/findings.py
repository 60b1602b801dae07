"""What a decision rests on: what was found out about a challenger, and what was not."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from hitcast.models.comparing import Comparison


@dataclass(frozen=True)
class Trained:
    """The data that a version was trained on, as far as its tags tell.

    Attributes:
        table: The table's identity.
        version: The table's version.
        at: When that version was committed: seconds since 1970.
        generated: Whether its rows were generated.
    """

    table: str | None = None
    version: int | None = None
    at: float | None = None
    generated: bool = False

    def is_older_than(self, other: "Trained") -> bool | None:
        """Whether this is older data than the other; None where nobody knows."""
        if self.table == other.table and None not in (self.table, self.version, other.version):
            return (self.version or 0) < (other.version or 0)
        if self.at is None or other.at is None:
            return None
        return self.at < other.at


@dataclass(frozen=True)
class Parity:
    """How far a version's scorer is from its Spark model on the test rows.

    Attributes:
        difference: The largest difference of a probability.
        family: Decides how large it may be.
    """

    difference: float
    family: str


@dataclass(frozen=True)
class Champion:
    """The version in production: its number and its data."""

    version: int
    trained: Trained


@dataclass(frozen=True)
class Evidence:
    """What was found out about a challenger.

    Attributes:
        metric: What it has to be better in.
        scores: Its metrics on the test rows; empty where it could not be scored.
        trained: Its data.
        parity: As its training measured it; None: nobody did.
        champion: The version in production; None: there is none.
        comparison: Of the two on the same rows; None: there is none, `incomparable` says why.
        tries: Versions that were trained on the same data, this one among them.
        incomparable: Why it can't be judged, or not be compared with the champion.
        passing: Whether that may pass by itself, as what a network is the cause of.
        trial: What an experiment on live traffic has shown, in which it was better than the
            champion; empty: there was none.
    """

    metric: str
    scores: Mapping[str, float] = field(default_factory=dict)
    trained: Trained = Trained()
    parity: Parity | None = None
    champion: Champion | None = None
    comparison: Comparison | None = None
    tries: int = 1
    incomparable: str = ""
    passing: bool = False
    trial: str = ""
