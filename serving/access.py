"""Who may make which call: declared on the call itself, checked before anything of it is read.

A call needs a key unless it says otherwise, so that a new one is closed where keys are set.
"""

from collections.abc import Callable, Coroutine, Sequence
from enum import Enum
from typing import Any, TypeVar, cast

from fastapi import FastAPI, Request, Response
from fastapi.routing import APIRoute

from serving.bodies import ROW_BYTES
from serving.description import KEYS
from serving.keys import Keys
from serving.responses import problem
from serving.versions.switch import Switchboard

Call = Callable[[Request], Coroutine[Any, Any, Response]]
F = TypeVar("F", bound=Callable[..., Any])
NAMES = frozenset({"alias", "version"})
"""Parameters that name another version than the one that answers by default."""


class Access(Enum):
    """What a call needs: nothing, a key where keys are set, the admin key always."""

    OPEN = "open"
    KEY = "key"
    ADMIN = "admin"


def needs(access: Access) -> Callable[[F], F]:
    """Declare what a call needs; without it, it needs a key."""

    def declare(endpoint: F) -> F:
        cast(Any, endpoint).access = access
        return endpoint

    return declare


class AccessRoute(APIRoute):
    """A route that checks the key that its endpoint needs before it hands the request on."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **given: Any) -> None:
        self.access: Access = getattr(endpoint, "access", Access.KEY)
        self.largest: int | None = getattr(endpoint, "largest", ROW_BYTES)
        # Where no keys are set, calls of kind KEY are open: `{}` says that a key is optional.
        optional: list[dict[str, list[str]]] = [{}] if self.access is Access.KEY else []
        if self.access is not Access.OPEN:
            security = [*({name: []} for name in KEYS), *optional]
            given["openapi_extra"] = {**(given.get("openapi_extra") or {}), "security": security}
        # What generated clients call it: its own name, without path and method.
        given["operation_id"] = given.get("operation_id") or endpoint.__name__
        super().__init__(path, endpoint, **given)

    def get_route_handler(self) -> Call:
        """What answers a request to this route."""
        inner, access = self.answering(), self.access
        taken = (*self.dependant.query_params, *self.dependant.path_params)
        known = sorted(found.alias for found in self.dependant.query_params)
        # Where nothing is asked for, scrapes bring what they like.
        strict = bool(known) or not {"POST", "PUT"}.isdisjoint(self.methods or ())
        naming = not NAMES.isdisjoint(found.name for found in taken)
        if access is Access.OPEN and not naming:
            return inner

        async def answer(request: Request) -> Response:
            api = request.app.state.api
            keys: Keys = api.keys
            refused = None
            if access is Access.ADMIN:
                refused = keys.for_admin(request.scope) if keys.has_admin else _off()
            elif access is Access.KEY and keys.are_asked_for:
                refused = keys.for_calls(request.scope)
            elif naming and keys.are_set and _names_another(request, api.switch):
                refused = keys.for_naming(request.scope)
            if refused is None and strict and request.scope["query_string"]:
                refused = _misspelt(request, known)
            return refused or await inner(request)

        return answer

    def answering(self) -> Call:
        """What answers once the key is found to be good."""
        return super().get_route_handler()


class DirectRoute(AccessRoute):
    """A route whose call is made at once where a request has no query.

    FastAPI resolves parameters for each request, which took a third of an answer's time; without a
    query all of them have their defaults.

    Raises:
        TypeError: when declared for an endpoint that takes anything but the request and optional
            query parameters: that would be passed by in silence.
    """

    def answering(self) -> Call:
        """The endpoint itself, or FastAPI's resolution before it where there is a query."""
        call: Call = self.endpoint
        resolved = super().answering()
        taken = self.dependant
        others = [
            *taken.dependencies, *taken.path_params, *taken.header_params, *taken.cookie_params,
            *taken.body_params, *(p for p in taken.query_params if p.field_info.is_required()),
            *filter(None, (taken.response_param_name, taken.background_tasks_param_name)),
        ]  # fmt: skip
        if others:
            raise TypeError(
                f"expected {self.path} to take the request and optional query parameters alone, "
                f"got {others}; declare it as an AccessRoute, which resolves everything"
            )

        async def answer(request: Request) -> Response:
            return await (resolved if request.scope["query_string"] else call)(request)

        return answer


def close(app: FastAPI) -> None:
    """See that no route slipped in unchecked.

    Raises:
        TypeError: if a route is neither an AccessRoute nor one of FastAPI's own pages.
    """
    # A browser opens these pages, which can't send a key; they hold what is public anyway.
    pages = {app.docs_url, app.redoc_url, app.openapi_url, app.swagger_ui_oauth2_redirect_url}
    for route in app.routes:
        path = getattr(route, "path", None)
        if not isinstance(route, AccessRoute) and path not in pages:
            raise TypeError(f"expected an AccessRoute at {path}, got {route}; it would be open")


def _off() -> Response:
    return problem(403, "admin calls are off: set HITCAST_ADMIN_KEY to allow them")


def _misspelt(request: Request, known: Sequence[str]) -> Response | None:
    """Why a request's parameters are refused: one that a call does not have does nothing."""
    told = f"not a parameter of this call, which has {known or 'none'}"
    wrong = [(name[:100], told) for name in request.query_params if name not in known]
    return problem(422, errors=wrong) if wrong else None


def _names_another(request: Request, switch: Switchboard) -> bool:
    """Whether a request names a version or alias, and not the one that answers anyway.

    Another one is fetched, loaded, and takes the place of one in memory. Before anything answers,
    what was selected counts.
    """
    if not request.scope["query_string"] and not request.path_params:
        return False
    default, selected = switch.default, switch.selection
    alias = switch.alias if default else selected.alias
    number = default.number if default else selected.version
    free = {("alias", alias), ("version", str(number))}
    # Each time that one is named: a call takes the last, but another call might not.
    given = [*request.query_params.multi_items(), *request.path_params.items()]
    return any((name, value) not in free for name, value in given if name in NAMES)
