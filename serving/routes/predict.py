"""`/predict` and `/predict/batch`."""

import asyncio
import time
from typing import Annotated, Any, Literal

import orjson
from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field, create_model

from hitcast.use_case import UseCase
from serving.answers import JSON, RESPONSES, Answer
from serving.api import Alias, DirectRoute, Version, api_of
from serving.tracks import TrackReader, example


class ModelRef(BaseModel):
    """The version that answered."""

    name: str
    version: int
    alias: str | None
    generated: bool = Field(description="whether it was trained on generated rows")


def predict_router(use_case: UseCase, reader: TrackReader) -> APIRouter:
    """The calls that predict, described by the use case."""
    router = APIRouter(tags=["predict"], route_class=DirectRoute, responses=RESPONSES)
    output = use_case.label.output
    answer: Any = create_model(
        "Answer",
        **{output: (Literal[0, 1], Field(description="1: at or above the threshold"))},  # type: ignore[call-overload]
    )
    detailed = create_model(
        "DetailedAnswer",
        __base__=answer,
        probability=(float, ...),
        threshold=(float, ...),
        model=(ModelRef, ...),
        request_id=(str, ...),
        unknown=(list[str], Field(description="texts that the training has not seen")),
    )
    track_body = body_of(reader.model, example(use_case))
    batch_model = create_model("Batch", instances=(list[reader.model], ...))  # type: ignore[name-defined]
    batch_body = body_of(batch_model, {"instances": [example(use_case, optional=False)]})

    @router.post(
        "/predict",
        summary=f"Is one {use_case.entity} {output}?",
        response_model=answer | detailed,
        openapi_extra=track_body,
    )
    async def predict(
        request: Request,
        detail: Annotated[bool, Query(description="also tell probability and version")] = False,
        alias: Alias = None,
        version: Version = None,
    ) -> Response:
        begun = time.perf_counter()
        api = api_of(request)
        row = api.reader.read(await api.body(request))
        served = await api.find(alias, version)
        name = api.alias_of(served, alias)
        (probability,) = served.score([row])
        label = int(probability >= served.threshold)
        # Byte by byte what is promised: orjson would leave out the space.
        body = b'{"%b": %d}' % (served.output.encode(), label)
        if detail:
            found = {
                served.output: label,
                "probability": probability,
                "threshold": served.threshold,
                "model": {
                    "name": api.settings.model_name,
                    "version": served.number,
                    "alias": name,
                    "generated": served.scorer.card.generated,
                },
                "request_id": request.state.request_id,
                "unknown": served.unknown(row),
            }
            body = orjson.dumps(found)
        api.keep(request, served, name, [row], [probability], [label], begun)
        return Answer(body, api.headers(served, name))

    @router.post(
        "/predict/batch",
        summary=f"Are these {use_case.entity}s {output}? Answers come in order",
        openapi_extra=batch_body,
    )
    async def predict_batch(
        request: Request, alias: Alias = None, version: Version = None
    ) -> Response:
        begun = time.perf_counter()
        api = api_of(request)
        body = await api.body(request)
        served = await api.find(alias, version)
        name = api.alias_of(served, alias)

        def work() -> bytes:
            batch = api.reader.read_batch(body)
            rows, probabilities = batch.rows, []
            if batch.columns is not None:
                probabilities = served.score_columns(batch.columns)
            elif rows:
                probabilities = served.score(rows)
            threshold = served.threshold
            labels = [int(probability >= threshold) for probability in probabilities]
            answers = iter(
                {served.output: label, "probability": probability}
                for label, probability in zip(labels, probabilities, strict=True)
            )
            found = (
                [
                    {"error": batch.errors[place]} if place in batch.errors else next(answers)
                    for place in range(batch.size)
                ]
                if batch.errors
                else list(answers)
            )
            api.keep(request, served, name, rows, probabilities, labels, begun)
            return orjson.dumps({"predictions": found})

        # In a thread: other requests are answered meanwhile.
        answered = await asyncio.to_thread(work)
        return Answer(answered, api.headers(served, name))

    return router


def body_of(model: type[BaseModel], shown: Any) -> dict[str, Any]:
    """A request's body for OpenAPI: the routes read it themselves, in one go."""
    schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
    schema.pop("$defs", None)
    content = {JSON: {"schema": schema, "example": shown}}
    return {"requestBody": {"required": True, "content": content}}
