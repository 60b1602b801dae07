"""The API's description (OpenAPI): what FastAPI can't see, for calls read their bodies themselves.

FastAPI collects the models of parameters and answers; bodies that a call reads in one go, problem
documents, headers and keys are added here, each once under `components`.
"""

from collections.abc import Sequence
from typing import Any, cast

from fastapi import FastAPI
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from serving.operations import complete
from serving.responses import JSON, Problem

REF = "#/components/schemas/{model}"
KEYS = {
    "X-API-Key": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
    "Bearer": {"type": "http", "scheme": "bearer"},
}
"""Either way a key may come."""


def describe(app: FastAPI, bodies: Sequence[type[BaseModel]]) -> None:
    """Have an app's description hold the models of bodies, problem documents and keys.

    Args:
        app: Its calls name the models by `body_of` and `serving.responses.responses`.
        bodies: The models that the calls read themselves.
    """
    described = app.openapi

    def openapi() -> dict[str, Any]:
        found = described()
        models = [(model, "validation") for model in (*bodies, Problem)]
        _, schemas = models_json_schema(cast(Any, models), ref_template=REF)
        components = found.setdefault("components", {})
        components.setdefault("schemas", {}).update(schemas["$defs"])
        components["securitySchemes"] = KEYS
        complete(found)
        return found

    cast(Any, app).openapi = openapi


def body_of(model: type[BaseModel], shown: Any) -> dict[str, Any]:
    """A request's body, as a route's `openapi_extra`; its model is described by `describe`.

    Args:
        model: What the body holds.
        shown: An example that works as it is.
    """
    schema = {"$ref": REF.format(model=model.__name__)}
    content = {JSON: {"schema": schema, "example": shown}}
    return {"requestBody": {"required": True, "content": content}}
