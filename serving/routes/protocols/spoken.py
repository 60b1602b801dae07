"""All that the app takes in of this room."""

from collections.abc import Sequence
from typing import NamedTuple

from fastapi import APIRouter
from pydantic import BaseModel

from hitcast.declaration.use_case import UseCase
from serving.routes.protocols.inference import inference_router
from serving.routes.protocols.inference_models import InferRequest
from serving.routes.protocols.invocations import mlflow_health_router, mlflow_router
from serving.routes.protocols.metadata import metadata_router
from serving.routes.protocols.mlflow_models import invocation_model
from serving.rows import RowReader


class Spoken(NamedTuple):
    """The protocols' calls, and the models of the bodies that they read themselves.

    Attributes:
        scoring: Those that score, to be looked through early: each route before costs time.
        telling: All others.
        bodies: The models.
    """

    scoring: Sequence[APIRouter]
    telling: Sequence[APIRouter]
    bodies: Sequence[type[BaseModel]]


def protocols(use_case: UseCase, reader: RowReader) -> Spoken:
    """The protocols that are spoken, described by the use case."""
    invocation = invocation_model(reader.model)
    return Spoken(
        [inference_router(use_case), mlflow_router(use_case, invocation)],
        [mlflow_health_router(), metadata_router(use_case)],
        [invocation, InferRequest],
    )
