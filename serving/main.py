"""The app: `uvicorn serving.main:app`, or `python -m serving`."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from pydantic import BaseModel

from hitcast.declaration.loading import load_use_case
from serving import wording
from serving.access import AccessRoute, close
from serving.api import Api
from serving.background import running
from serving.bodies import Room
from serving.description import describe
from serving.experiments.choosing import Shadow
from serving.experiments.events import Events
from serving.experiments.live import Experiments
from serving.experiments.reports import Reports
from serving.experiments.shadows import Shadows
from serving.experiments.states import Declared
from serving.experiments.units import UnitIds
from serving.failures import answer_errors
from serving.gate import Gate
from serving.guard import Guard
from serving.json_logs import log_in_json
from serving.keys import LONG, Keys
from serving.log.inference_log import InferenceLog
from serving.metrics import Metrics
from serving.routes import experiment, metrics, models, page, reports
from serving.routes.feedback import feedback_model, feedback_router
from serving.routes.insight import insight_router
from serving.routes.predict import predict_router
from serving.routes.protocols.dialects import Dialects
from serving.routes.protocols.spoken import protocols
from serving.rows import RowReader
from serving.settings import Settings
from serving.timing import Timing
from serving.versions.selection import Selection
from serving.versions.switch import Switchboard

EXPOSED = (
    "X-Model-Name", "X-Model-Version", "X-Model-Alias", "X-Request-ID", "X-Prediction-ID",
    "X-Experiment", "X-Arm", "X-Fallback", "Retry-After",
)  # fmt: skip
"""Headers that a web page may read."""
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
        if api.keys.short:
            told = "keys of less than %d characters might be guessed; there are %d"
            logger.warning(told, LONG, api.keys.short)
        async with running(api):
            yield

    app = FastAPI(
        title=f"Hitcast: {use_case.title}",
        summary=wording.summary(use_case),
        version="1",
        lifespan=lifespan,
        # A redirect would name the host that the caller claims, and the scheme behind the proxy.
        redirect_slashes=False,
    )
    app.state.api = api
    # What is added by `app.get` needs a key too.
    app.router.route_class = AccessRoute
    spoken = protocols(use_case, api.reader)
    # Added one by one, not by include_router: each look at included routers took 0.1 ms a request;
    # before the pages, which a request would be compared with first.
    pages, app.router.routes = app.router.routes, []
    for router in (
        predict_router(use_case, api.reader), *spoken.scoring,
        feedback_router(use_case, settings.max_batch), insight_router(use_case, api.reader),
        models.router, experiment.router, reports.router, metrics.router, *spoken.telling,
    ):  # fmt: skip
        app.router.routes += router.routes
    if settings.page:
        app.router.routes += page.router.routes
    app.router.routes += pages
    _guard(app, api)
    answer_errors(app)
    bodies: list[type[BaseModel]] = [api.reader.model, api.reader.batch, models.Wanted, Declared]
    describe(app, [*bodies, feedback_model(use_case), *spoken.bodies])
    close(app)
    return app


def _guard(app: FastAPI, api: Api) -> None:
    """Put around the calls what every request passes; what is added last is the outermost."""
    settings = api.settings
    app.add_middleware(Gate, settings=settings, keys=api.keys, room=api.room)
    app.add_middleware(Timing, registry=api.metrics.registry)
    # Outside of the gate: a browser asks first, without a key, and shows no page a refusal that
    # does not allow it.
    if settings.cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=list(settings.cors_origins),
            allow_methods=["GET", "POST", "PUT", "DELETE", "HEAD"],
            allow_headers=["*"],
            expose_headers=EXPOSED,
        )
    app.add_middleware(Dialects)
    app.add_middleware(Guard, framed_by=settings.framed_by)


def _parts(settings: Settings) -> Api:
    use_case = load_use_case(settings.use_case)
    selection = Selection(None if settings.version else settings.alias, settings.version)
    log, feedback, events = _logs(settings) if settings.log else (None, None, None)
    metrics = Metrics(use_case.label.names or (0, 1))
    switch = Switchboard(
        settings.cache_folder,
        use_case,
        selection,
        kept=settings.kept_versions,
        poll_seconds=settings.poll_seconds,
        exported=settings.scorer,
    )

    def keep(lines: bytes, rows: int) -> None:
        if log is not None:
            log.append(lines, rows)

    def count(shadow: Shadow, result: str, rows: int) -> None:
        metrics.taken_part(shadow.part, rows, result)

    return Api(
        settings=settings,
        keys=Keys(settings),
        use_case=use_case,
        reader=RowReader(use_case, max_batch=settings.max_batch),
        switch=switch,
        experiments=Experiments(switch, Events(events, settings.model_name)),
        shadows=Shadows(settings.shadow_rows, keep, count),
        units=UnitIds(settings),
        reports=Reports(settings.reports_folder),
        metrics=metrics,
        log=log,
        feedback=feedback,
        events=events,
        # Room for one body at least, however little there is.
        room=Room(max(settings.max_held_bytes, settings.max_body_bytes)),
        turns=asyncio.Semaphore(settings.max_batches),
    )


def _logs(settings: Settings) -> tuple[InferenceLog, InferenceLog, InferenceLog]:
    """The log of answers, that of what came of them, and that of experiments."""
    to = settings.log_ship_to

    def beside(name: str) -> str | None:
        return to and f"{to.rstrip('/')}/{name}"

    def log(folder: Path, ship_to: str | None, name: str) -> InferenceLog:
        return InferenceLog(
            folder,
            max_bytes=settings.log_segment_bytes,
            max_seconds=settings.log_segment_seconds,
            limit=settings.log_limit_bytes,
            ship_to=ship_to,
            name=name,
        )

    return (
        log(settings.log_folder, to, "the inference log"),
        log(settings.feedback_folder, beside("feedback"), "the feedback log"),
        log(settings.experiment_folder, beside("experiments"), "the experiment log"),
    )


app = create_app()
