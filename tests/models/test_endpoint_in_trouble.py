"""Deployments where the workspace is slow, asleep, busy or forbids it."""

from typing import Any

import pytest

from hitcast.errors import EndpointError
from hitcast.models.endpoint.workspace import Served
from tests.deployments import ENDPOINT, MODEL, Deployed
from tests.models.test_endpoint import MOVED
from tests.serving_endpoints import config_of


def test_an_endpoint_that_sleeps_is_asked_until_it_wakes_up(deployed: Deployed) -> None:
    deployed.serve({1: 100})
    deployed.serving.asleep = [504, 503, 504, 500]
    assert deployed.bring(2).action == "moved"
    assert deployed.events == MOVED


def test_an_endpoint_that_never_wakes_up_is_given_up(deployed: Deployed) -> None:
    deployed.serve({1: 100})
    deployed.serving.asleep = [504] * 1000
    with pytest.raises(EndpointError, match=r"waking up; version 1 \(100 %\) serves as before"):
        deployed.bring(2)
    assert 570 < deployed.clock.slept < 660
    assert deployed.events[-1] == "serves 1:100"


def test_an_update_that_takes_too_long_gets_no_traffic_and_is_gone_on_from(
    deployed: Deployed,
) -> None:
    deployed.serve({1: 100})
    deployed.serving.polls = 1000
    told = r"run the job again, which waits for it.*; version 1 \(100 %\) has the traffic"
    with pytest.raises(EndpointError, match=told):
        deployed.bring(2, seconds=60)
    assert deployed.events == ["update to 1:100 2:0"]
    deployed.serving.polls = 1
    deployed.endpoint()["left"] = 1
    assert deployed.bring(2).action == "moved"
    assert deployed.events == MOVED


def test_a_first_version_that_takes_too_long_is_gone_on_from(deployed: Deployed) -> None:
    deployed.serving.polls = 1000
    with pytest.raises(EndpointError, match="nothing was served before, so nobody waits"):
        deployed.bring(1, seconds=60)
    deployed.endpoint()["left"] = 1
    assert deployed.bring(1).action == "unchanged"
    assert deployed.endpoint()["tags"] == {"hitcast_version": "1", "hitcast_commit": "c0ffee1"}


def test_an_update_by_somebody_else_is_waited_for(deployed: Deployed) -> None:
    deployed.serve({1: 100})
    looked = deployed.serving._looked_at

    def meanwhile(endpoint: dict[str, object]) -> dict[str, object]:
        told = looked(endpoint)
        deployed.serving._looked_at = looked  # type: ignore[method-assign]
        deployed.serving._begin(endpoint, config_of(MODEL, {1: 50, 3: 50}))
        return told

    deployed.serving._looked_at = meanwhile  # type: ignore[method-assign]
    assert deployed.bring(2).before == (1, 3)
    assert deployed.events == [
        "update to 1:50 3:50", "serves 1:50 3:50",
        "update to 1:50 3:50 2:0", "serves 1:50 3:50 2:0", *MOVED[2:],
    ]  # fmt: skip


def test_a_change_by_somebody_else_after_the_own_one_is_noticed(deployed: Deployed) -> None:
    deployed.serve({1: 100})
    looked = deployed.serving._looked_at

    def meanwhile(endpoint: dict[str, Any]) -> dict[str, Any]:
        looked(endpoint)
        if deployed.events[-1:] == ["serves 1:100 2:0"]:
            deployed.serving._looked_at = looked  # type: ignore[method-assign]
            deployed.serve({3: 100})
        return looked(deployed.endpoint())

    deployed.serving._looked_at = meanwhile  # type: ignore[method-assign]
    deployed.serving.polls = 0
    assert deployed.bring(2).before == (3,)
    assert deployed.events[0] == "update to 3:100 2:0"


def test_an_endpoint_made_by_somebody_else_meanwhile_is_used(deployed: Deployed) -> None:
    create = deployed.serving._create

    def meanwhile(given: dict[str, object]) -> tuple[int, object]:
        deployed.serving.start(ENDPOINT, config_of(MODEL, {1: 100}))
        return create(given)

    deployed.serving._create = meanwhile  # type: ignore[method-assign]
    assert deployed.bring(2).action == "moved"
    assert deployed.events == ["update to 1:100", "serves 1:100", *MOVED]


@pytest.mark.parametrize("served", [{}, {1: 100}, {2: 100}])
def test_a_missing_right_is_told_in_one_line_and_changes_nothing(
    deployed: Deployed, served: dict[int, int]
) -> None:
    if served:
        deployed.serve(served)
    deployed.serving.refused = {"POST", "PUT"}
    with pytest.raises(EndpointError, match="CAN MANAGE on the endpoint") as caught:
        deployed.bring(2)
    assert "\n" not in str(caught.value)
    assert deployed.events == []


def test_a_model_that_refuses_the_rows_is_refused_in_its_own_words(deployed: Deployed) -> None:
    deployed.serve({1: 100})
    served = Served(ENDPOINT, 60)
    with pytest.raises(EndpointError, match="Model is missing inputs"):
        served.ask([{"energy": 0.5}], "version-1")
