"""What stands in for Unity Catalog's model registry: its calls over HTTP, its files in a folder."""

from collections import Counter
from pathlib import Path
from typing import Any

MODELS = "/api/2.0/mlflow/unity-catalog/"
FILES = "/api/2.0/fs/"


class UnityCatalog:
    """Registered models and the files of their versions.

    Attributes:
        models: Aliases and versions by name.
        folder: Holds what versions are made of, at `Models/CATALOG/SCHEMA/NAME/NUMBER`.
        calls: How often each call was made.
    """

    def __init__(self, folder: Path) -> None:
        self.models: dict[str, dict[str, Any]] = {}
        self.folder = folder
        self.calls: Counter[str] = Counter()

    def answer(self, method: str, path: str, given: dict[str, Any], body: bytes) -> tuple[int, Any]:
        """Status and body of a call; `given` are its parameters, by JSON or in the address."""
        if path.startswith(FILES):
            return self._files(method, path.removeprefix(FILES), body)
        what = f"{method} {path.removeprefix(MODELS)}"
        self.calls[what] += 1
        name, number = str(given.get("name")), str(given.get("version"))
        if what == "GET registered-models:is-databricks-sdk-models-artifact-repository-enabled":
            return 200, {"is_databricks_sdk_models_artifact_repository_enabled": True}
        if what == "POST registered-models/create":
            self.models[name] = {"aliases": {}, "versions": {}}
            return 200, {"registered_model": {"name": name}}
        if what == "GET model-versions/search":
            name = str(given["filter"]).split("'")[1]
            found = self.models.get(name, {"versions": {}})["versions"].values()
            # As in Unity Catalog, what is found by a search has neither tags nor aliases.
            return 200, {"model_versions": [self._version(v) for v in found]}
        if name not in self.models:
            told = f"Registered Model with name={name} not found"
            return 404, {"error_code": "RESOURCE_DOES_NOT_EXIST", "message": told}
        model = self.models[name]
        if what == "GET registered-models/get":
            aliases = [{"alias": a, "version": v} for a, v in model["aliases"].items()]
            return 200, {"registered_model": {"name": name, "aliases": aliases}}
        if what.endswith("registered-models/alias"):
            model["aliases"].pop(given["alias"], None)
            if method == "POST":
                model["aliases"][given["alias"]] = number
            return 200, {}
        if what == "POST model-versions/create":
            number = str(len(model["versions"]) + 1)
            tags = {tag["key"]: tag["value"] for tag in given.get("tags", [])}
            if problem := _reserved(tags):
                return problem
            version = {"name": name, "version": number, "run_id": given["run_id"], "tags": tags}
            model["versions"][number] = version
            return 200, {"model_version": self._version(version)}
        version = model["versions"][number]
        if what == "POST model-versions/set-tag":
            if problem := _reserved({given["key"]: given["value"]}):
                return problem
            version["tags"][given["key"]] = given["value"]
            version["last_updated_timestamp"] = version.get("last_updated_timestamp", 1) + 1
            return 200, {}
        if what == "DELETE model-versions/delete-tag":
            del version["tags"][given["key"]]
            version["last_updated_timestamp"] = version.get("last_updated_timestamp", 1) + 1
            return 200, {}
        if what in ("GET model-versions/get", "POST model-versions/finalize"):
            listed = [{"key": key, "value": value} for key, value in version["tags"].items()]
            return 200, {"model_version": {**self._version(version), "tags": listed}}
        return 404, {"error_code": "ENDPOINT_NOT_FOUND", "message": f"no call {what}"}

    def _version(self, version: dict[str, Any]) -> dict[str, Any]:
        kept = {key: value for key, value in version.items() if key != "tags"}
        return {**kept, "status": "READY", "creation_timestamp": 1}

    def _files(self, method: str, path: str, body: bytes) -> tuple[int, Any]:
        kind, _, rest = path.partition("/")
        place = self.folder / rest.strip("/")
        if kind == "files" and method == "PUT":
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(body)
            return 204, None
        if kind == "directories" and method == "PUT":
            place.mkdir(parents=True, exist_ok=True)
            return 204, None
        if kind == "files" and place.is_file():
            return 200, place.read_bytes()
        if kind == "directories" and place.is_dir():
            found = [
                {
                    "path": f"/{file.relative_to(self.folder)}",
                    "name": file.name,
                    "is_directory": file.is_dir(),
                    "file_size": file.stat().st_size,
                }
                for file in sorted(place.iterdir())
            ]
            return 200, {"contents": found}
        return 404, {"error_code": "NOT_FOUND", "message": f"no {rest}"}


def _reserved(tags: dict[str, str]) -> tuple[int, Any] | None:
    """The refusal of tags whose names hold what is reserved, or whose values are long."""
    for name, value in tags.items():
        if set(name) & set(".,-=/:") or len(value) > 1000:
            told = f"Tag name {name} contains one or more of the reserved characters"
            return 400, {"error_code": "INVALID_PARAMETER_VALUE", "message": told}
    return None
