"""`/models`, `/model`, `/livez` and `/readyz`: what there is, what answers, how it is."""

import asyncio
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from serving.access import Access, AccessRoute, needs
from serving.api import api_of
from serving.bodies import SMALL_BYTES, takes
from serving.description import body_of
from serving.responses import JSON, RESPONSES, Answer
from serving.rows import BadRequestError, parse, whole
from serving.states import Liveness, Models, ModelState, Readiness
from serving.switching import followed, state_of
from serving.versions.selection import Selection

ON_ITS_WAY: dict[int | str, dict[str, Any]] = {
    202: {
        "model": ModelState,
        "description": "selected, and not yet followed by all workers: see `GET /model`",
    }
}

LEFT_OUT: Any = Field(default_factory=lambda: None)
"""Of what may be left out, but is not null."""
router = APIRouter(tags=["models"], route_class=AccessRoute, responses=RESPONSES)


class Wanted(BaseModel):
    """What to serve by default: an alias or a version, not both."""

    model_config = ConfigDict(
        strict=True, extra="forbid", json_schema_extra={"minProperties": 1, "maxProperties": 1}
    )

    alias: Annotated[str, Field(min_length=1, max_length=256)] = LEFT_OUT
    version: Annotated[int, Field(ge=1, le=2**31), BeforeValidator(whole)] = LEFT_OUT

    @property
    def selection(self) -> Selection:
        """The one of the two that was given.

        Raises:
            BadRequestError: if it is not one.
        """
        if len(self.model_fields_set) != 1:
            raise BadRequestError([(None, "expected either alias or version")])
        return Selection(**{name: getattr(self, name) for name in self.model_fields_set})


@router.get(
    "/models", summary="Versions, aliases and metrics in the registry", response_model=Models
)
async def models(request: Request) -> Response:
    """List what the registry holds."""
    api = api_of(request)
    seen = api.switch.listed()
    refused = await asyncio.to_thread(api.switch.crowd.refused)
    versions = [
        {
            "version": info.number,
            "aliases": [alias for alias, number in seen.aliases.items() if number == info.number],
            "created": info.created,
            "generated": info.tags.get("hitcast.generated") == "true",
            "run_id": info.run_id,
            "metrics": info.metrics,
            "tags": info.tags,
            "problem": info.problem or refused.get(info.place),
        }
        for info in sorted(seen.versions.values(), key=lambda info: -info.number)
    ]
    found = {
        "model": api.settings.model_name,
        "aliases": seen.aliases,
        "versions": versions,
        "registry": api.switch.registry_problem() or "up",
    }
    return Answer(orjson.dumps(found))


@router.get("/model", summary="What is being served", response_model=ModelState)
async def model(request: Request) -> Response:
    """Say which version answers, and which was selected."""
    return Answer(orjson.dumps(await state_of(api_of(request))))


@router.put(
    "/model",
    summary="Serve another alias or version by default (admin key)",
    response_model=ModelState,
    openapi_extra=body_of(Wanted, {"alias": "staging"}),
    responses=ON_ITS_WAY,
)
@needs(Access.ADMIN)
@takes(SMALL_BYTES)
async def switch_model(request: Request) -> Response:
    """Select another default, kept over restarts; it answers when all workers follow."""
    api = api_of(request)
    try:
        wanted = Wanted.model_validate(parse(await api.body(request)))
    except ValidationError as error:
        raise BadRequestError(
            [(str(p["loc"][0]) if p["loc"] else None, p["msg"]) for p in error.errors()]
        ) from None
    selection = wanted.selection
    await api.switch.find(selection.alias, selection.version)
    api.switch.select(selection)
    return await followed(api, selection)


@router.delete(
    "/model",
    summary="Serve what the settings say again (admin key)",
    response_model=ModelState,
    responses=ON_ITS_WAY,
)
@needs(Access.ADMIN)
async def unselect_model(request: Request) -> Response:
    """Forget what `PUT /model` has selected; it answers when all workers follow."""
    api = api_of(request)
    api.switch.select(None)
    return await followed(api, api.switch.selected())


@router.get("/livez", summary="Is the process alive?", response_model=Liveness)
@needs(Access.OPEN)
async def livez() -> Response:
    """Answer, which is all."""
    return Answer(b'{"status":"alive"}')


@router.get(
    "/readyz",
    summary="Can it answer, and is all well?",
    response_model=Readiness,
    responses={503: {"model": Readiness, "description": "no model can answer yet"}},
)
@needs(Access.OPEN)
async def readyz(request: Request) -> Response:
    """200 while predictions are answered: `ready`, or `degraded` with the problems; else 503."""
    api = api_of(request)
    problems = [
        text
        for text in (
            api.switch.problem,
            api.switch.registry_problem(),
            *(log.warning for log in api.logs),
            *api.switch.state.problems.values(),
            *api.experiments.problems,
            api.units.problem,
        )
        if text
    ]
    ready = api.switch.default is not None
    status = "unready" if not ready else "degraded" if problems else "ready"
    if not ready and not problems:
        problems = ["no model yet: run jobs/train.py"]
    body = orjson.dumps({"status": status, "problems": problems})
    return Response(body, 200 if ready else 503, media_type=JSON)
