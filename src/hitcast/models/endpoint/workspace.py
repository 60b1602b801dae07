"""One serving endpoint of a Databricks workspace, through the SDK.

What goes wrong is told as an `EndpointError`, in one line; the SDK's own waiter waits for updates.
"""

import time
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from hitcast.errors import EndpointError
from hitcast.models.endpoint.layout import Layout
from hitcast.models.endpoint.trouble import BusyError, SlowError, line, plainly
from hitcast.running.job import say

PATIENCE = 600.0
"""Seconds to wait for a first answer: what sleeps takes minutes to wake up."""
REQUEST = 300
"""Seconds that one call may take: Databricks ends an answer after 297."""
RETRIES = 60
"""Seconds for which the SDK itself repeats a call that was turned away."""


class Served:
    """An endpoint by name; all calls together have `seconds`, until `allow` gives more.

    Raises:
        EndpointError: if there is no workspace to call.
    """

    def __init__(self, name: str, seconds: float) -> None:
        from databricks.sdk import WorkspaceClient
        from databricks.sdk.config import Config

        self.name = name
        self._told = ""
        self.allow(seconds)
        try:
            config = Config(http_timeout_seconds=REQUEST, retry_timeout_seconds=RETRIES)
            self._client = WorkspaceClient(config=config)
        except ValueError as error:
            raise EndpointError(
                f"expected a Databricks workspace to call, got: {line(error)}; run this job as a "
                "task there, or sign in first: databricks auth login"
            ) from None
        self._api = self._client.serving_endpoints

    def allow(self, seconds: float) -> None:
        """Give what follows this many seconds."""
        self._until = time.monotonic() + seconds

    def settled(self) -> Any:
        """The endpoint, once no update of it is in progress; None where there is none.

        Raises:
            SlowError: if the update goes on beyond the time.
        """
        from databricks.sdk.errors import NotFound, OperationFailed
        from databricks.sdk.service.serving import EndpointStateConfigUpdate

        with plainly(self.name, "to be told"):
            try:
                found = self._api.get(self.name)
            except NotFound:
                return None
            if found.state.config_update != EndpointStateConfigUpdate.IN_PROGRESS:
                return found
            try:
                return self._api.wait_get_serving_endpoint_not_updating(
                    self.name, timeout=timedelta(seconds=self._left()), callback=self._tell
                )
            except OperationFailed:
                return self._api.get(self.name)
            except TimeoutError:
                raise SlowError(
                    f"expected the update of {self.name} to end in time, got one that goes on; "
                    "run the job again, which waits for it and goes on, or give more --seconds"
                ) from None

    def create(self, layout: Layout, tags: Mapping[str, str]) -> Any:
        """Make the endpoint, and wait until it is ready.

        Raises:
            BusyError: if it is there already.
            EndpointError: if it fails, or does not get ready in time.
        """
        from databricks.sdk.errors import ResourceConflict
        from databricks.sdk.service.serving import EndpointCoreConfigInput

        with plainly(self.name, "to be created"):
            try:
                config = EndpointCoreConfigInput(name=self.name, **layout.arguments())
                self._api.create(self.name, config=config, tags=_tags(tags))
            except ResourceConflict as error:
                raise BusyError(f"{self.name} was made meanwhile: {line(error)}") from None
        return self._ready(layout)

    def change(self, layout: Layout) -> Any:
        """Let the endpoint serve `layout`, and wait until it does; until then, all stays as it is.

        Raises:
            BusyError: if another update is in progress.
            EndpointError: if the update fails, or does not get ready in time.
        """
        from databricks.sdk.errors import ResourceConflict

        with plainly(self.name, "to be updated"):
            try:
                self._api.update_config(self.name, **layout.arguments())
            except ResourceConflict as error:
                raise BusyError(f"{self.name} is being updated: {line(error)}") from None
        return self._ready(layout)

    def ask(self, rows: Sequence[Mapping[str, Any]], entity: str | None = None) -> list[Any]:
        """The endpoint's answers to rows, or those of one entity, whatever its traffic.

        Raises:
            EndpointError: if it refuses, or gives no answer in time.
        """
        from databricks.sdk import errors

        # Asleep, starting, or out of order for the moment; a model's own errors are told with 400.
        passing = (errors.TemporarilyUnavailable, errors.DeadlineExceeded, errors.InternalError)
        until = min(self._until, time.monotonic() + PATIENCE)
        pause = 1.0
        with plainly(self.name, "to answer"):
            while True:
                try:
                    return self._answers(rows, entity)
                except (*passing, errors.TooManyRequests, TimeoutError) as error:
                    if time.monotonic() + pause > until:
                        raise
                    say(f"no answer yet, it may be starting: {line(error)}")
                time.sleep(pause)
                pause = min(2 * pause, 30.0)

    def tag(self, add: Mapping[str, str], remove: Sequence[str] = ()) -> None:
        """Set and remove tags of the endpoint."""
        with plainly(self.name, "to be tagged"):
            self._api.patch(self.name, add_tags=_tags(add), delete_tags=list(remove))

    def delete(self) -> None:
        """Remove the endpoint."""
        with plainly(self.name, "to be deleted"):
            self._api.delete(self.name)

    def _answers(self, rows: Sequence[Mapping[str, Any]], entity: str | None) -> list[Any]:
        records = [dict(row) for row in rows]
        if entity is None:
            return list(self._api.query(self.name, dataframe_records=records).predictions or [])
        # The SDK has no call for one entity, but Databricks documents its path.
        path = f"/serving-endpoints/{self.name}/served-models/{entity}/invocations"
        body = {"dataframe_records": records}
        return list(self._client.api_client.do("POST", path, body=body).get("predictions") or [])

    def _ready(self, layout: Layout) -> Any:
        from databricks.sdk.service.serving import EndpointStateConfigUpdate, EndpointStateReady

        while True:
            found = self.settled()
            if found is None:
                raise BusyError(f"{self.name} was deleted meanwhile")
            if found.state.config_update != EndpointStateConfigUpdate.NOT_UPDATING:
                raise EndpointError(
                    f"expected the update of {self.name} to succeed, got "
                    f"{found.state.config_update.value}: {_why(found)}; see its events and logs"
                )
            if Layout.of(found.config).shares != layout.shares:
                raise BusyError(f"{self.name} was changed meanwhile by somebody else")
            if found.state.ready == EndpointStateReady.READY:
                return found
            if self._left() <= 0:
                raise SlowError(f"expected {self.name} to get ready in time; run the job again")
            time.sleep(min(10.0, self._left()))

    def _left(self) -> float:
        return max(0.0, self._until - time.monotonic())

    def _tell(self, found: Any) -> None:
        pending = found.pending_config or found.config
        parts = [
            f"{e.name} {e.state.deployment.value if e.state and e.state.deployment else ''}".strip()
            for e in (pending.served_entities or [] if pending else [])
        ]
        told = f"{self.name}: update in progress ({', '.join(parts)})"
        # Asked every ten seconds, for half an hour.
        if told != self._told:
            say(told)
        self._told = told


def _tags(tags: Mapping[str, str]) -> list[Any]:
    from databricks.sdk.service.serving import EndpointTag

    return [EndpointTag(key=key, value=value) for key, value in tags.items()]


def _why(found: Any) -> str:
    """What the entities of a failed update say."""
    pending = found.pending_config or found.config
    states = [e.state for e in (pending.served_entities or [] if pending else []) if e.state]
    told = [
        " ".join(s.deployment_state_message.split()) for s in states if s.deployment_state_message
    ]
    return "; ".join(told) or "no reason was given"
