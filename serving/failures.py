"""What goes wrong within a call, as an answer: each error's status, code and headers."""

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette._utils import get_route_path
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.routing import Match

from hitcast.errors import ScorerInputError
from serving.api import AliasMovedError
from serving.bodies import BusyError, SlowBodyError, TooLargeError
from serving.experiments.changing import ExperimentRunsError
from serving.responses import problem
from serving.routes.experiment import UnknownExperimentError
from serving.routes.feedback import FeedbackLostError, LogOffError
from serving.routes.insight import NoInsightsError, UnknownValueError
from serving.rows import BadRequestError
from serving.versions.exported import NoRegistryError
from serving.versions.refusals import NotReadyError, StartingError
from serving.versions.selection import UnknownVersionError
from serving.versions.state import StateError

CLOSE = {"Connection": "close"}
LATER = {"Retry-After": "2"}
KINDS: dict[type[Exception], tuple[int, str | None, dict[str, str]]] = {
    ScorerInputError: (422, None, {}),
    TooLargeError: (413, None, {}),
    SlowBodyError: (408, None, CLOSE),
    BusyError: (503, "busy", LATER),
    UnknownVersionError: (404, "unknown-version", {}),
    NoRegistryError: (404, "no-registry", {}),
    AliasMovedError: (409, None, {}),
    ExperimentRunsError: (409, "experiment-runs", {}),
    UnknownExperimentError: (404, "unknown-experiment", {}),
    LogOffError: (503, "feedback-off", {"Retry-After": "60"}),
    FeedbackLostError: (503, "feedback-unkept", {"Retry-After": "10"}),
    NoInsightsError: (404, "no-profiles", {}),
    UnknownValueError: (404, "unknown-value", {}),
    NotReadyError: (503, None, LATER),
    StartingError: (503, "starting", LATER),
    StateError: (503, "state-unwritable", LATER),
    # Nobody reads it; without it, a caller who leaves would be a fault of ours in log and metrics.
    ClientDisconnect: (400, "gone", CLOSE),
}


def answer_errors(app: FastAPI) -> None:
    """Give every error its status and the one form that errors have; `Gate` has the rest."""

    @app.exception_handler(BadRequestError)
    async def bad_request(_: Request, error: BadRequestError) -> Response:
        return problem(422, errors=error.problems)

    @app.exception_handler(RequestValidationError)
    async def bad_parameter(_: Request, error: RequestValidationError) -> Response:
        wrong = [(str(e["loc"][-1])[:100], str(e["msg"])) for e in error.errors()]
        return problem(422, errors=wrong)

    @app.exception_handler(HTTPException)
    async def refused(request: Request, error: HTTPException) -> Response:
        headers, told = dict(error.headers or {}), str(error.detail)
        if error.status_code == 405:
            methods = sorted(_methods(request))
            headers["Allow"] = ", ".join(methods)
            told = f"expected {' or '.join(methods)}, got {request.method[:20]}"
        elif error.status_code == 404:
            # Only the router raises it so: no path fits.
            path = get_route_path(request.scope)[:100]
            told = f"there is no {path}; /docs lists the calls"
        return problem(error.status_code, told, headers=headers)

    async def plain(_: Request, error: Exception) -> Response:
        status, code, headers = next(KINDS[kind] for kind in type(error).__mro__ if kind in KINDS)
        told = str(error) or "the caller left before all of the request was here"
        return problem(status, told, code=code, headers=headers)

    for kind in KINDS:
        app.add_exception_handler(kind, plain)


def _methods(request: Request) -> set[str]:
    """Every method of a path: one route knows its own alone. What GET answers, HEAD does too."""
    found: set[str] = set()
    for route in request.app.routes:
        if route.matches(request.scope)[0] is not Match.NONE:
            found |= getattr(route, "methods", None) or set()
    return found | {"HEAD"} if "GET" in found else found
