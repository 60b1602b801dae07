"""What stands in for serving endpoints: their calls, answered by what MLflow serves with."""

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

ENDPOINTS = "/api/2.0/serving-endpoints"
INVOCATIONS = "/serving-endpoints/"
Spoil = Callable[[dict[str, Any]], dict[str, Any]]


class ServingEndpoints:
    """Endpoints by name, each with what it serves and an update that may be in progress.

    As on Databricks, the old config serves until the new one is ready, no other update is taken
    meanwhile, and one that fails leaves all as it was.

    Attributes:
        endpoints: What is known of each.
        events: All that happened, in words.
        polls: For how many looks an update is in progress.
        failing: Versions that do not start.
        asleep: Statuses of the next answers, before there is one.
        spoiled: Changes the answers of a version: by its number, asked by way of the endpoint or
            of its own address (`"2"`, `"2 endpoint"`, `"2 alone"`).
        refused: Methods that the caller may not use.
        folder: Holds the models, at `Models/CATALOG/SCHEMA/NAME/NUMBER`.
    """

    def __init__(self, folder: Path) -> None:
        self.endpoints: dict[str, dict[str, Any]] = {}
        self.events: list[str] = []
        self.polls = 1
        self.failing: set[str] = set()
        self.asleep: list[int] = []
        self.spoiled: dict[str, Spoil] = {}
        self.refused: set[str] = set()
        self.folder = folder

    def answer(self, method: str, path: str, given: dict[str, Any]) -> tuple[int, Any]:
        """Status and body of a call; `given` are its parameters."""
        if method in self.refused:
            return 403, {"error_code": "PERMISSION_DENIED", "message": "not allowed to do that"}
        if path.startswith(INVOCATIONS):
            return self._invocations(path.removeprefix(INVOCATIONS).split("/"), given)
        name, _, what = path.removeprefix(ENDPOINTS).strip("/").partition("/")
        if method == "POST" and not name:
            return self._create(given)
        if name not in self.endpoints:
            told = f"Endpoint with name {name!r} does not exist."
            return 404, {"error_code": "RESOURCE_DOES_NOT_EXIST", "message": told}
        endpoint = self.endpoints[name]
        if (method, what) == ("GET", ""):
            return 200, self._looked_at(endpoint)
        if (method, what) == ("DELETE", ""):
            del self.endpoints[name]
            self.events.append("delete")
            return 200, {}
        if (method, what) == ("PUT", "config"):
            return self._update(endpoint, given)
        if (method, what) == ("PATCH", "tags"):
            tags = {tag["key"]: tag["value"] for tag in given["add_tags"]}
            kept = {k: v for k, v in endpoint["tags"].items() if k not in given["delete_tags"]}
            endpoint["tags"] = kept | tags
            return 200, {"tags": _listed(endpoint["tags"])}
        return 404, {"error_code": "ENDPOINT_NOT_FOUND", "message": f"no API at {method} {path}"}

    def start(self, name: str, config: dict[str, Any], tags: dict[str, str] | None = None) -> None:
        """Begin to make an endpoint, as somebody else would."""
        self.endpoints[name] = {"name": name, "tags": tags or {}, "config": None, "state": ""}
        self._begin(self.endpoints[name], config)

    def finish(self, name: str) -> None:
        """End the update that is in progress."""
        self.endpoints[name]["left"] = 0
        self._looked_at(self.endpoints[name])

    def _create(self, given: dict[str, Any]) -> tuple[int, Any]:
        name = given["name"]
        if name in self.endpoints:
            told = f"Endpoint with name {name!r} already exists."
            return 409, {"error_code": "RESOURCE_ALREADY_EXISTS", "message": told}
        if problem := _problem(given["config"]):
            return 400, {"error_code": "INVALID_PARAMETER_VALUE", "message": problem}
        self.start(name, given["config"], {t["key"]: t["value"] for t in given.get("tags", [])})
        return 200, self._told(self.endpoints[name])

    def _update(self, endpoint: dict[str, Any], given: dict[str, Any]) -> tuple[int, Any]:
        if endpoint["state"] == "IN_PROGRESS":
            told = "The endpoint is being updated; wait until it is not."
            return 409, {"error_code": "RESOURCE_CONFLICT", "message": told}
        if problem := _problem(given):
            return 400, {"error_code": "INVALID_PARAMETER_VALUE", "message": problem}
        self._begin(endpoint, given)
        return 200, self._told(endpoint)

    def _begin(self, endpoint: dict[str, Any], config: dict[str, Any]) -> None:
        endpoint |= {"pending": config, "state": "IN_PROGRESS", "left": self.polls}
        self.events.append(f"update to {_shares(config)}")

    def _looked_at(self, endpoint: dict[str, Any]) -> dict[str, Any]:
        """What a look shows; time passes by looks."""
        if endpoint["state"] == "IN_PROGRESS" and endpoint["left"] <= 0:
            pending = endpoint["pending"]
            if self.failing & {e["entity_version"] for e in pending["served_entities"]}:
                endpoint["state"] = "UPDATE_FAILED"
                self.events.append("update failed")
            else:
                endpoint |= {"config": pending, "pending": None, "state": "NOT_UPDATING"}
                self.events.append(f"serves {_shares(pending)}")
        elif endpoint["state"] == "IN_PROGRESS":
            endpoint["left"] -= 1
        return self._told(endpoint)

    def _told(self, endpoint: dict[str, Any]) -> dict[str, Any]:
        ready = "READY" if endpoint["config"] else "NOT_READY"
        told = {
            "name": endpoint["name"],
            "state": {"config_update": endpoint["state"], "ready": ready},
            "tags": _listed(endpoint["tags"]),
        }
        for kind, key in (("config", "config"), ("pending", "pending_config")):
            if endpoint[kind]:
                told[key] = self._config_told(endpoint[kind])
        return told

    def _config_told(self, config: dict[str, Any]) -> dict[str, Any]:
        entities = []
        for entity in config["served_entities"]:
            fails = entity["entity_version"] in self.failing
            state = {"deployment": "DEPLOYMENT_FAILED" if fails else "DEPLOYMENT_READY"}
            why = {"deployment_state_message": "No module named hitcast"} if fails else {}
            # Limits of concurrency are told as well, though only one of both may be given.
            told = {"min_provisioned_concurrency": 0, "max_provisioned_concurrency": 4}
            entities.append({**told, **entity, "state": {**state, **why}, "creator": "me"})
        return {"served_entities": entities, "traffic_config": _traffic(config)}

    def _invocations(self, parts: list[str], given: dict[str, Any]) -> tuple[int, Any]:
        endpoint = self.endpoints.get(parts[0])
        if endpoint is None or not endpoint["config"]:
            return 404, {"error_code": "RESOURCE_DOES_NOT_EXIST", "message": "nothing is served"}
        by_name = {e["name"]: e for e in endpoint["config"]["served_entities"]}
        alone = parts[1] == "served-models"
        routes = _traffic(endpoint["config"])["routes"]
        busiest = max(routes, key=lambda route: int(route["traffic_percentage"]))
        entity = by_name.get(parts[2] if alone else busiest["served_model_name"])
        if entity is None:
            return 404, {"error_code": "RESOURCE_DOES_NOT_EXIST", "message": f"no {parts[2]}"}
        if self.asleep:
            return self.asleep.pop(0), {"error_code": "", "message": "it is waking up"}
        version = entity["entity_version"]
        way = "alone" if alone else "endpoint"
        self.events.append(f"ask {version} {way}")
        status, told = self._model_says(entity["entity_name"], version, given)
        for key in (version, f"{version} {way}"):
            told = self.spoiled[key](told) if key in self.spoiled and status == 200 else told
        return status, told

    def _model_says(self, name: str, version: str, given: dict[str, Any]) -> tuple[int, Any]:
        """What MLflow's scoring server says, which is what runs behind an endpoint."""
        from mlflow.exceptions import MlflowException
        from mlflow.pyfunc.scoring_server import invocations

        model = _loaded(str(self.folder / "Models" / name.replace(".", "/") / version))
        try:
            schema = model.metadata.get_input_schema()
            told = invocations(json.dumps(given), "application/json", model, schema)
        except MlflowException as error:
            return 400, {"error_code": "BAD_REQUEST", "message": error.message}
        return told.status, json.loads(told.response)


