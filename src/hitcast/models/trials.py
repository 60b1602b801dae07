"""What an experiment on live traffic says about versions, read from the report of it."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hitcast.errors import RegistryError
from hitcast.models.registry import PRODUCTION
from hitcast.running.home import Home


@dataclass(frozen=True)
class Trial:
    """A version that was better than another on live traffic.

    Attributes:
        experiment: The experiment's name.
        version: The version that was better.
        control: The one that it was compared with.
        told: That in words, with figures.
        at: Until when it was seen, in ISO 8601.
    """

    experiment: str
    version: int
    control: int
    told: str
    at: str

    def require_champion(self, champion: int | None) -> None:
        """See that the version in production is the one that was compared with, or the winner.

        Raises:
            RegistryError: if it is neither: nothing is known of the two then.
        """
        if champion not in (self.control, self.version):
            raise RegistryError(
                f"experiment {self.experiment} compared version {self.version} with version "
                f"{self.control}, and {PRODUCTION} is version {champion} now; compare it with "
                "that one, in another experiment"
            )

    def require_not_taken_back(self, moves: Iterable[Mapping[str, Any]]) -> None:
        """See that nobody has taken the winner out of production since it was seen to be better.

        Args:
            moves: Rows of `alias_history`.

        Raises:
            RegistryError: if somebody has: what was known then speaks no more for it.
        """
        until = datetime.fromisoformat(self.at)
        for move in moves:
            was = move["alias"] == PRODUCTION and move["from_version"] == self.version
            if was and move["to_version"] != self.version and move["at"] > until:
                raise RegistryError(
                    f"version {self.version} was taken out of production at {move['at']:%F %R} UTC "
                    f"({move['why'] or move['decision']}), after what the report of experiment "
                    f"{self.experiment} is of; try it in another experiment, or set it by hand "
                    "(--version, --alias, --why)"
                )


def trial_of(home: Home, use_case: str, experiment: str) -> Trial:
    """The version that has won an experiment.

    Args:
        home: Where the report is.
        use_case: Whose versions they are.
        experiment: Its name.

    Raises:
        RegistryError: if there is no report, or it names no version that is better, or several.
    """
    path = home.experiment_reports(use_case) / f"{experiment}.json"
    try:
        found: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise RegistryError(
            f"expected the report of experiment {experiment!r} at {path}, found none; run "
            f"jobs/collect.py, then jobs/experiment.py --name {experiment}"
        ) from None
    winners = list(found["winners"])
    if len(winners) != 1:
        said = f"{winners} are all better" if winners else f"says {found['verdict']}"
        raise RegistryError(
            f"expected one version that is better in experiment {experiment}, its report of "
            f"{found['at']} {said} ({'; '.join(found['reasons'])}); {_advice(experiment, winners)}"
        )
    arms = found["arms"]
    winner, control = arms[winners[0]], arms[found["control"]]
    version, other = _only_version(winner, experiment), _only_version(control, experiment)
    told = (
        f"better on live traffic: experiment {experiment} until {found['at']}, {found['units']} "
        f"units, version {version} beside version {other}: {winner['reason']}"
    )
    return Trial(experiment, version, other, told, str(found["at"]))


def _advice(experiment: str, winners: list[str]) -> str:
    if winners:
        return "choose one with --version N --alias production --why TEXT"
    return f"collect more and run jobs/experiment.py --name {experiment} again"


def _only_version(arm: Mapping[str, Any], experiment: str) -> int:
    """The version that answered as an arm.

    Raises:
        RegistryError: if there were several.
    """
    versions = list(arm["versions"])
    if len(versions) != 1:
        raise RegistryError(
            f"expected one version in arm {arm['alias']} of experiment {experiment}, got {versions}"
        )
    return int(versions[0])
