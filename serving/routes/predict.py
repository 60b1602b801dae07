"""`/predict` and `/predict/batch`."""

import asyncio
import time
from typing import Annotated, Any, Literal

import orjson
from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field, create_model

from hitcast.declaration.use_case import UseCase
from serving.access import DirectRoute
from serving.api import Alias, Version, api_of
from serving.description import body_of
from serving.responses import RESPONSES, Answer
from serving.rows import Batch, RowReader, example


class ModelRef(BaseModel):
    """The version that answered."""

    name: str
    version: int
    alias: str | None
    generated: bool = Field(description="whether it was trained on generated rows")


def predict_router(use_case: UseCase, reader: RowReader) -> APIRouter:
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
    batch_body = body_of(reader.batch, {"instances": [example(use_case, optional=False)]})

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
        row, served = await api.asked(request, alias, version)
        name = api.alias_of(served, alias)
        (probability,) = served.score([row])
        label = served.label(probability)
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

        def work() -> tuple[Batch, list[float], list[int], bytes]:
            batch = api.reader.read_batch(body)
            probabilities = []
            if batch.columns is not None:
                probabilities = served.score_columns(batch.columns)
            elif batch.rows:
                probabilities = served.score(batch.rows)
            labels = [served.label(probability) for probability in probabilities]
            answers: list[dict[str, Any]] = [
                {served.output: label, "probability": probability}
                for label, probability in zip(labels, probabilities, strict=True)
            ]
            for place, error in sorted(batch.errors.items()):
                answers.insert(place, {"error": error})
            return batch, probabilities, labels, orjson.dumps({"predictions": answers})

        # In a thread: other requests are answered meanwhile. The log is for this thread alone.
        batch, probabilities, labels, answered = await asyncio.to_thread(work)
        api.keep(request, served, name, batch.rows, probabilities, labels, begun)
        return Answer(answered, api.headers(served, name))

    return router
