"""What the Open Inference Protocol tells of the server and the model: health, readiness, inputs."""

from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as version_of
from typing import Any

import orjson
from fastapi import APIRouter, Request, Response

from hitcast.declaration.use_case import UseCase
from hitcast.portable.card import probability_names
from serving.access import Access, needs
from serving.api import Api, api_of
from serving.columns import kind_of
from serving.responses import Answer
from serving.routes.protocols.answering import must_answer
from serving.routes.protocols.inference_models import (
    ERRORS,
    Live,
    ModelMetadata,
    ModelReady,
    Ready,
    ServerMetadata,
)
from serving.routes.protocols.named import (
    MODEL,
    VERSION,
    NamedRoute,
    Number,
    check_name,
    find,
    name_of,
    number_of,
)
from serving.routes.protocols.tensors import GIVEN, LABELS
from serving.versions.selection import UnknownVersionError

BINARY = "binary_tensor_data"


def metadata_router(use_case: UseCase) -> APIRouter:
    """The calls that tell what there is, described by the use case."""
    router = APIRouter(tags=["inference"], route_class=NamedRoute, responses=ERRORS)
    _add_health(router, use_case)
    _add_metadata(router, use_case)
    return router


def _add_health(router: APIRouter, use_case: UseCase) -> None:
    Name: Any = name_of(use_case)  # noqa: N806

    def ready(name: str) -> Response:
        return Answer(orjson.dumps({"name": name, "ready": True}))

    @router.get("/v2/health/live", summary="Is the server alive?", response_model=Live)
    @needs(Access.OPEN)
    async def server_live(_: Request) -> Response:
        return Answer(b'{"live":true}')

    @router.get("/v2/health/ready", summary="Can the server answer?", response_model=Ready)
    @needs(Access.OPEN)
    async def server_ready(request: Request) -> Response:
        must_answer(api_of(request))
        return Answer(b'{"ready":true}')

    @router.get(f"{MODEL}/ready", summary="Can the model answer?", response_model=ModelReady)
    async def model_ready(request: Request, name: Name) -> Response:
        await find(api_of(request), name, None)
        return ready(name)

    @router.get(f"{VERSION}/ready", summary="Can the version answer?", response_model=ModelReady)
    async def version_ready(request: Request, name: Name, version: Number) -> Response:
        await find(api_of(request), name, version)
        return ready(name)


def _add_metadata(router: APIRouter, use_case: UseCase) -> None:
    server = {"name": "hitcast", "version": _own_version(), "extensions": [BINARY]}
    tensors = _tensors(use_case)
    Name: Any = name_of(use_case)  # noqa: N806

    @router.get("/v2", summary="What answers", response_model=ServerMetadata)
    async def server_metadata(_: Request) -> Response:
        return Answer(orjson.dumps(server))

    def metadata(api: Api, name: str, version: str | None) -> Response:
        check_name(api, name)
        numbers = set(api.switch.snapshot.versions)
        if api.switch.default is not None:
            numbers.add(api.switch.default.number)
        if version is not None and number_of(version) not in numbers:
            raise UnknownVersionError(
                f"expected a version among {sorted(numbers)}, got {version[:60]!r}"
            )
        found = {"name": name, "versions": list(map(str, sorted(numbers)))}
        return Answer(orjson.dumps(found | tensors))

    @router.get(MODEL, summary="The model's inputs and outputs", response_model=ModelMetadata)
    async def model_metadata(request: Request, name: Name) -> Response:
        return metadata(api_of(request), name, None)

    @router.get(VERSION, summary="A version's inputs and outputs", response_model=ModelMetadata)
    async def version_metadata(request: Request, name: Name, version: Number) -> Response:
        return metadata(api_of(request), name, version)


def _own_version() -> str:
    """The package's version; where its modules were copied, there is none to be read."""
    try:
        return version_of("hitcast")
    except PackageNotFoundError:
        return "unknown"


def _tensors(use_case: UseCase) -> dict[str, Any]:
    """Inputs and outputs as metadata tells them."""
    inputs: list[dict[str, Any]] = [
        {"name": column.name, "datatype": GIVEN[kind_of(column)], "shape": [-1]}
        | ({} if column.required else {"parameters": {"optional": True}})
        for column in use_case.inputs
    ]
    names = use_case.label.names
    datatypes = {use_case.label.output: LABELS[bool(names)]}
    datatypes |= dict.fromkeys(probability_names(names), "FP64")
    outputs = [{"name": n, "datatype": kind, "shape": [-1]} for n, kind in datatypes.items()]
    return {"platform": "onnxruntime_onnx", "inputs": inputs, "outputs": outputs}
