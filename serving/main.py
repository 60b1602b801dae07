"""The app: `uvicorn serving.main:app`, or `python -m serving`."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.middleware.cors import CORSMiddleware
from prometheus_fastapi_instrumentator import Instrumentator
from prometheus_fastapi_instrumentator.metrics import latency
from starlette.exceptions import HTTPException

from hitcast.declaration.loading import load_use_case
from hitcast.errors import ScorerInputError
from serving.access import AccessRoute, Keys, close
from serving.api import AliasMovedError, Api
from serving.background import running
from serving.description import describe
from serving.guard import Guard, TooLargeError
from serving.json_logs import log_in_json
from serving.log.inference_log import InferenceLog
from serving.metrics import Metrics
from serving.responses import problem
from serving.routes import metrics, models
from serving.routes.insight import NoInsightsError, UnknownValueError, insight_router
from serving.routes.predict import predict_router
from serving.rows import BadRequestError, RowReader
from serving.settings import Settings
from serving.versions.switch import Selection, Switchboard, UnknownVersionError
from serving.versions.warm import NotReadyError

LATENCIES = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
logger = logging.getLogger("hitcast.serving")


def create_app(settings: Settings | None = None) -> FastAPI:
    """Build the API.

    Args:
        settings: How it runs; from the environment if not given.

    Returns:
        The app; nothing is read or written before it is started.
    """
    api = _parts(settings or Settings())
    settings, use_case = api.settings, api.use_case

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        log_in_json()
        async with running(api):
            yield

    app = FastAPI(
        title=f"Hitcast: {use_case.title}",
        summary=f"Tells whether a {use_case.entity} is {use_case.label.output}.",
        version="1",
        lifespan=lifespan,
    )
    app.state.api = api
    # What is added by `app.get`, as the instrumentator does, needs a key too.
    app.router.route_class = AccessRoute
    # Added one by one, not by include_router: each look at included routers took 0.1 ms a request.
    for router in (
        predict_router(use_case, api.reader), insight_router(use_case, api.reader),
        models.router, metrics.router,
    ):  # fmt: skip
        app.router.routes += router.routes
    # The instrumentator's default measures sizes as well, which doubles what it costs.
    timing = latency(buckets=LATENCIES, registry=api.metrics.registry)
    watched = Instrumentator(registry=api.metrics.registry, excluded_handlers=["/metrics"])
    watched.add(timing).instrument(app)
    if settings.cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=list(settings.cors_origins),
            allow_methods=["GET", "POST", "PUT"],
            allow_headers=["*"],
        )
    app.add_middleware(Guard, settings=settings, keys=api.keys)
    _answer_errors(app)
    describe(app, [api.reader.model, api.reader.batch, models.Wanted])
    close(app)
    return app


def _parts(settings: Settings) -> Api:
    use_case = load_use_case(settings.use_case)
    selection = Selection(None if settings.version else settings.alias, settings.version)
    log = None
    if settings.log:
        log = InferenceLog(
            settings.log_folder,
            max_bytes=settings.log_segment_bytes,
            max_seconds=settings.log_segment_seconds,
            limit=settings.log_limit_bytes,
        )
    return Api(
        settings=settings,
        keys=Keys(settings),
        use_case=use_case,
        reader=RowReader(use_case, max_batch=settings.max_batch),
        switch=Switchboard(settings.cache_folder, use_case, selection, kept=settings.kept_versions),
        metrics=Metrics(),
        log=log,
    )


def _answer_errors(app: FastAPI) -> None:
    """Give every error its status and the one form that errors have."""

    @app.exception_handler(BadRequestError)
    async def bad_request(_: Request, error: BadRequestError) -> Response:
        return problem(422, errors=error.problems)

    @app.exception_handler(RequestValidationError)
    async def bad_parameter(_: Request, error: RequestValidationError) -> Response:
        wrong = [(str(e["loc"][-1])[:100], str(e["msg"])) for e in error.errors()]
        return problem(422, errors=wrong)

    @app.exception_handler(HTTPException)
    async def refused(_: Request, error: HTTPException) -> Response:
        return problem(error.status_code, str(error.detail), headers=error.headers)

    @app.exception_handler(Exception)
    async def failed(request: Request, error: Exception) -> Response:
        extra = {"request_id": getattr(request.state, "request_id", None)}
        logger.error("a request failed", exc_info=error, extra=extra)
        return problem(500, "something went wrong here; its log line has the request's id")

    kinds: dict[type[Exception], tuple[int, str | None]] = {
        ScorerInputError: (422, None),
        TooLargeError: (413, None),
        UnknownVersionError: (404, "unknown-version"),
        AliasMovedError: (409, None),
        NoInsightsError: (404, "no-profiles"),
        UnknownValueError: (404, "unknown-value"),
        NotReadyError: (503, None),
    }

    async def plain(_: Request, error: Exception) -> Response:
        status, code = next(found for kind, found in kinds.items() if isinstance(error, kind))
        headers = {"Retry-After": "2"} if status == 503 else None
        return problem(status, str(error), code=code, headers=headers)

    for kind in kinds:
        app.add_exception_handler(kind, plain)


app = create_app()
