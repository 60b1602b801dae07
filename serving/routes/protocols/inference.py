"""The Open Inference Protocol, version 2, over HTTP: what KServe's and Triton's clients send."""

import time
from typing import Any

from fastapi import APIRouter, Request, Response

from hitcast.declaration.use_case import UseCase
from serving.api import api_of
from serving.bodies import takes
from serving.columns import kind_of
from serving.description import body_of
from serving.routes.protocols.answering import answered
from serving.routes.protocols.infer_request import HEADER, Inference, InferenceReader
from serving.routes.protocols.infer_response import answer_of, written
from serving.routes.protocols.inference_models import ERRORS, InferRequest, response_model
from serving.routes.protocols.named import (
    MODEL,
    VERSION,
    NamedRoute,
    Number,
    check_name,
    name_of,
    number_of,
)
from serving.routes.protocols.tensors import GIVEN
from serving.row_models import example
from serving.scoring import Asked, Scored

TOLD = (
    f"Values may come as bytes behind the JSON, whose length is then told in `{HEADER}`, and are "
    "answered so where `binary_data` or `binary_data_output` asks for it. A bad row refuses the "
    "whole request."
)
"""Of both calls; clients are not generated for bodies of two kinds, so that it stands here."""


def inference_router(use_case: UseCase) -> APIRouter:
    """The calls that score, described by the use case."""
    router = APIRouter(tags=["inference"], route_class=NamedRoute, responses=ERRORS)
    reader = InferenceReader(use_case)
    Name: Any = name_of(use_case)  # noqa: N806
    body = body_of(InferRequest, {"inputs": _example(use_case)})
    answer = response_model(use_case.label)

    async def infer(request: Request, name: str, version: str | None = None) -> Response:
        begun = time.perf_counter()
        api = api_of(request)
        found = await api.body(request)
        check_name(api, name)
        number = None if version is None else number_of(version)
        asked = await Asked.of(request, None, number, begun)

        def read() -> Inference:
            return reader.read(found, request.headers.get(HEADER))

        def write(inference: Inference, scored: Scored) -> tuple[bytes, bytes]:
            return written(inference, scored)

        scored, (head, values) = await answered(asked, len(found), read, write)
        return answer_of(head, values, *scored.keep())

    @router.post(
        f"{MODEL}/infer",
        summary=f"Score {use_case.many}, one tensor an input",
        description=TOLD,
        response_model=answer,
        openapi_extra=body,
    )
    @takes(None)
    async def infer_by_default(request: Request, name: Name) -> Response:
        return await infer(request, name)

    @router.post(
        f"{VERSION}/infer",
        summary="The same from another version",
        description=TOLD,
        response_model=answer,
        openapi_extra=body,
    )
    @takes(None)
    async def infer_by_version(request: Request, name: Name, version: Number) -> Response:
        return await infer(request, name, version)

    return router


def _example(use_case: UseCase) -> list[dict[str, Any]]:
    row = example(use_case, optional=False)
    types = {column.name: kind_of(column) for column in use_case.inputs}
    return [
        {"name": name, "shape": [1], "datatype": GIVEN[types[name]], "data": [value]}
        for name, value in row.items()
    ]
