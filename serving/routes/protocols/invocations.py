"""`/invocations`, `/ping`, `/health` and `/version`: what `mlflow models serve` answers."""

import time
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as version_of
from typing import Any

import orjson
from fastapi import APIRouter, Request
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse, Response

from hitcast.declaration.use_case import UseCase
from hitcast.portable.card import probability_names
from serving import wording
from serving.access import Access, DirectRoute, needs
from serving.api import Alias, Version, api_of
from serving.bodies import takes
from serving.description import body_of
from serving.responses import Answer
from serving.routes.protocols.answering import answered, must_answer
from serving.routes.protocols.frames import Frame, FrameReader
from serving.routes.protocols.mlflow_models import ERRORS, UNKNOWN_FORM, predictions_model
from serving.row_models import example
from serving.scoring import Asked, Scored

CSV = "text/csv"
PARQUET = "application/vnd.apache.parquet"


def mlflow_router(use_case: UseCase, invocation: type[BaseModel]) -> APIRouter:
    """MLflow's protocol.

    Args:
        use_case: Whose rows are scored.
        invocation: The model of a body of `/invocations`.
    """
    router = APIRouter(tags=["mlflow"], route_class=DirectRoute, responses=ERRORS)
    output, names = use_case.label.output, probability_names(use_case.label.names)
    frames, row = FrameReader(use_case), example(use_case, optional=False)
    body = body_of(invocation, {"dataframe_records": [row]})

    @router.post(
        "/invocations",
        summary=f"{wording.about_many(use_case)} As MLflow asks",
        description=f"CSV is taken too, with a line of names, as `Content-Type: {CSV}`. A bad row "
        "refuses the whole request; columns that are no inputs are dropped.",
        response_model=predictions_model(use_case),
        responses=UNKNOWN_FORM,
        openapi_extra=body,
    )
    @takes(None)
    async def invocations(
        request: Request, alias: Alias = None, version: Version = None
    ) -> Response:
        begun = time.perf_counter()
        api = api_of(request)
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind == PARQUET:
            raise HTTPException(415, f"expected JSON, or CSV as {CSV}, got {PARQUET}")
        found = await api.body(request)
        asked = await Asked.of(request, alias, version, begun)

        def read() -> Frame:
            return frames.read(found, as_csv=kind == CSV)

        def write(_: Frame, scored: Scored) -> bytes:
            return orjson.dumps({"predictions": _predictions([output, *names], scored)})

        scored, written = await answered(asked, len(found), read, write)
        return Answer(written, *scored.keep())

    return router


def mlflow_health_router() -> APIRouter:
    """What MLflow's clients ask before they send anything."""
    router = APIRouter(tags=["mlflow"], route_class=DirectRoute, responses=ERRORS)

    @router.get("/ping", summary="Can it answer? As MLflow asks", response_class=PlainTextResponse)
    @router.get(
        "/health",
        summary="The same",
        response_class=PlainTextResponse,
        operation_id="health",
    )
    @needs(Access.OPEN)
    async def ping(request: Request) -> Response:
        must_answer(api_of(request))
        return PlainTextResponse("\n")

    @router.get("/version", summary="MLflow's version", response_class=PlainTextResponse)
    async def mlflow_version(_: Request) -> Response:
        try:
            return PlainTextResponse(version_of("mlflow"))
        except PackageNotFoundError:
            # One exported scorer is served without it.
            raise HTTPException(404) from None

    return router


def _predictions(names: Sequence[str], scored: Scored) -> list[dict[str, Any]]:
    each = zip(scored.scores.labels, *scored.scores.columns(), strict=True)
    return [dict(zip(names, values, strict=True)) for values in each]
