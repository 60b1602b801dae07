"""Reads a site's API by the paths that its declaration has."""

import json
import os
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urljoin

from hitcast.declaration.listings import Index
from hitcast.declaration.sites import ID, Api
from hitcast.errors import SourceError
from hitcast.sources.sites.asking import Answer
from hitcast.sources.sites.failures import NO_PAGE, ItemError
from hitcast.sources.sites.reading import Found, Listed, Row


class ApiReader:
    """Reads an API's answers; for the rest see `Reader`."""

    ends_with: str | None = None

    def __init__(self, origin: str, api: Api) -> None:
        self.index: Index = api.index
        self._origin = origin
        self._api = api

    def listed(self, answer: Answer) -> Listed:
        """The items that a listing names, whole where they are not asked for by themselves."""
        told = _loaded(answer)
        items = at(told, self.index.items)
        if not isinstance(items, list):
            raise ItemError(NO_PAGE, f"expected an array at {self.index.items!r}")
        following = at(told, self.index.next) if self.index.next else None
        return Listed(
            [self._found(item) for item in items],
            urljoin(answer.address, following) if isinstance(following, str) else None,
        )

    def item(self, answer: Answer) -> Row:
        """The columns of an item's own object."""
        return self._row(_loaded(answer))

    def _found(self, item: Any) -> Found:
        named = at(item, self._api.id)
        if not isinstance(named, str | int) or named == "":
            raise ItemError(NO_PAGE, f"expected a text or number at {self._api.id!r} of each item")
        name = quote(str(named), safe="")
        if self._api.item is None:
            return Found(f"{self._origin}/#{name}", self._row(item))
        return Found(self._origin + self._api.item.replace(ID, name))

    def _row(self, item: Any) -> Row:
        return {column: at(item, path) for column, path in self._api.columns.items()}


def at(told: Any, path: str) -> Any:
    """What is at a path, such as `data.0.name`; None where nothing is."""
    for part in path.split("."):
        if isinstance(told, dict):
            told = told.get(part)
        elif isinstance(told, list) and part.isdecimal() and int(part) < len(told):
            told = told[int(part)]
        else:
            return None
    return told


def headers_of(name: str, api: Api | None) -> Mapping[str, str]:
    """The headers that an API wants, with their values from the environment.

    Raises:
        SourceError: if a variable is not set.
    """
    wanted = api.headers if api else {}
    unset = sorted(variable for variable in wanted.values() if not os.environ.get(variable))
    if unset:
        raise SourceError(
            f"expected {unset} in the environment, as sites.{name}.api.headers has it, found "
            "nothing; get the key where the API is documented, and set it"
        )
    return {header: os.environ[variable] for header, variable in wanted.items()}


def _loaded(answer: Answer) -> Any:
    try:
        return json.loads(answer.body)
    except (ValueError, RecursionError):
        # Its own words could quote what came.
        raise ItemError(NO_PAGE, f"expected JSON, got {answer.type or 'something else'}") from None
