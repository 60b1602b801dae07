"""Deployments on an endpoint in every state that a run may find; Databricks' real client."""

from typing import Any

import pytest

from hitcast.errors import EndpointError
from tests.deployments import ENDPOINT, MODEL, Deployed
from tests.serving_endpoints import config_of

MOVED = [
    "update to 1:100 2:0", "serves 1:100 2:0", "ask 2 alone",
    "update to 2:100", "serves 2:100", "ask 2 endpoint",
]  # fmt: skip


def off_by(difference: float) -> Any:
    """Answers whose probabilities are wrong by so much."""

    def spoil(told: dict[str, Any]) -> dict[str, Any]:
        rows = told["predictions"]
        changed = [{**row, "probability": row["probability"] + difference} for row in rows]
        return {"predictions": changed}

    return spoil


def other_label(told: dict[str, Any]) -> dict[str, Any]:
    """Answers whose first label is the other one."""
    first, *rest = told["predictions"]
    return {"predictions": [{**first, "popular": 1 - first["popular"]}, *rest]}


@pytest.mark.parametrize("spoil", [off_by(2e-9), other_label, lambda told: {"predictions": None}])
def test_a_version_that_answers_otherwise_than_its_scorer_never_gets_traffic(
    deployed: Deployed, spoil: Any
) -> None:
    deployed.serve({1: 100})
    deployed.serving.spoiled["2"] = spoil
    with pytest.raises(EndpointError, match=r"got .*; version 1 \(100 %\) serves as before"):
        deployed.bring(2)
    assert deployed.events == [*MOVED[:3], "update to 1:100", "serves 1:100"]
    assert deployed.tag_of(2).startswith(f"{ENDPOINT} does not serve it: expected")


def test_a_difference_in_the_last_digits_is_none(deployed: Deployed) -> None:
    deployed.serve({1: 100})
    deployed.serving.spoiled["2"] = off_by(5e-10)
    assert deployed.bring(2).difference == pytest.approx(5e-10, rel=1e-3)
    assert deployed.events == MOVED


def test_a_version_that_answers_otherwise_once_it_has_the_traffic_loses_it_again(
    deployed: Deployed,
) -> None:
    deployed.serve({1: 70, 3: 30})
    deployed.serving.spoiled["2 endpoint"] = off_by(0.1)
    with pytest.raises(EndpointError, match=r"version 1 \(70 %\) and version 3 \(30 %\) serves as"):
        deployed.bring(2)
    assert deployed.events[-2:] == ["update to 1:70 3:30", "serves 1:70 3:30"]


def test_a_version_that_does_not_start_leaves_all_as_it_was(deployed: Deployed) -> None:
    deployed.serve({1: 100})
    deployed.serving.failing = {"2"}
    told = "UPDATE_FAILED: No module named hitcast; .* version 1 .100 %. serves as before"
    with pytest.raises(EndpointError, match=told):
        deployed.bring(2)
    assert deployed.events == ["update to 1:100 2:0", "update failed"]
    deployed.serving.failing = set()
    deployed.events.clear()
    # An update that failed is no update in progress, and nothing of it is left.
    assert deployed.bring(2).action == "moved"
    assert deployed.events == MOVED


@pytest.mark.parametrize("why", ["failing", "spoiled"])
def test_a_first_version_that_is_no_good_takes_the_endpoint_with_it(
    deployed: Deployed, why: str
) -> None:
    if why == "failing":
        deployed.serving.failing = {"1"}
    else:
        deployed.serving.spoiled["1"] = off_by(0.5)
    with pytest.raises(EndpointError, match="the endpoint was deleted, as it has served nothing"):
        deployed.bring(1)
    assert deployed.events[-1] == "delete"
    assert deployed.serving.endpoints == {}


def test_an_endpoint_whose_creation_failed_is_used(deployed: Deployed) -> None:
    deployed.serving.failing = {"3"}
    deployed.serve({3: 100})
    assert deployed.endpoint()["state"] == "UPDATE_FAILED"
    assert deployed.bring(1).action == "created"
    assert deployed.events == ["update to 1:100", "serves 1:100", "ask 1 endpoint"]


