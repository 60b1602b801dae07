"""Asks a model over HTTP: our own API, or an endpoint that MLflow or Databricks serves."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pandas as pd
import requests

from hitcast.errors import EndpointError

KINDS = ("api", "invocations")
LOOPBACK = ("127.0.0.1", "localhost", "::1")
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Endpoint:
    """One place that scores rows.

    Attributes:
        url: The API's address, or the one that ends in `/invocations`.
        kind: `api` (Hitcast's own) or `invocations` (MLflow's, Databricks' serving endpoints).
        key: Sent as `X-API-Key` or as a bearer token; never shown.
        seconds: How long an answer may take.
    """

    url: str
    kind: str = "api"
    key: str = field(default="", repr=False)
    seconds: float = 60.0

    def __post_init__(self) -> None:
        if self.kind not in KINDS or not self.url.startswith(("http://", "https://")):
            raise EndpointError(
                f"expected an address that starts with http and a kind among {list(KINDS)}, got "
                f"{self.url!r} and {self.kind!r}; set the widgets url and kind"
            )

    def ask(self, row: Row, *, detail: bool = False) -> dict[str, Any]:
        """What the endpoint says of one row, as it says it.

        Args:
            row: The model's inputs.
            detail: Whether the API also tells probability, threshold and model; `invocations`
                always tells the probability, and nothing more.

        Raises:
            EndpointError: if it does not answer, or refuses the row.
        """
        if self.kind == "invocations":
            return dict(self._post("", {"dataframe_records": [dict(row)]})["predictions"][0])
        return self._post(f"/predict{'?detail=true' if detail else ''}", dict(row))

    def score(self, rows: Sequence[Row]) -> pd.DataFrame:
        """Score rows in one call, up to the 10,000 that the API takes.

        Returns:
            One row a row, in order: the answer's own names, such as `probability`; from the API
            also `error` where it refused a row.

        Raises:
            EndpointError: if it does not answer, or not for each row.
        """
        records = [dict(row) for row in rows]
        if self.kind == "api":
            answers = self._post("/predict/batch", {"instances": records})["predictions"]
        else:
            answers = self._post("", {"dataframe_records": records})["predictions"]
        if len(answers) != len(records):
            raise EndpointError(
                f"expected {len(records)} answers from {self.url}, got {len(answers)}; is it a "
                "version of this use case?"
            )
        return pd.DataFrame(answers)

    def _post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        session = requests.Session()
        # No proxy on the way to this machine.
        session.trust_env = urlsplit(self.url).hostname not in LOOPBACK
        url = self.url.rstrip("/") + path
        try:
            answer = session.post(url, json=body, auth=self._sign, timeout=(5, self.seconds))
        except requests.RequestException as error:
            raise EndpointError(
                f"expected an endpoint at {self.url}, found none ({type(error).__name__}); run "
                "make serve or make run in another terminal, or set the widget url"
            ) from None
        if answer.status_code in (401, 403):
            raise EndpointError(
                f"expected {self.url} to take the key, got status {answer.status_code}; set the "
                "widget key, or scope and secret"
            )
        if not answer.ok:
            raise EndpointError(
                f"expected an answer from {url}, got status {answer.status_code}: {_why(answer)}"
            )
        try:
            return dict(answer.json())
        except ValueError:
            raise EndpointError(
                f"expected JSON from {url}, got {answer.text[:60]!r}; set the widgets url and kind"
            ) from None

    def _sign(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Add the key, and say who asks, so that the log does not take it for traffic."""
        request.headers["X-Source"] = "notebook"
        if self.key and self.kind == "api":
            request.headers["X-API-Key"] = self.key
        elif self.key:
            request.headers["Authorization"] = f"Bearer {self.key}"
        return request


def _why(answer: requests.Response) -> str:
    """What an error's body says: the API's fields and messages, else its beginning."""
    try:
        found = answer.json()
        problems = found.get("detail") or found.get("message")
        if isinstance(problems, list):
            return "; ".join(
                f"{p['field']}: {p['message']}" if p.get("field") else p["message"]
                for p in problems
            )
        return str(problems)[:300]
    except (ValueError, AttributeError, KeyError, TypeError):
        return answer.text[:300]
