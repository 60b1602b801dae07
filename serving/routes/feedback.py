"""`/feedback`: what came of answers, into a log of its own, for `collect`."""

import time
from datetime import UTC, datetime
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Request, Response
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    RootModel,
    TypeAdapter,
    ValidationError,
    create_model,
)

from hitcast.declaration.use_case import UseCase
from serving.access import AccessRoute
from serving.answers import label_of
from serving.api import Api, api_of
from serving.bodies import SMALL_BYTES, takes
from serving.description import body_of
from serving.log.records import source_of
from serving.responses import JSON, RESPONSES
from serving.rows import BadRequestError, parse, whole

FORMAT = 1
"""Of a line of the feedback log."""
TOLD = 20
"""So many things that are wrong are named."""
ISO = r"^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)?$"
EARLIEST = -2_208_988_800
"""The first second of 1900: tables hold none before it."""
AHEAD_SECONDS = 300.0
"""So far may the caller's clock be ahead of this one: of a prediction's outcomes the latest counts,
and nothing could correct one of next year."""
SHOWN_ID = "0199c3e1a2b4d5f60718293a4b5c6d7e"


class LogOffError(RuntimeError):
    """The log is off."""


class FeedbackLostError(RuntimeError):
    """Feedback can't be kept now."""


class Accepted(BaseModel):
    """Feedback that is in the log."""

    accepted: int


def feedback_model(use_case: UseCase) -> type[BaseModel]:
    """The body of `/feedback`: an outcome, or a list of them."""
    outcome = outcome_model(use_case)

    class FeedbackBody(RootModel[outcome | list[outcome]]):  # type: ignore[valid-type]
        """What came of one answer, or of several."""

    return FeedbackBody


def outcome_model(use_case: UseCase) -> type[BaseModel]:
    """What came of one answer."""
    kind, _ = label_of(use_case.label)
    told = Field(description="what it was in truth, as answers have it")
    fields: dict[str, Any] = {
        "prediction_id": (
            Annotated[str, Field(pattern=r"^[!-~]{1,64}$")],
            Field(description="of the answer: its header X-Prediction-ID, or that of a row"),
        ),
        "outcome": (Annotated[kind, BeforeValidator(_no_truth)], told),
        "at": (
            Annotated[str, Field(pattern=ISO, json_schema_extra={"format": "date-time"})] | None,
            Field(None, description="when it happened (ISO 8601; UTC unless told); else now"),
        ),
    }
    strict = ConfigDict(strict=True, extra="forbid")
    found: type[BaseModel] = create_model("Outcome", __config__=strict, **fields)
    return found


def _no_truth(value: Any) -> Any:
    """A whole number as it is written or as 1.0; true is none, though Python takes it for 1.

    Raises:
        ValueError: if it is true or false.
    """
    if isinstance(value, bool):
        raise ValueError("Expected an answer of this use case, as answers have it")
    return whole(value)


def feedback_router(use_case: UseCase, most: int) -> APIRouter:
    """The call, described by the use case; it takes so many outcomes at most."""
    router = APIRouter(tags=["experiments"], route_class=AccessRoute, responses=RESPONSES)
    outcomes: TypeAdapter[list[Any]] = TypeAdapter(list[outcome_model(use_case)])  # type: ignore[misc, arg-type]
    shown = {"prediction_id": SHOWN_ID, "outcome": (use_case.label.names or (0, 1))[-1]}

    @router.post(
        "/feedback",
        summary="What came of answers: one outcome, or a list of them",
        response_model=Accepted,
        status_code=202,
        openapi_extra=body_of(feedback_model(use_case), shown),
    )
    @takes(None)
    async def feedback(request: Request) -> Response:
        api = api_of(request)
        body = await api.body(request)

        def work() -> tuple[bytes, int]:
            return _lines(request, outcomes, _listed(parse(body), most))

        lines, count = await api.work(work) if len(body) > SMALL_BYTES else work()
        _keep(api, lines, count)
        return Response(orjson.dumps({"accepted": count}), 202, media_type=JSON)

    return router


def _listed(found: Any, most: int) -> list[Any]:
    several = found if isinstance(found, list) else [found]
    if not 1 <= len(several) <= most:
        raise BadRequestError([(None, f"expected 1 to {most} outcomes, got {len(several)}")])
    return several


def _lines(
    request: Request, outcomes: TypeAdapter[list[Any]], found: list[Any]
) -> tuple[bytes, int]:
    """The log's lines of what a request tells.

    Raises:
        BadRequestError: naming what is wrong; then nothing of it is kept.
    """
    try:
        told = outcomes.validate_python(found)
    except ValidationError as error:
        raise BadRequestError(_problems(error, alone=len(found) == 1)) from None
    now = time.time()
    common = {
        "format": FORMAT,
        "time": now,
        "model": api_of(request).settings.model_name,
        "source": source_of(request.headers),
        "request_id": request.state.request_id,
    }
    lines = [
        orjson.dumps(
            {
                **common,
                "prediction_id": each.prediction_id,
                "outcome": each.outcome,
                "at": now if each.at is None else _moment(place, each.at),
            },
            option=orjson.OPT_APPEND_NEWLINE,
        )
        for place, each in enumerate(told)
    ]
    return b"".join(lines), len(lines)


def _moment(place: int, text: str) -> float:
    """A time in seconds since 1970.

    Raises:
        BadRequestError: if there is no such one.
    """
    try:
        found = datetime.fromisoformat(text)
        moment = (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
        if not EARLIEST <= moment <= time.time() + AHEAD_SECONDS:
            raise ValueError("before what tables hold, or to come")
    except ValueError:
        told = (
            "expected a time such as 2026-11-28T12:30:00Z, 1900 or later and not to come, got "
            f"{text[:40]!r}"
        )
        raise BadRequestError([(f"outcome {place}: at", told)]) from None
    return moment


def _problems(error: ValidationError, *, alone: bool) -> list[tuple[str | None, str]]:
    found: list[tuple[str | None, str]] = []
    for problem in error.errors(include_url=False)[:TOLD]:
        place, *field = problem["loc"]
        name = ".".join(str(part) for part in field[:1])
        where = name if alone else f"outcome {place}{name and f': {name}'}"
        found.append((where or None, f"{problem['msg']}, got {str(problem['input'])[:60]!r}"))
    more = error.error_count() - TOLD
    return [*found, (None, f"{more} more are wrong")] if more > 0 else found


def _keep(api: Api, lines: bytes, count: int) -> None:
    """Put lines into the log.

    Raises:
        LogOffError: if it is off.
        FeedbackLostError: if it can't take them now.
    """
    if api.feedback is None:
        raise LogOffError("HITCAST_LOG is off on this server, so feedback can't be kept")
    if not api.feedback.append(lines, count):
        api.metrics.fed_back("lost", count)
        raise FeedbackLostError(f"{api.feedback.problem}; nothing of it is kept, send it again")
    api.metrics.fed_back("kept", count)
