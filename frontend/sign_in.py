"""Signing in where Databricks guards the API: as the service principal of the studio's own app."""

from typing import Any

import requests


class SignInError(Exception):
    """Databricks gave no token; the text says what to do."""


class DatabricksSignIn(requests.auth.AuthBase):
    """Puts a token of this app into each request; Databricks' client renews it in time."""

    def __init__(self) -> None:
        self._config: Any = None

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Add the `Authorization` header.

        Raises:
            SignInError: if the platform's variables are missing, or its answer is no.
        """
        from databricks.sdk.config import Config
        from databricks.sdk.errors import DatabricksError

        try:
            self._config = self._config or Config()
            request.headers.update(self._config.authenticate())
        except (DatabricksError, ValueError, OSError) as error:
            told = " ".join(str(error).split())
            raise SignInError(
                "expected a token from Databricks for this app's service principal, got: "
                f"{told}; HITCAST_API_SIGN_IN=databricks works in an app of Databricks alone"
            ) from error
        return request
