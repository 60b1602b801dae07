"""The two forms of a response: an answer, and a problem document (RFC 9457)."""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any, NamedTuple, cast

from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

JSON = "application/json"
PROBLEM_JSON = "application/problem+json"


After = Callable[[], Awaitable[None]]
"""What is done once an answer is sent."""


class Answer(Response):
    """A 200 with JSON, its headers bytes already: encoding them anew took 0.02 ms an answer."""

    def __init__(
        self,
        body: bytes,
        headers: Sequence[tuple[bytes, bytes]] = (),
        after: After | None = None,
    ) -> None:
        self.status_code, self.body = 200, body
        self.background = cast(Any, after)
        length = (b"content-length", b"%d" % len(body))
        self.raw_headers = [*headers, length, (b"content-type", JSON.encode())]


class Refusal(Response):
    """A problem document; whoever counts and logs requests finds its code in their state."""

    def __init__(self, code: str, body: str, status: int, headers: dict[str, str]) -> None:
        super().__init__(body, status, headers, PROBLEM_JSON)
        self.code = code

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        scope.setdefault("state", {})["code"] = self.code
        await super().__call__(scope, receive, send)


class Wrong(BaseModel):
    """One thing that is wrong with a request."""

    field: str | None = Field(description="the input to blame; null: the request as a whole")
    message: str = Field(description="what was expected and what arrived")


class Problem(BaseModel):
    """Why a request was not answered, as RFC 9457 has it."""

    model_config = ConfigDict(title="Problem")

    type: str = Field(description="names the kind of problem; the same for the same `code`")
    title: str = Field(description="HTTP's phrase for the status")
    status: int
    detail: str = Field(description="one sentence: what was expected, what arrived, what to do")
    code: str = Field(description="stable, for programs; docs/api.md lists them")
    errors: list[Wrong] = Field(description="each input that is wrong; empty where none is")


class Status(NamedTuple):
    """What an error's status stands for, unless its answer has a code of its own."""

    code: str
    meaning: str


STATUSES = {
    400: Status("bad-request", "not HTTP as it should be"),
    401: Status("key-required", "no valid key"),
    403: Status("admin-off", "admin calls are off"),
    404: Status("not-found", "no such path, alias, version or profile"),
    405: Status("method-not-allowed", "the path has no such method; `Allow` lists those it has"),
    408: Status("timeout", "the body did not arrive in time"),
    409: Status(
        "alias-moved",
        "the alias names another version than the request does, or an experiment runs",
    ),
    413: Status("too-large", "too large a body"),
    415: Status("unsupported", "a body in a form that is not taken"),
    422: Status("invalid", "a body or parameter that does not fit; names the field"),
    429: Status("too-many-requests", "too many requests; `Retry-After` says when to come again"),
    500: Status("internal", "a fault of ours; the log line has the request's id"),
    503: Status("not-ready", "no model can answer yet, or too much is going on; says what to do"),
}


CODES = {
    **{status.code: status.meaning for status in STATUSES.values()},
    "key-wrong": "the key is none of those that are accepted",
    "admin-key-required": "the key is a good one, and this call needs the admin key",
    "wrong-keys": "too many wrong keys came from the address",
    "unknown-version": "no such alias or version; tells which there are",
    "unknown-value": "the training has seen no such value",
    "no-profiles": "the version was trained without profiles",
    "no-registry": "one exported scorer is all that is served: there is no registry to ask",
    "unknown-experiment": "conf/ declares no such experiment; tells which there are",
    "experiment-runs": "another experiment runs, or this one with what can't be changed meanwhile",
    "feedback-off": "the log is off, so that feedback, or what an experiment shows, can't be kept",
    "feedback-unkept": "feedback can't be kept now: the disk is full, say; send it again",
    "busy": "too much is being worked on",
    "starting": "the process has just started; `Retry-After` says when to come again",
    "state-unwritable": "what was selected can't be kept: the disk is full, say",
    "gone": "the caller left before the request was whole; nobody reads it",
}
"""Every code that a problem may have."""


def problem(
    status: int,
    detail: str | None = None,
    errors: Sequence[tuple[str | None, str]] = (),
    *,
    code: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """An error as a response.

    Args:
        status: HTTP's status.
        detail: One sentence for people; made from the errors where it is not given.
        errors: Fields (None: the request as a whole) and what is wrong with each.
        code: What programs tell it by; else the status' own.
        headers: Others than the content's type.
    """
    code = code or STATUSES.get(status, Status(f"status-{status}", "")).code
    body = {
        "type": f"urn:hitcast:problem:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail or _sentence(errors),
        "code": code,
        "errors": [{"field": field, "message": message} for field, message in errors],
    }
    # ASCII alone: what arrived may hold half characters, which UTF-8 can't write.
    return Refusal(code, json.dumps(body), status, dict(headers or {}))


def _sentence(errors: Sequence[tuple[str | None, str]]) -> str:
    """The first thing that is wrong, and how many more there are."""
    field, message = errors[0] if errors else (None, "no more is known")
    more = f" (and {len(errors) - 1} more, see errors)" if len(errors) > 1 else ""
    return (f"{field}: {message}" if field else message) + more


def responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Errors of a call, as OpenAPI describes them."""
    schema = {"$ref": "#/components/schemas/Problem"}
    return {
        status: {
            "description": STATUSES[status].meaning,
            "content": {PROBLEM_JSON: {"schema": schema}},
        }
        for status in statuses
    }


def errors_as(model: type[BaseModel], meanings: Mapping[int, str]) -> dict[int | str, Any]:
    """The same where errors have another form than a problem document."""
    return {status: {"model": model, "description": told} for status, told in meanings.items()}


RESPONSES = responses(*STATUSES)
"""The errors of every call."""