@cache
def _loaded(place: str) -> Any:
    import mlflow

    return mlflow.pyfunc.load_model(place)


def config_of(model: str, shares: dict[int, int], **more: Any) -> dict[str, Any]:
    """A config that gives versions of a model their shares of the traffic."""
    entities = [
        {
            "name": f"version-{number}", "entity_name": model, "entity_version": str(number),
            "workload_size": "Small", "scale_to_zero_enabled": True, **more,
        }
        for number in shares
    ]  # fmt: skip
    routes = [
        {"served_model_name": f"version-{number}", "traffic_percentage": share}
        for number, share in shares.items()
    ]
    return {"served_entities": entities, "traffic_config": {"routes": routes}}


def _traffic(config: dict[str, Any]) -> dict[str, Any]:
    """One entity gets all the traffic, if nothing else is said."""
    names = [entity["name"] for entity in config["served_entities"]]
    routes = [{"served_model_name": names[0], "traffic_percentage": 100}]
    return config.get("traffic_config") or {"routes": routes}


def _problem(config: dict[str, Any]) -> str | None:
    names = [entity["name"] for entity in config["served_entities"]]
    routes = _traffic(config)["routes"]
    shares = [int(route["traffic_percentage"]) for route in routes]
    if len(set(names)) < len(names) or {route["served_model_name"] for route in routes} != set(
        names
    ):
        return f"routes and entities do not fit: {names}"
    if sum(shares) != 100 or min(shares) < 0:
        return f"traffic percentages have to be 100 together, not {shares}"
    for entity in config["served_entities"]:
        if "workload_size" in entity and "max_provisioned_concurrency" in entity:
            return "workload_size and provisioned concurrency exclude each other"
    return None


def _shares(config: dict[str, Any]) -> str:
    versions = {e["name"]: e["entity_version"] for e in config["served_entities"]}
    routes = _traffic(config)["routes"]
    return " ".join(f"{versions[r['served_model_name']]}:{r['traffic_percentage']}" for r in routes)


def _listed(tags: dict[str, str]) -> list[dict[str, str]]:
    return [{"key": key, "value": value} for key, value in tags.items()]
