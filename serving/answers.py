"""What the calls answer, as OpenAPI describes it; the calls write their answers themselves.

Those that carry the use case's own names (its output) are made from it.
"""

from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, create_model

from hitcast.declaration.use_case import UseCase
from hitcast.portable.explain import Effect
from hitcast.portable.insights import Profile

PREDICTION_ID = Field(description="names this answer in the log, and in feedback")


class ModelRef(BaseModel):
    """The version that answered."""

    name: str
    version: int
    alias: str | None
    generated: bool = Field(description="whether it was trained on generated rows")


class RowError(BaseModel):
    """Why a row of a batch was not scored."""

    error: str


class Curve(BaseModel):
    """Probabilities over the range of one input, all else as in the row."""

    feature: str
    values: list[float | str]
    probabilities: list[float]


class Reference(BaseModel):
    """A positive row of the training, with the columns that name it."""

    model_config = ConfigDict(extra="allow")

    distance: float = Field(description="root mean square difference, in spreads of each number")
    features: dict[str, float | None]


class References(BaseModel):
    """The references most like a row, nearest first."""

    similar: list[Reference]


class ProfilesAnswer(BaseModel):
    """Typical rows by the values of one text input."""

    by: str
    quantiles: list[float] = Field(description="which quantiles the profiles hold")
    generated: bool
    overall: Profile
    profiles: dict[str, Profile]


class InputDescription(BaseModel):
    """One input of the model."""

    name: str
    role: str
    type: Literal["text", "integer", "number"]
    required: bool
    minimum: float | None
    maximum: float | None
    unit: str | None
    meaning: str
    names: dict[str, str] | None = Field(description="what whole numbers stand for")
    example: float | int | str | None
    values: list[str] | None = Field(description="texts that the served version knows")


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
    entity: str
    output: str
    label: str
    profiles_by: str | None
    limits: Limits
    inputs: list[InputDescription]


@dataclass(frozen=True)
class Answers:
    """The answers that carry the use case's output, as models.

    Attributes:
        one: Of `/predict`, as promised to the byte.
        detailed: Of `/predict?detail=true`.
        batch: Of `/predict/batch`.
        explained: Of `/explain`.
    """

    one: type[BaseModel]
    detailed: type[BaseModel]
    batch: type[BaseModel]
    explained: type[BaseModel]


def answers_of(use_case: UseCase) -> Answers:
    """The answers of a use case."""
    label: Any = (Literal[0, 1], Field(description="1: at or above the threshold"))
    named = {use_case.label.output: label}
    one = _model("Answer", **named)
    detailed = _model(
        "DetailedAnswer", **named,
        probability=(float, ...),
        threshold=(float, ...),
        model=(ModelRef, ...),
        request_id=(str, Field(description="the caller's X-Request-ID, or one made here")),
        prediction_id=(str, PREDICTION_ID),
        unknown=(list[str], Field(description="texts that the training has not seen")),
        outside=(
            dict[str, tuple[float, float]],
            Field(description="numbers beyond the training's, by input: its lowest and highest"),
        ),
    )  # fmt: skip
    row = _model("RowAnswer", **named, probability=(float, ...), prediction_id=(str, PREDICTION_ID))
    batch = _model("BatchAnswer", predictions=(list[row | RowError], ...))  # type: ignore[valid-type]
    explained = _model(
        "Explanation", **named,
        probability=(float, ...),
        threshold=(float, ...),
        base_rate=(float, ...),
        compared_with=(str | None, Field(description="null: with all rows")),
        effects=(list[Effect], ...),
        curve=(Curve | None, Field(None, description="where a feature is named")),
    )  # fmt: skip
    return Answers(one, detailed, batch, explained)


def _model(name: str, **fields: Any) -> type[BaseModel]:
    found: type[BaseModel] = create_model(name, **fields)
    return found
