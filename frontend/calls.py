"""Calls of the scoring API over HTTP: where it is, keys, limits of time, what went wrong."""

import os
from collections.abc import Sequence
from typing import Any

import requests

from refusals import DownError, KeyRefusedError, SlowError, read_error
from sign_in import DatabricksSignIn, SignInError, address_of

DEFAULT_URL = "http://127.0.0.1:8000"
SETTINGS = (
    "HITCAST_API_URL", "HITCAST_API_APP", "HITCAST_API_KEY", "HITCAST_API_SECONDS",
    "HITCAST_API_SIGN_IN",
)  # fmt: skip
"""The environment variables that a client reads when it is made."""
CONNECT_SECONDS = 2.0
ANSWER_SECONDS = 10.0


class Calls:
    """Calls of the API, over connections that stay open.

    Args:
        url: The API's address; else `HITCAST_API_URL`, else that of the Databricks app which
            `HITCAST_API_APP` names, else port 8000 of this machine.
        key: Sent in `X-API-Key`; else `HITCAST_API_KEY`.
        seconds: How long an answer may take; else `HITCAST_API_SECONDS`, else 10.
    """

    def __init__(
        self, url: str | None = None, key: str | None = None, seconds: float | None = None
    ) -> None:
        self._url = (url or os.environ.get("HITCAST_API_URL") or "").rstrip("/")
        self.key = key or os.environ.get("HITCAST_API_KEY")
        given = os.environ.get("HITCAST_API_SECONDS")
        self.seconds = seconds or (float(given) if given else ANSWER_SECONDS)
        self._session = requests.Session()
        # No proxy, and no password that ~/.netrc holds for the host.
        self._session.trust_env = False
        self._session.headers["X-Source"] = "studio"
        if self.key:
            self._session.headers["X-API-Key"] = self.key
        if os.environ.get("HITCAST_API_SIGN_IN") == "databricks":
            self._session.auth = DatabricksSignIn()

    @property
    def url(self) -> str:
        """Where the API is; asked of Databricks once, where it is one of its apps.

        Raises:
            KeyRefusedError: if Databricks does not say it.
        """
        if not self._url:
            app = os.environ.get("HITCAST_API_APP")
            try:
                self._url = address_of(app).rstrip("/") if app else DEFAULT_URL
            except SignInError as error:
                raise KeyRefusedError(str(error)) from error
        return self._url

    def _call(
        self, method: str, path: str, at_least: float = 0.0, **options: Any
    ) -> dict[str, Any]:
        return self._asked(method, path, at_least, **options)[1]

    def _asked(
        self,
        method: str,
        path: str,
        at_least: float = 0.0,
        *,
        allowed: Sequence[int] = (200,),
        **options: Any,
    ) -> tuple[int, dict[str, Any]]:
        """The status and the answer's JSON; `allowed` are the statuses that are no refusal."""
        seconds = max(at_least, self.seconds)
        limits, url = (CONNECT_SECONDS, seconds), self.url
        try:
            answer = self._session.request(method, url + path, timeout=limits, **options)
        except SignInError as error:
            raise KeyRefusedError(str(error)) from error
        except requests.Timeout as error:
            raise SlowError(f"no answer from {self.url} within {seconds:g} s") from error
        except requests.RequestException as error:
            raise DownError(f"nothing answers at {self.url}") from error
        if answer.status_code not in allowed:
            raise read_error(answer)
        try:
            return answer.status_code, dict(answer.json())
        except ValueError as error:
            raise DownError(f"what answers at {self.url} is not the scoring API") from error
