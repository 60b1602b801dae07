"""What the calls answer, as OpenAPI describes it; the calls write their answers themselves.

Those that carry the use case's own names (its output) are made from it.
"""

from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, create_model

from hitcast.declaration.label import Label
from hitcast.declaration.use_case import UseCase
from hitcast.portable.explain import Effect
from hitcast.portable.insights import Profile
from hitcast.portable.word_effects import WordEffect

UNKNOWN = "texts and categories that the training has not seen, texts of which it knows no word"
WORDS = "the words of texts that the version knows, those that count most first"
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
    """A row of the training, positive unless there are more classes than two, and what names it."""

    model_config = ConfigDict(extra="allow")

    distance: float = Field(description="root mean square difference, in spreads of each number")
    features: dict[str, float | None]


class References(BaseModel):
    """The references most like a row, nearest first."""

    similar: list[Reference]


class ProfilesAnswer(BaseModel):
    """Typical rows by the values of one text input."""

    by: str | None = Field(description="null: there is one profile, that of all rows")
    quantiles: list[float] = Field(description="which quantiles the profiles hold")
    generated: bool
    overall: Profile
    profiles: dict[str, Profile]


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
    named = {use_case.label.output: label_of(use_case.label)}
    chances = _chances(use_case.label)
    one = _model("Answer", **named)
    detailed = _model(
        "DetailedAnswer", **named, **chances,
        model=(ModelRef, ...),
        request_id=(str, Field(description="the caller's X-Request-ID, or one made here")),
        prediction_id=(str, PREDICTION_ID),
        unknown=(list[str], Field(description=UNKNOWN)),
        outside=(
            dict[str, tuple[float, float]],
            Field(description="numbers beyond the training's, by input: its lowest and highest"),
        ),
    )  # fmt: skip
    several = len(use_case.label.names) > 2
    told = "probabilities" if several else "probability"
    row = _model("RowAnswer", **named, **{told: chances[told]}, prediction_id=(str, PREDICTION_ID))
    batch = _model("BatchAnswer", predictions=(list[row | RowError], ...))  # type: ignore[valid-type]
    usual: dict[str, Any] = {"base_rate": (float, ...)}
    if several:
        told_of = "of each class among the rows that it is compared with"
        usual = {"shares": (dict[str, float], Field(description=told_of))}
    explained = _model(
        "Explanation", **named, **chances, **usual,
        compared_with=(str | None, Field(description="null: with all rows")),
        effects=(list[Effect], ...),
        curve=(Curve | None, Field(None, description="where a feature is named")),
        **({"words": (list[WordEffect], Field(description=WORDS))} if use_case.texts else {}),
    )  # fmt: skip
    return Answers(one, detailed, batch, explained)


def label_of(label: Label) -> Any:
    """The field of the answer itself: a class's name, or 0 and 1."""
    if label.names:
        return Literal[*label.names], Field(description=f"{label.column}: the class")
    return Literal[0, 1], Field(description="1: at or above the threshold")


def _chances(label: Label) -> dict[str, Any]:
    """The fields that say how likely the classes are."""
    if not label.names:
        return {"probability": (float, ...), "threshold": (float, ...)}
    each = {"probabilities": (dict[str, float], Field(description="of each class, by its name"))}
    if len(label.names) > 2:
        none = Field(description="null: the most likely of the classes is answered")
        return {
            "probability": (float, Field(description="of the class that is answered")),
            **each,
            "threshold": (float | None, none),
        }
    positive, other = label.names[-1], label.names[0]
    limit = f"from this probability on it is {positive}, below it is {other}"
    return {
        "probability": (float, Field(description=f"of {positive}")),
        **each,
        "threshold": (float, Field(description=limit)),
    }


def _model(name: str, **fields: Any) -> type[BaseModel]:
    found: type[BaseModel] = create_model(name, **fields)
    return found
