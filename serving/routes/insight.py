"""`/explain`, `/similar`, `/profiles` and `/schema`: what helps people to read an answer."""

from dataclasses import asdict
from functools import partial
from typing import Annotated, Any, Literal

import orjson
from fastapi import APIRouter, Query, Request, Response

from hitcast.declaration.use_case import UseCase
from hitcast.portable.card import InputColumn
from hitcast.portable.explain import curve, effects
from hitcast.portable.insights import QUANTILES, Insights
from hitcast.portable.word_effects import word_effects
from serving import wording
from serving.access import DirectRoute
from serving.answers import ProfilesAnswer, References, answers_of
from serving.api import Alias, Version, api_of
from serving.description import body_of
from serving.experiments.choosing import Choice
from serving.responses import RESPONSES, Answer
from serving.row_models import example
from serving.rows import BadRequestError, RowReader
from serving.schema import SchemaAnswer, schema_of
from serving.versions.served import Row, Served


class NoInsightsError(LookupError):
    """The version's training has written no profiles."""


class UnknownValueError(LookupError):
    """The version's training has seen no such value."""


def insight_router(use_case: UseCase, reader: RowReader) -> APIRouter:
    """The calls that explain and compare, described by the use case."""
    router = APIRouter(tags=["understand"], route_class=DirectRoute, responses=RESPONSES)
    body = body_of(reader.model, example(use_case))
    words = ", each word that is known is left out" if use_case.texts else ""
    listed = {c.name for c in use_case.features if c.private and not c.is_quantity}
    Feature: Any = Literal[*(column.name for column in use_case.features)]  # noqa: N806

    @router.post(
        "/explain",
        summary=f"What each number of {wording.one_of(use_case)} adds to its probability",
        description=f"Each number is replaced by the typical one in turn{words}. This is "
        "association, not cause.",
        response_model=answers_of(use_case).explained,
        openapi_extra=body,
    )
    async def explain(
        request: Request,
        feature: Annotated[
            Feature | None, Query(description="draw a curve over this input's range")
        ] = None,
        alias: Alias = None,
        version: Version = None,
    ) -> Response:
        api = api_of(request)
        row, served = await api.asked(request, alias, version)
        insights = _insights(served)
        columns = {column.name: column for column in served.scorer.card.inputs}
        if feature is not None and feature not in columns:
            raise BadRequestError([("feature", f"expected one of {sorted(columns)}")])
        if feature in listed:
            told = (
                f"{feature} is private: no curve is drawn over the values that the training knows"
            )
            raise BadRequestError([("feature", told)])
        explained = partial(_explained, served, insights, row, columns.get(feature or ""))
        # Texts may be long.
        found = await api.work(explained) if use_case.texts else explained()
        name = api.alias_of(served, alias)
        return Answer(orjson.dumps(found), api.headers(Choice(served, name)))

    @router.post(
        "/similar",
        summary=f"The most similar {wording.alike(use_case)}, as references",
        response_model=References,
        openapi_extra=body,
    )
    async def similar(
        request: Request,
        count: Annotated[int, Query(ge=1, le=50, description="how many at most")] = 5,
        alias: Alias = None,
        version: Version = None,
    ) -> Response:
        api = api_of(request)
        row, served = await api.asked(request, alias, version)
        found = {"similar": _insights(served).nearest(row, count)}
        name = api.alias_of(served, alias)
        return Answer(orjson.dumps(found), api.headers(Choice(served, name)))

    @router.get(
        "/profiles",
        summary=f"Typical and {wording.alike(use_case)}, by value",
        response_model=ProfilesAnswer,
    )
    async def profiles(
        request: Request,
        value: Annotated[str | None, Query(max_length=500, description="this one alone")] = None,
        alias: Alias = None,
        version: Version = None,
    ) -> Response:
        served = await api_of(request).find(alias, version)
        insights = _insights(served)
        if value is not None and value not in insights.profiles:
            known = f"a known {insights.by}" if insights.by else "no value: there is one profile"
            raise UnknownValueError(f"expected {known}, got {value[:60]!r}")
        wanted = insights.profiles if value is None else {value: insights.profiles[value]}
        found = {
            "by": insights.by,
            "quantiles": QUANTILES,
            "generated": served.scorer.card.generated,
            "overall": asdict(insights.overall),
            "profiles": {name: asdict(profile) for name, profile in wanted.items()},
        }
        return Answer(orjson.dumps(found))

    @router.get(
        "/schema",
        summary="The inputs: types, ranges, units and meanings",
        response_model=SchemaAnswer,
    )
    async def schema(request: Request) -> Response:
        return Answer(orjson.dumps(schema_of(api_of(request))))

    return router


def _explained(
    served: Served, insights: Insights, row: Row, drawn: InputColumn | None
) -> dict[str, Any]:
    """What a version says of a row, and why; with a curve over a column's range."""
    scorer, profile = served.scorer, insights.profile(row)
    two = scorer.card.has_two_classes
    found: dict[str, Any] = {
        **served.detail(served.score([row])),
        **({"base_rate": profile.base_rate} if two else {"shares": profile.shares}),
        "compared_with": insights.kind(row),
        "effects": [asdict(e) for e in effects(scorer, insights, row)],
    }
    if scorer.counters:
        found["words"] = [asdict(e) for e in word_effects(scorer, row)]
    if drawn is not None:
        values, probabilities = curve(scorer, insights, row, drawn)
        curved = {"feature": drawn.name, "values": values, "probabilities": probabilities}
        found["curve"] = curved
    return found


def _insights(served: Served) -> Insights:
    if served.insights is None:
        raise NoInsightsError(
            f"version {served.number} was trained without profiles; train again, or ask another"
        )
    return served.insights
