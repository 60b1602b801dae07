"""The scoring API over HTTP: the only way in which the pages reach a model."""

import os
from collections.abc import Sequence
from typing import Any

import requests

from answers import Prediction, Row, Schema
from profiles import Profiles
from refusals import DownError, KeyRefusedError, RefusedError, SlowError, read_error
from sign_in import DatabricksSignIn, SignInError, address_of

DEFAULT_URL = "http://127.0.0.1:8000"
SETTINGS = (
    "HITCAST_API_URL", "HITCAST_API_APP", "HITCAST_API_KEY", "HITCAST_API_SECONDS",
    "HITCAST_API_SIGN_IN",
)  # fmt: skip
"""The environment variables that a client reads when it is made."""
CONNECT_SECONDS = 2.0
ANSWER_SECONDS = 10.0
BATCH_SECONDS = 60.0
SWITCH_SECONDS = 60.0
"""A version that is not there yet is fetched first, which the API does not wait for longer."""


class Client:
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

    def schema(self) -> Schema:
        """The model's inputs."""
        return Schema.read(self._call("GET", "/schema"))

    def profiles(self, version: int) -> Profiles | None:
        """Typical rows by value; None where the version was trained without profiles."""
        try:
            return Profiles.read(self._call("GET", "/profiles", params={"version": version}))
        except RefusedError as error:
            if error.status == 404:
                return None
            raise

    def predict(self, row: Row, output: str, **which: Any) -> Prediction:
        """Score one row, by the served version or by the `alias` or `version` that is named."""
        params = {"detail": "true", **which}
        return Prediction.read(self._call("POST", "/predict", params=params, json=row), output)

    def predict_batch(self, rows: Sequence[Row], **which: Any) -> list[dict[str, Any]]:
        """Score as many rows as the schema allows; an answer for each, in order, or `error`."""
        body = {"instances": rows}
        found = self._call("POST", "/predict/batch", BATCH_SECONDS, params=which, json=body)
        return list(found["predictions"])

    def explain(self, row: Row, feature: str | None = None, **which: Any) -> dict[str, Any]:
        """What each number adds against the typical one; a curve over one input's range."""
        params = {**which, **({"feature": feature} if feature else {})}
        return self._call("POST", "/explain", params=params, json=row)

    def similar(self, row: Row, count: int = 5, **which: Any) -> list[dict[str, Any]]:
        """The positive rows of the training that are most like this one."""
        found = self._call("POST", "/similar", params={"count": count, **which}, json=row)
        return list(found["similar"])

    def models(self) -> dict[str, Any]:
        """Versions, aliases and metrics in the registry."""
        return self._call("GET", "/models")

    def model(self) -> dict[str, Any]:
        """What is being served."""
        return self._call("GET", "/model")

    def switch(self, admin_key: str, **which: Any) -> dict[str, Any]:
        """Serve another `alias` or `version` by default; the key is used once and not kept.

        Where `following` is less than `workers`, the switch is still on its way.
        """
        key, done = {"X-API-Key": admin_key}, (200, 202)
        return self._call("PUT", "/model", SWITCH_SECONDS, allowed=done, json=which, headers=key)

    def readiness(self) -> dict[str, Any]:
        """`status` (`ready`, `degraded`, `unready`) and `problems`."""
        return self._call("GET", "/readyz", allowed=(200, 503))

    def _call(
        self,
        method: str,
        path: str,
        at_least: float = 0.0,
        *,
        allowed: Sequence[int] = (200,),
        **options: Any,
    ) -> dict[str, Any]:
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
            return dict(answer.json())
        except ValueError as error:
            raise DownError(f"what answers at {self.url} is not the scoring API") from error
