"""Who may make which call: declared on the call itself, checked before anything of it is read.

A call needs a key unless it says otherwise, so that a new one is closed where keys are set.
"""

import hmac
from collections.abc import Callable, Coroutine, Iterable
from enum import Enum
from typing import Any, TypeVar, cast

from fastapi import FastAPI, Request, Response
from fastapi.routing import APIRoute
from starlette.datastructures import Headers

from serving.description import KEYS
from serving.responses import problem
from serving.settings import Settings

Call = Callable[[Request], Coroutine[Any, Any, Response]]
F = TypeVar("F", bound=Callable[..., Any])


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


class Keys:
    """The keys that are accepted; compared in constant time.

    Args:
        settings: Name them: the admin key, and the keys of all calls (none: these are open).
    """

    def __init__(self, settings: Settings) -> None:
        admin = settings.admin_key.get_secret_value() if settings.admin_key else ""
        self._admin = admin.encode()
        self._keys = tuple(key.encode() for key in settings.api_keys)

    def known(self, headers: Headers) -> bytes | None:
        """The key that a request brings, if it is one of ours."""
        key = _given(headers)
        return key if _among(key, (self._admin, *self._keys)) else None

    def refusal(self, access: Access, headers: Headers) -> Response | None:
        """Why a request may not make a call of that kind; None where it may."""
        if access is Access.OPEN:
            return None
        if access is Access.ADMIN:
            if not self._admin:
                return problem(403, "admin calls are off: set HITCAST_ADMIN_KEY to allow them")
            admin = _among(_given(headers), [self._admin])
            return None if admin else _unknown("the admin key")
        if not self._keys or self.known(headers) is not None:
            return None
        return _unknown("a key")


class AccessRoute(APIRoute):
    """A route that checks the key that its endpoint needs before it hands the request on."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **given: Any) -> None:
        self.access: Access = getattr(endpoint, "access", Access.KEY)
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
        if access is Access.OPEN:
            return inner

        async def answer(request: Request) -> Response:
            keys: Keys = request.app.state.api.keys
            return keys.refusal(access, request.headers) or await inner(request)

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


def _given(headers: Headers) -> bytes:
    """The key in `X-API-Key`, else in `Authorization: Bearer`."""
    key = headers.get("x-api-key")
    if not key:  # Proxies send it empty.
        scheme, _, token = headers.get("authorization", "").partition(" ")
        key = token.strip() if scheme.lower() == "bearer" else ""
    return key.encode()


def _among(key: bytes, keys: Iterable[bytes]) -> bool:
    """Whether a key is one of `keys`, empty ones aside; every one is compared."""
    found = False
    for known in keys:
        found |= bool(known) and hmac.compare_digest(key, known)
    return found


def _unknown(what: str) -> Response:
    told = f"expected {what} in X-API-Key or Authorization: Bearer"
    return problem(401, told, headers={"WWW-Authenticate": "Bearer"})
