"""How the API is, as OpenAPI describes it: what it serves, what there is, whether it is well."""

from typing import Literal

from pydantic import BaseModel, Field


class VersionState(BaseModel):
    """A version in the registry."""

    version: int
    aliases: list[str]
    created: int = Field(description="milliseconds since 1970")
    generated: bool = Field(description="whether it was trained on generated rows")
    run_id: str
    metrics: dict[str, float]
    tags: dict[str, str]
    problem: str | None = Field(description="why it can't be served")


class Models(BaseModel):
    """What the registry holds."""

    model: str
    aliases: dict[str, int]
    versions: list[VersionState]
    registry: str = Field(description="`up`, or why there is no news of it")


class SelectionState(BaseModel):
    """What was selected: an alias or a version."""

    alias: str | None
    version: int | None


class ModelState(BaseModel):
    """What answers when a request names nothing."""

    model: str
    version: int | None = Field(description="null: none yet")
    alias: str | None
    threshold: float | None
    family: str | None
    generated: bool | None
    selected: SelectionState
    problem: str | None = Field(description="why it is not what was selected")
    workers: int = Field(description="processes of the API on this machine")
    following: int = Field(description="how many of them serve what was selected")


class Liveness(BaseModel):
    """The process answers."""

    status: Literal["alive"]


class Readiness(BaseModel):
    """Whether predictions are answered, and what is amiss."""

    status: Literal["ready", "degraded", "unready"]
    problems: list[str]
