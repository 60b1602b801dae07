"""`/experiment`: two or more versions answer, each its share of the units."""

import json
from typing import Any, TypeVar

import orjson
from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ValidationError

from hitcast.declaration.experiment import FOLDER, Experiment, load_experiment
from hitcast.declaration.loading import conf_folder
from hitcast.errors import UseCaseError
from serving.access import Access, AccessRoute, needs
from serving.api import api_of
from serving.bodies import SMALL_BYTES, takes
from serving.description import body_of
from serving.experiments.settling import settled, state_of
from serving.experiments.states import Declared, ExperimentState
from serving.responses import RESPONSES, Answer
from serving.routes.feedback import LogOffError
from serving.rows import BadRequestError, parse
from serving.versions.telling import without_paths

ON_ITS_WAY: dict[int | str, dict[str, Any]] = {
    202: {
        "model": ExperimentState,
        "description": "kept, and not yet followed by all workers: see `GET /experiment`",
    }
}
SHOWN = {
    "name": "staging-against-production",
    "arms": [{"alias": "production", "weight": 1}, {"alias": "staging", "weight": 1}],
    "traffic": 0.5,
}
Body = TypeVar("Body", bound=BaseModel)
router = APIRouter(tags=["experiments"], route_class=AccessRoute, responses=RESPONSES)


class UnknownExperimentError(LookupError):
    """conf/ declares no such experiment."""


@router.get("/experiment", summary="What runs", response_model=ExperimentState)
async def experiment(request: Request) -> Response:
    """Say which experiment runs, with its arms' versions, and whether it is on."""
    return Answer(orjson.dumps(await state_of(api_of(request))))


@router.put(
    "/experiment",
    summary="Start an experiment, or change the one that runs (admin key)",
    response_model=ExperimentState,
    openapi_extra=body_of(Declared, SHOWN),
    responses=ON_ITS_WAY,
)
@needs(Access.ADMIN)
@takes(SMALL_BYTES)
async def start_experiment(request: Request) -> Response:
    """Keep an experiment over restarts; it answers when all workers have loaded all arms."""
    api = api_of(request)
    if api.log is None:
        raise LogOffError("HITCAST_LOG is off on this server, so nothing would be known of it")
    wanted = wanted_in(parse(await api.body(request)), api.experiments.running)
    await api.experiments.begin(wanted)
    return await settled(api, wanted)


@router.delete(
    "/experiment",
    summary="End what runs (admin key)",
    response_model=ExperimentState,
    responses=ON_ITS_WAY,
)
@needs(Access.ADMIN)
async def end_experiment(request: Request) -> Response:
    """End the experiment; it answers when all workers have."""
    api = api_of(request)
    await api.experiments.end()
    return await settled(api, None)


def wanted_in(found: Any, running: Experiment | None) -> Experiment:
    """The experiment that a body asks for: what runs with changes, all of it, or one of conf/.

    Args:
        found: The body.
        running: What runs: what is not given stays as it is there, where the name is its own.

    Raises:
        BadRequestError: naming each field that is wrong.
        UnknownExperimentError: if there are no arms, and neither what runs nor one of conf/ has the
            name.
    """
    given = _checked(Declared, found)
    if running is not None and running.name == given.name:
        return _checked(Experiment, running.model_dump(mode="json") | found)
    if "arms" in given.model_fields_set:
        return _checked(Experiment, found)
    folder = conf_folder() / FOLDER
    if not (folder / f"{given.name}.yml").is_file():
        known = sorted(path.stem for path in folder.glob("*.yml"))
        raise UnknownExperimentError(
            f"expected arms, or the name of an experiment among {known} in conf/, got {given.name}"
        )
    try:
        declared = load_experiment(given.name)
    except UseCaseError as error:
        raise BadRequestError([("name", without_paths(str(error)))]) from None
    return _checked(Experiment, declared.model_dump(mode="json") | found)


def _checked(kind: type[Body], found: Any) -> Body:
    """A JSON value as a model, strict to the letter; as JSON, where times are texts."""
    try:
        return kind.model_validate_json(json.dumps(found), strict=True)
    except ValidationError as error:
        told = [
            (".".join(map(str, p["loc"])) or None, str(p["msg"]).removeprefix("Value error, "))
            for p in error.errors(include_url=False, include_input=False)
        ]
        raise BadRequestError(told) from None
