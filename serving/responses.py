"""The two forms of a response: an answer, and an error without anything of the inside."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, Field
from starlette.responses import Response

JSON = "application/json"


class Answer(Response):
    """A 200 with JSON, its headers bytes already: encoding them anew took 0.02 ms an answer."""

    def __init__(self, body: bytes, headers: Sequence[tuple[bytes, bytes]] = ()) -> None:
        self.status_code, self.background, self.body = 200, None, body
        length = (b"content-length", b"%d" % len(body))
        self.raw_headers = [*headers, length, (b"content-type", JSON.encode())]


class Problem(BaseModel):
    """One thing that is wrong with a request."""

    field: str | None = Field(description="the input to blame; null: the request as a whole")
    message: str = Field(description="what was expected and what arrived")


class Problems(BaseModel):
    """Why a request was not answered."""

    detail: list[Problem]


def problem(
    status: int,
    problems: str | Sequence[tuple[str | None, str]],
    headers: Mapping[str, str] | None = None,
) -> Response:
    """An error as a response; a text alone blames no field."""
    pairs = [(None, problems)] if isinstance(problems, str) else problems
    body = {"detail": [{"field": field, "message": message} for field, message in pairs]}
    # ASCII alone: what arrived may hold half characters, which UTF-8 can't write.
    return Response(json.dumps(body), status, dict(headers or {}), JSON)


ERRORS = {
    400: "not HTTP as it should be",
    401: "no valid key",
    403: "admin calls are off",
    404: "no such alias, version or profile",
    413: "too large a body",
    422: "a body or parameter that does not fit; names the field",
    429: "too many requests",
    503: "no model can answer yet; says what to do",
}
RESPONSES: dict[int | str, dict[str, Any]] = {
    status: {"model": Problems, "description": text} for status, text in ERRORS.items()
}
"""The errors of every call, as OpenAPI describes them."""
