"""What every part of a declaration is."""

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """A part of a declaration: it can't be changed, and unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", serialize_by_alias=True)
