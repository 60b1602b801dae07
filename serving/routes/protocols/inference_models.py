"""What the Open Inference Protocol's calls take and answer, for the API's description."""

from typing import Any, Literal

from pydantic import BaseModel, Field, create_model

from hitcast.declaration.label import Label
from serving.responses import errors_as

Scalar = str | int | float | bool
Parameters = dict[str, Scalar]
Given = dict[str, Any]
"""Parameters of a request: those that mean nothing here are passed over, whatever they are."""


class InputTensor(BaseModel):
    """One input of all rows."""

    name: str = Field(description="the input's")
    shape: list[int] = Field(description="[n] or [n, 1] for n rows", min_length=1, max_length=2)
    datatype: str = Field(
        description="BYTES for texts, INT… for whole numbers, also FP… for others"
    )
    parameters: Given | None = Field(None, description="binary_data_size: the values are bytes")
    data: list[Scalar | list[Scalar]] = Field([], description="the values, where they are no bytes")


class WantedOutput(BaseModel):
    """One output that is wanted."""

    name: str
    parameters: Given | None = Field(None, description="binary_data: whether to answer in bytes")


class InferRequest(BaseModel):
    """Rows to score, one tensor an input; with no outputs named, all are answered."""

    id: str | None = Field(None, description="echoed")
    parameters: Given | None = Field(None, description="binary_data_output: answer all in bytes")
    inputs: list[InputTensor]
    outputs: list[WantedOutput] | None = None


class OutputTensor(BaseModel):
    """One output of all rows."""

    name: str
    shape: list[int]
    datatype: Literal["INT64", "FP64"]
    parameters: Parameters = Field({}, description="binary_data_size: the values are bytes")
    data: list[int | float] = Field([], description="the values, where they are no bytes")


class InferResponse(BaseModel):
    """The rows' answers, in order."""

    model_name: str
    model_version: str
    id: str | None = None
    parameters: Parameters = Field(description="prediction_id: what the rows' ids begin with")
    outputs: list[OutputTensor]


def response_model(label: Label) -> type[BaseModel]:
    """The answer of a use case: where classes have names, labels are texts."""
    if not label.names:
        return InferResponse
    fields: dict[str, Any] = {
        "datatype": (Literal["BYTES", "FP64"], ...),
        "data": (
            list[str | float],
            Field([], description="the values, where they are no bytes"),
        ),
    }
    output: Any = create_model("OutputTensor", __base__=OutputTensor, **fields)
    return create_model("InferResponse", __base__=InferResponse, outputs=(list[output], ...))


class ServerMetadata(BaseModel):
    """What answers."""

    name: str
    version: str
    extensions: list[str]


class TensorMetadata(BaseModel):
    """An input or output; its values are as many as there are rows."""

    name: str
    datatype: str
    shape: list[int] = Field(description="-1: any number")
    parameters: Parameters = Field({}, description="optional: the input may be left out")


class ModelMetadata(BaseModel):
    """The model with its inputs and outputs."""

    name: str
    versions: list[str]
    platform: str
    inputs: list[TensorMetadata]
    outputs: list[TensorMetadata]


class Live(BaseModel):
    """Whether the server is alive."""

    live: bool


class Ready(BaseModel):
    """Whether the server can answer."""

    ready: bool


class ModelReady(BaseModel):
    """Whether the model can answer."""

    name: str
    ready: bool


class InferenceError(BaseModel):
    """Why a request was not answered."""

    error: str


ERRORS = errors_as(
    InferenceError,
    {
        400: "a request that does not fit; names the input",
        401: "no valid key",
        404: "no such model, version or path",
        405: "the path has no such method; `Allow` lists those it has",
        408: "the body did not arrive in time",
        413: "too large a body",
        429: "too many requests",
        500: "a fault of ours",
        503: "no model can answer yet",
    },
)
"""Errors of a call, as OpenAPI describes them."""
