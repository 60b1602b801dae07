"""Routes with the model's name and version in their path, and what these stand for."""

from typing import Annotated, Any

from fastapi import Path, Request, Response
from fastapi._compat import ModelField

from hitcast.declaration.use_case import UseCase
from serving.access import AccessRoute, Call
from serving.api import Api
from serving.versions.selection import UnknownVersionError
from serving.versions.served import Served

MODEL = "/v2/models/{name}"
VERSION = f"{MODEL}/versions/{{version}}"
Number = Annotated[
    str, Path(description="a version's number, one of `versions` in the metadata", examples=["1"])
]
"""The type of `version` in a call's signature."""


class NamedRoute(AccessRoute):
    """A route whose call is made at once with the texts that its path holds.

    FastAPI resolves parameters for each request, which took a third of an answer's time; here they
    are texts, taken as they are. A query means nothing to the protocol.

    Raises:
        TypeError: when declared for an endpoint that takes more than the request and texts.
    """

    def answering(self) -> Call:
        """The endpoint itself."""
        taken, call = self.dependant, self.endpoint
        others = [
            *taken.dependencies, *taken.query_params, *taken.header_params, *taken.cookie_params,
            *taken.body_params, *filter(_is_no_text, taken.path_params),
        ]  # fmt: skip
        if others:
            raise TypeError(f"expected {self.path} to take texts of its path alone, got {others}")

        async def answer(request: Request) -> Response:
            found: Response = await call(request, **request.path_params)
            return found

        return answer


def name_of(use_case: UseCase) -> Any:
    """The type of `name` in a call's signature, with an example that works."""
    return Annotated[str, Path(description="the model's name", examples=[use_case.name])]


def _is_no_text(parameter: ModelField) -> bool:
    return parameter.field_info.annotation is not str


async def find(api: Api, name: str, version: str | None) -> Served:
    """The version that a path names.

    Raises:
        UnknownVersionError: if there is no such model or version.
    """
    check_name(api, name)
    return await api.find(None, None if version is None else number_of(version))


def check_name(api: Api, name: str) -> None:
    """Refuse another model's name.

    Raises:
        UnknownVersionError: if it is one.
    """
    if name != api.settings.model_name:
        told = f"expected the model {api.settings.model_name!r}, got {name[:60]!r}"
        raise UnknownVersionError(told)


def number_of(version: str) -> int:
    """A version's number in a path.

    Raises:
        UnknownVersionError: if it is none.
    """
    if not version.isascii() or not version.isdigit() or len(version) > 10:
        raise UnknownVersionError(f"expected a version's number, got {version[:60]!r}")
    return int(version)
