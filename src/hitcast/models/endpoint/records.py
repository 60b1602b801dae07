"""What endpoint and version say of a deployment, as tags."""

from typing import Any

from hitcast.errors import EndpointError
from hitcast.models.endpoint.workspace import Served
from hitcast.models.registry import Registry
from hitcast.running.job import say

DEPLOYED_TAG = "hitcast.deployment"
"""Tag of a version: what became of its last deployment."""
VERSION, COMMIT, BEFORE = "hitcast_version", "hitcast_commit", "hitcast_before"
"""Tags of an endpoint: the version compared last, its commit, the version that served before."""
UNCOMPARED = "hitcast_uncompared"
"""Tag of an endpoint that was just created: its version has not been compared yet."""


class Records:
    """Tags of an endpoint and of the versions that come to it."""

    def __init__(self, served: Served, registry: Registry) -> None:
        self._served = served
        self._registry = registry

    def deployed(self, number: int, before: int | None) -> None:
        """Say that the endpoint serves a version, compared; where it is not said yet.

        Args:
            number: The version.
            before: The version that had the traffic until now; None leaves what is known.
        """
        tags = tags_of(self._served.settled())
        commit = self._registry.version(number).tags.get("git_commit", "unknown")
        wanted = {VERSION: str(number), COMMIT: commit}
        if before is not None:
            wanted[BEFORE] = str(before)
        add = {key: value for key, value in wanted.items() if tags.get(key) != value}
        remove = [UNCOMPARED] if UNCOMPARED in tags else []
        if add or remove:
            self._served.tag(add, remove)
        self._record(number, f"{self._served.name} serves it: it answers as its scorer")

    def refused(self, number: int, error: EndpointError) -> None:
        """Say on the version why it is not served; if that fails, the error counts for more."""
        from mlflow.exceptions import MlflowException

        try:
            self._record(number, f"{self._served.name} does not serve it: {error}")
        except MlflowException as second:
            say(f"the version's tag {DEPLOYED_TAG} could not be set: {second}")

    def _record(self, number: int, told: str) -> None:
        if self._registry.version(number).tags.get(DEPLOYED_TAG) != told:
            self._registry.tag(number, DEPLOYED_TAG, told)


def tags_of(found: Any) -> dict[str, str]:
    """The tags of an endpoint; none where there is no endpoint."""
    return {tag.key: tag.value or "" for tag in (found.tags or [] if found is not None else [])}
