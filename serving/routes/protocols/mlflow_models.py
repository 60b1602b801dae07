"""What MLflow's scoring server takes and answers, for the API's description."""

from typing import Any

from pydantic import BaseModel, Field, RootModel, create_model

from hitcast.declaration.use_case import UseCase
from hitcast.portable.card import probability_names
from serving.answers import label_of
from serving.responses import errors_as

Value = str | int | float | None


class Split(BaseModel):
    """A frame as pandas splits it."""

    columns: list[str]
    data: list[list[Value]] = Field(description="one list a row, its values in the columns' order")
    index: list[int | str] | None = Field(None, description="not looked at")


class MlflowSplit(BaseModel):
    """A frame, split."""

    dataframe_split: Split


class MlflowError(BaseModel):
    """Why a request was not answered, as MLflow's exceptions read it."""

    error_code: str = Field(description="MLflow's name of the kind of error")
    message: str = Field(description="what was expected and what arrived, row by row")


ERRORS = errors_as(
    MlflowError,
    {
        400: "rows that do not fit; names them",
        401: "no valid key",
        404: "no such alias or version",
        405: "the path has no such method; `Allow` lists those it has",
        408: "the body did not arrive in time",
        409: "the alias names another version than the request does",
        413: "too large a body",
        429: "too many requests",
        500: "a fault of ours",
        503: "no model can answer yet, or too much is going on",
    },
)
"""Errors of a call, as OpenAPI describes them."""
UNKNOWN_FORM = errors_as(MlflowError, {415: "a form of body that is not taken: Parquet"})
"""One that `/invocations` alone has."""


def invocation_model(row: type[BaseModel]) -> type[BaseModel]:
    """The body of `/invocations`: the rows in one of four forms."""
    rows: Any = list[row]  # type: ignore[valid-type]
    columns: Any = dict[str, list[Value] | Value]
    records = create_model("MlflowRecords", dataframe_records=(rows, ...))
    inputs = create_model("MlflowInputs", inputs=(rows | columns, ...))
    instances = create_model("MlflowInstances", instances=(rows | columns, ...))
    forms: Any = records | MlflowSplit | inputs | instances

    class Invocation(RootModel[forms]):
        """Rows in one of four forms; columns that are no inputs are dropped."""

    return Invocation


def predictions_model(use_case: UseCase) -> type[BaseModel]:
    """The answer of `/invocations`."""
    answer, _ = label_of(use_case.label)
    fields: dict[str, Any] = {use_case.label.output: (answer, ...)}
    fields |= dict.fromkeys(probability_names(use_case.label.names), (float, ...))
    row: Any = create_model("Prediction", **fields)
    return create_model("Predictions", predictions=(list[row], ...))
