"""Deployments that are killed at each of their calls in turn, and run again."""

from contextlib import suppress
from itertools import count
from typing import Any

import pytest
from databricks.sdk._base_client import _BaseClient
from databricks.sdk.errors import DatabricksError

from hitcast.errors import EndpointError
from tests.deployments import Deployed
from tests.models.test_endpoint import off_by
from tests.serving_endpoints import ServingEndpoints

pytestmark = pytest.mark.nightly


def killed_at(
    monkeypatch: pytest.MonkeyPatch, deployed: Deployed, call: int, *, heard: bool
) -> bool:
    """Bring version 2, killed at a call, which the workspace has heard or not; whether it was."""
    perform = _BaseClient._perform
    left = iter(range(call, -1, -1))

    def dying(*words: Any, **more: Any) -> Any:
        if next(left) > 0:
            return perform(*words, **more)
        if heard:
            with suppress(DatabricksError):
                perform(*words, **more)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(_BaseClient, "_perform", dying)
        try:
            deployed.bring(2)
        except KeyboardInterrupt:
            return True
        except EndpointError:
            return False
    return False


@pytest.mark.parametrize("heard", [False, True])
@pytest.mark.parametrize("served", [{}, {1: 100}])
@pytest.mark.parametrize("right", [True, False])
def test_a_killed_run_is_made_up_for_and_no_traffic_goes_to_what_was_not_compared(
    deployed: Deployed,
    monkeypatch: pytest.MonkeyPatch,
    served: dict[int, int],
    right: bool,
    heard: bool,
) -> None:
    for call in count():
        deployed.workspace.serving = ServingEndpoints(deployed.serving.folder)
        if served:
            deployed.serve(served)
        if not right:
            deployed.serving.spoiled["2"] = off_by(0.1)
        if not killed_at(monkeypatch, deployed, call, heard=heard):
            break
        if right:
            assert deployed.bring(2).action in ("created", "moved", "unchanged")
            assert deployed.events[-1].startswith("ask 2")
            assert deployed.endpoint()["tags"]["hitcast_version"] == "2"
            assert "hitcast_uncompared" not in deployed.endpoint()["tags"]
        else:
            with pytest.raises(EndpointError):
                deployed.bring(2)
            # Left with what served before, or without an endpoint.
            assert bool(deployed.serving.endpoints) == bool(served)
        _check(deployed.events, first=not served, right=right)
    assert call > 3


def _check(events: list[str], *, first: bool, right: bool) -> None:
    """No event gives traffic to version 2 before it was compared, or to a wrong one at all."""
    for place, event in enumerate(events):
        if first or not event.startswith("serves") or "2:100" not in event:
            continue
        assert right, events
        assert "ask 2 alone" in events[:place], events
