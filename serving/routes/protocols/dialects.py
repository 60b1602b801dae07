"""Errors as the protocols' clients read them, wherever in the API they came about.

The API's own errors are problem documents. Under the paths of a protocol they are rewritten on
their way out: keys, limits, paths and methods that do not exist are told as the rest is.
"""

import json
from collections.abc import Callable
from typing import Any

from starlette._utils import get_route_path
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.responses import JSON, PROBLEM_JSON

Form = Callable[[int, str], dict[str, Any]]
MLFLOW_PATHS = frozenset({"/invocations", "/ping", "/health", "/version"})
MLFLOW_CODES = {
    400: "BAD_REQUEST",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "RESOURCE_DOES_NOT_EXIST",
    405: "ENDPOINT_NOT_FOUND",
    409: "RESOURCE_CONFLICT",
    429: "REQUEST_LIMIT_EXCEEDED",
    503: "TEMPORARILY_UNAVAILABLE",
}
"""What MLflow's exceptions call a status; 4xx that it does not know are bad requests."""
SEEN_AS = {422: 400}
"""Neither protocol has 422."""


def mlflow_error(status: int, told: str) -> dict[str, Any]:
    """An error as MLflow's server tells it."""
    other = "BAD_REQUEST" if status < 500 else "INTERNAL_ERROR"
    return {"error_code": MLFLOW_CODES.get(status, other), "message": told}


def inference_error(_: int, told: str) -> dict[str, Any]:
    """An error as the Open Inference Protocol has it."""
    return {"error": told}


def form_of(scope: Scope) -> Form | None:
    """The form of errors at a request's path; None where they stay problem documents."""
    if scope["type"] != "http":
        return None
    path = get_route_path(scope)
    if path.startswith("/v2") and path[3:4] in ("", "/"):
        return inference_error
    return mlflow_error if path in MLFLOW_PATHS else None


class Dialects:
    """ASGI middleware, next to the outermost: rewrites problem documents under some paths."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a request on, and its answer back."""
        form = form_of(scope)
        await self._app(scope, receive, _Translator(form, send).send if form else send)


class _Translator:
    """Passes an answer on, a problem document rewritten."""

    def __init__(self, form: Form, send: Send) -> None:
        self._form, self._send = form, send
        self._start: Message | None = None
        self._body = b""

    async def send(self, message: Message) -> None:
        """Pass on a part of the answer, or hold it until the whole problem is there."""
        if message["type"] == "http.response.start" and _is_problem(message):
            self._start = message
            return
        if self._start is None:
            await self._send(message)
            return
        self._body += message.get("body", b"")
        headers = MutableHeaders(raw=self._start["headers"])
        # The last message is not waited for: before it, the gate reads what is left of a request.
        if len(self._body) >= int(headers["content-length"]):
            start, self._start = self._start, None
            status: int = start["status"]
            status = SEEN_AS.get(status, status)
            # ASCII alone, as in `problem`: what arrived may hold half characters.
            told = self._form(status, sentence(json.loads(self._body)))
            body = json.dumps(told).encode()
            headers["content-type"], headers["content-length"] = JSON, str(len(body))
            await self._send({**start, "status": status, "headers": headers.raw})
            await self._send({**message, "body": body})


def _is_problem(message: Message) -> bool:
    return any(
        name == b"content-type" and value.startswith(PROBLEM_JSON.encode())
        for name, value in message["headers"]
    )


def sentence(found: dict[str, Any]) -> str:
    """A problem document in one line: every input that is wrong, else the detail."""
    each = [(error["field"], error["message"]) for error in found["errors"]]
    told = "; ".join(f"{field}: {text}" if field else str(text) for field, text in each)
    return told or str(found["detail"])
