"""What `/schema` tells: the inputs, what answers are called, and in which words people speak."""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from hitcast.declaration.columns import Column
from hitcast.declaration.use_case import UseCase
from hitcast.portable.insights import MEDIAN, Insights
from serving.api import Api
from serving.columns import kind_of, longest
from serving.row_models import TYPES, example_of
from serving.versions.served import Served

DECLARED = ("name", "role", "required", "minimum", "maximum", "unit", "meaning", "private")
"""What is told of an input as it is declared."""


class Typical(BaseModel):
    """A number among the training rows of the version that answers; it refuses no row."""

    median: float
    low: float = Field(description="5 % of the rows have less")
    high: float = Field(description="5 % of the rows have more")


class InputDescription(BaseModel):
    """One input of the model."""

    name: str
    role: str
    type: Literal["text", "integer", "number"] = Field(description="what is sent")
    category: bool = Field(description="whether a whole number stands for something")
    words: bool = Field(description="whether a text is read word by word")
    longest: int | None = Field(description="the most characters of a text")
    required: bool
    minimum: float | None
    maximum: float | None
    unit: str | None
    meaning: str
    names: dict[str, str] | None = Field(description="what whole numbers stand for")
    private: bool = Field(description="whether a value may tell who somebody is")
    example: float | int | str | None = Field(description="declared, or the training's median")
    typical: Typical | None = Field(description="null: a text, a category, or not known")
    values: list[str] | None = Field(
        description="texts that the served version knows; null of a private input"
    )


class Limits(BaseModel):
    """What a request may hold at most."""

    rows: int = Field(description="rows of a batch")
    batch_bytes: int = Field(description="bytes of a body with many rows")
    row_bytes: int = Field(description="bytes of a body with one row")


class SchemaAnswer(BaseModel):
    """The inputs, what the answer is called, and what a request may hold."""

    model_config = ConfigDict(title="Schema")

    use_case: str
    title: str
    entity: str = Field(description="what one row is called")
    many: str = Field(description="what several are called")
    output: str
    label: str
    classes: list[str] | None = Field(
        description="what answers may be, the positive one of two last; null: 0 and 1"
    )
    positive: str = Field(description="how a positive row is called, before its noun")
    note: str | None = Field(description="what people who read an explanation shall know")
    about: str | None = Field(description="what rows are about, as a whole")
    icon: str | None = Field(description="a Material symbol")
    profiles_by: str | None = Field(description="null: no rows to compare with but all")
    limits: Limits
    inputs: list[InputDescription]


def schema_of(api: Api) -> dict[str, Any]:
    """The whole answer; what depends on a training is that of the version that answers."""
    use_case, settings, served = api.use_case, api.settings, api.switch.default
    label, words, profiles = use_case.label, use_case.words, use_case.profiles
    return {
        "use_case": use_case.name,
        "title": use_case.title,
        "entity": use_case.entity,
        "many": use_case.many,
        "output": label.output,
        "label": label.told,
        "classes": list(label.names) or None,
        "positive": use_case.positive,
        "note": words.note,
        "about": words.about,
        "icon": words.icon,
        "profiles_by": profiles.by if profiles else None,
        "limits": {
            "rows": settings.max_batch,
            "batch_bytes": settings.max_body_bytes,
            "row_bytes": api.row_bytes,
        },
        "inputs": _inputs(use_case, served),
    }


def _inputs(use_case: UseCase, served: Served | None) -> list[dict[str, Any]]:
    known = {c.name: c.values for c in served.scorer.card.inputs} if served else {}
    insights = served.insights if served else None
    return [_input(column, known, insights) for column in use_case.inputs]


def _input(
    column: Column, known: Mapping[str, tuple[str, ...]], insights: Insights | None
) -> dict[str, Any]:
    usual, example = typical(column, insights), example_of(column)
    if example is None and insights is not None:
        # Also of a category, where the training tells its most frequent value.
        found = insights.overall.typical.get(column.name)
        example = None if found is None else TYPES[kind_of(column)](found)
    return {
        **{name: getattr(column, name) for name in DECLARED},
        "type": kind_of(column),
        "category": column.type == "category",
        "words": column.vocabulary is not None,
        "longest": longest(column) if column.type == "text" else None,
        "names": column.names and {str(number): told for number, told in column.names.items()},
        "example": example,
        "typical": usual,
        # Whom the training knows is told to nobody.
        "values": None if column.private else known.get(column.name) or None,
    }


def typical(column: Column, insights: Insights | None) -> dict[str, float] | None:
    """The median of a quantity and where nine in ten training rows lie, in the column's own type.

    None where a training has not told them: of texts and categories, and of trainings of old.
    """
    if insights is None or not column.is_quantity:
        return None
    quantiles = insights.usual(column.name)
    if quantiles is None:
        return None
    ends = {"median": quantiles[MEDIAN], "low": quantiles[0], "high": quantiles[-1]}
    return {name: TYPES[kind_of(column)](value) for name, value in ends.items()}
