"""What the pages ask of the scoring API: the only way in which they reach a model."""

from collections.abc import Mapping, Sequence
from typing import Any

from answers import Prediction, Row, Schema
from calls import Calls
from profiles import Profiles
from refusals import RefusedError

BATCH_SECONDS = 60.0
SWITCH_SECONDS = 60.0
"""A version that is not there yet is fetched first, which the API does not wait for longer."""


class Client(Calls):
    """The API's calls by what they are for."""

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

    def experiment(self) -> dict[str, Any] | None:
        """The experiment that runs; None where none does."""
        found: dict[str, Any] | None = self._call("GET", "/experiment")["experiment"]
        return found

    def start_experiment(
        self, admin_key: str, wanted: Mapping[str, Any]
    ) -> tuple[bool, dict[str, Any] | None]:
        """Start an experiment, or change the one that runs; the key is used once and not kept.

        Returns:
            Whether all workers of the API follow already, and what runs.
        """
        return self._change_experiment("PUT", admin_key, json=wanted)

    def end_experiment(self, admin_key: str) -> tuple[bool, dict[str, Any] | None]:
        """End what runs; the same as of a start."""
        return self._change_experiment("DELETE", admin_key)

    def reports(self) -> list[Any]:
        """What jobs found about experiments, newest first."""
        return list(self._call("GET", "/reports")["experiments"])

    def _change_experiment(
        self, method: str, admin_key: str, **options: Any
    ) -> tuple[bool, dict[str, Any] | None]:
        key, done = {"X-API-Key": admin_key}, (200, 202)
        status, found = self._asked(
            method, "/experiment", SWITCH_SECONDS, allowed=done, headers=key, **options
        )
        return status == 200, found["experiment"]
