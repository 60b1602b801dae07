"""`/predict` and `/predict/batch`."""

import time
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Query, Request, Response

from hitcast.declaration.use_case import UseCase
from serving import wording
from serving.access import DirectRoute
from serving.answers import answers_of
from serving.api import Alias, Version, api_of
from serving.bodies import takes
from serving.description import body_of
from serving.experiments.shadows import Shadowed
from serving.log.records import id_of, line, new_id
from serving.responses import RESPONSES, Answer
from serving.row_models import example
from serving.rows import Batch, RowReader
from serving.scoring import Asked, Scored


def predict_router(use_case: UseCase, reader: RowReader) -> APIRouter:
    """The calls that predict, described by the use case."""
    router = APIRouter(tags=["predict"], route_class=DirectRoute, responses=RESPONSES)
    answers = answers_of(use_case)
    row_body = body_of(reader.model, example(use_case))
    batch_body = body_of(reader.batch, {"instances": [example(use_case, optional=False)]})

    @router.post(
        "/predict",
        summary=wording.about_one(use_case),
        response_model=answers.detailed | answers.one,
        openapi_extra=row_body,
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
        choice = await api.choose(request, alias, version)
        prediction_id = new_id()
        choice, scores = api.scored(choice, lambda served: served.score([row]))
        served = choice.served
        body = served.body(scores.labels[0])
        if detail:
            found = {
                **served.detail(scores),
                "model": {
                    "name": api.settings.model_name,
                    "version": served.number,
                    "alias": choice.alias,
                    "generated": served.scorer.card.generated,
                },
                "request_id": request.state.request_id,
                "prediction_id": prediction_id,
                "unknown": served.unknown(row),
                "outside": served.outside(row),
            }
            body = orjson.dumps(found)
        common = api.shared(request, choice, begun)
        logged = api.logged([row])
        api.keep(choice, line(common, prediction_id, logged[0], scores), scores)
        after = None
        if choice.shadows:
            batch = Batch([row], range(1), {})
            shadowed = Shadowed(choice.shadows, common, prediction_id, batch, logged, is_one=True)
            after = api.afterwards(shadowed)
        return Answer(body, api.headers(choice, prediction_id), after)

    @router.post(
        "/predict/batch",
        summary=f"{wording.about_many(use_case)} Answers come in order",
        response_model=answers.batch,
        openapi_extra=batch_body,
    )
    @takes(None)
    async def predict_batch(
        request: Request, alias: Alias = None, version: Version = None
    ) -> Response:
        begun = time.perf_counter()
        api = api_of(request)
        body = await api.body(request)
        asked = await Asked.of(request, alias, version, begun)

        def work() -> tuple[Scored, bytes]:
            scored = asked.score(api.reader.read_batch(body))
            return scored, orjson.dumps({"predictions": rows_answered(scored)})

        # In a thread: other requests are answered meanwhile.
        scored, answered = await api.work(work)
        return Answer(answered, *scored.keep())

    return router


def rows_answered(scored: Scored) -> list[dict[str, Any]]:
    """The answer to each row of a batch, in order: what was predicted, or what is wrong with it."""
    output, begun = scored.asked.served.output, scored.asked.prediction_id
    batch, scores = scored.batch, scored.scores
    field, each = scores.field, zip(batch.places, scores.labels, scores.told, strict=True)
    found: list[dict[str, Any]] = [
        {output: label, field: told, "prediction_id": id_of(begun, place)}
        for place, label, told in each
    ]
    for place, error in sorted(batch.errors.items()):
        found.insert(place, {"error": error})
    return found
