"""Databricks' side of a studio that runs as one of its apps: the API's address, and signing in.

The API is an app too. Its name is all that the platform tells (`value_from` of an app resource);
where it answers is asked of the workspace, which signs the calls' tokens as well: as the service
principal of the studio's own app.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import requests


class SignInError(Exception):
    """Databricks did not give what was asked for; the text says what to do."""


class DatabricksSignIn(requests.auth.AuthBase):
    """Puts a token of this app into each request; Databricks' client renews it in time."""

    def __init__(self) -> None:
        self._config: Any = None

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Add the `Authorization` header.

        Raises:
            SignInError: if the platform's variables are missing, or its answer is no.
        """
        advice = "HITCAST_API_SIGN_IN=databricks works in an app of Databricks alone"
        with _told("a token from Databricks for this app's service principal", advice):
            from databricks.sdk.config import Config

            self._config = self._config or Config()
            request.headers.update(self._config.authenticate())
        return request


def address_of(app: str) -> str:
    """The address of an app of the workspace, by its name.

    Raises:
        SignInError: if the workspace knows no such app, or does not let this one see it.
    """
    advice = "the studio needs CAN_USE of the API's app (resources/api.app.yml), by its name"
    with _told(f"the address of the app {app} from Databricks", advice):
        from databricks.sdk import WorkspaceClient

        found = WorkspaceClient().apps.get(app).url
        if not found:
            raise ValueError("an app without an address; deploy it and start it")
        return str(found)


@contextmanager
def _told(expected: str, advice: str) -> Iterator[None]:
    """Turn what Databricks' client raises into one error that says what to do."""
    from databricks.sdk.errors import DatabricksError

    try:
        yield
    except (DatabricksError, ValueError, OSError) as error:
        told = " ".join(str(error).split())
        raise SignInError(f"expected {expected}, got: {told}; {advice}") from error