def test_an_update_left_by_a_killed_run_is_waited_for_and_gone_on_from(deployed: Deployed) -> None:
    deployed.serve({1: 100})
    deployed.serving.polls = 4
    deployed.serving.start(ENDPOINT, config_of(MODEL, {1: 100, 2: 0}))
    assert deployed.bring(2).action == "moved"
    assert deployed.events == MOVED
    assert deployed.clock.slept > 4


def test_a_version_that_a_killed_run_left_waiting_makes_room_for_a_newer_one(
    deployed: Deployed,
) -> None:
    deployed.serve({1: 100, 3: 0})
    assert deployed.bring(2).action == "moved"
    assert deployed.events == MOVED


@pytest.mark.parametrize("right", [True, False])
def test_an_endpoint_that_a_killed_run_made_is_compared_before_it_is_believed(
    deployed: Deployed, right: bool
) -> None:
    deployed.serve({1: 100}, {"hitcast_uncompared": "1"})
    if not right:
        deployed.serving.spoiled["1"] = off_by(0.5)
        with pytest.raises(EndpointError, match="the endpoint was deleted"):
            deployed.bring(1)
        assert deployed.serving.endpoints == {}
        return
    assert deployed.bring(1).action == "unchanged"
    assert deployed.endpoint()["tags"] == {"hitcast_version": "1", "hitcast_commit": "c0ffee1"}


def test_what_a_killed_run_made_wrong_is_not_gone_back_to(deployed: Deployed) -> None:
    deployed.serve({1: 100}, {"hitcast_uncompared": "1"})
    deployed.serving.spoiled["1"] = off_by(0.5)
    assert deployed.bring(2).action == "created"
    assert deployed.events == [
        "ask 1 alone", "delete", "update to 2:100", "serves 2:100", "ask 2 endpoint"
    ]  # fmt: skip


def test_a_served_version_that_became_wrong_gives_way_to_the_one_before(deployed: Deployed) -> None:
    deployed.serve({1: 100})
    deployed.bring(2)
    deployed.events.clear()
    deployed.serving.spoiled["2"] = off_by(0.5)
    with pytest.raises(EndpointError, match="version 1, which served before, serves again"):
        deployed.bring(2)
    assert deployed.events == [
        "ask 2 alone", "update to 2:100 1:0", "serves 2:100 1:0", "ask 1 alone",
        "update to 1:100", "serves 1:100", "ask 1 endpoint",
    ]  # fmt: skip
    assert deployed.endpoint()["tags"]["hitcast_version"] == "1"


def test_a_served_version_that_became_wrong_stays_where_none_was_before(deployed: Deployed) -> None:
    deployed.bring(1)
    deployed.serving.spoiled["1"] = off_by(0.5)
    with pytest.raises(EndpointError, match=r"version 1 \(100 %\) goes on, no earlier one is"):
        deployed.bring(1)
    assert list(deployed.serving.endpoints) == [ENDPOINT]


def test_other_compute_for_the_same_version_needs_no_second_one(deployed: Deployed) -> None:
    deployed.serve({1: 100})
    assert deployed.bring(1, size="Medium", always_on=True).action == "resized"
    assert deployed.events == ["ask 1 alone", "update to 1:100", "serves 1:100", "ask 1 endpoint"]
    (entity,) = deployed.endpoint()["config"]["served_entities"]
    assert (entity["workload_size"], entity["scale_to_zero_enabled"]) == ("Medium", False)
    assert deployed.bring(1, size="Medium", always_on=True).action == "unchanged"
    assert deployed.bring(1, size="Medium").action == "resized"


def test_settings_of_what_serves_outlive_a_version_that_is_refused(deployed: Deployed) -> None:
    config = config_of(MODEL, {1: 100}, environment_vars={"A": "{{secrets/a/b}}"})
    deployed.serving.start(ENDPOINT, config)
    deployed.serving.finish(ENDPOINT)
    deployed.serving.spoiled["2"] = off_by(0.5)
    with pytest.raises(EndpointError):
        deployed.bring(2)
    assert deployed.endpoint()["config"]["served_entities"] == config["served_entities"]


def test_an_endpoint_that_serves_something_else_is_left_alone(deployed: Deployed) -> None:
    deployed.serving.start(ENDPOINT, config_of("main.music.lyrics", {1: 100}))
    deployed.serving.finish(ENDPOINT)
    deployed.events.clear()
    with pytest.raises(EndpointError, match=r"got \['main.music.lyrics'\]; name another one"):
        deployed.bring(1)
    assert deployed.events == []
