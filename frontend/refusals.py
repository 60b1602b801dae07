"""What can go wrong between the pages and the API."""

from collections.abc import Mapping, Sequence

import requests


class ApiError(Exception):
    """The API did not answer as asked; the text says what to do."""


class DownError(ApiError):
    """Nothing answers at the address."""


class SlowError(ApiError):
    """No answer in time."""


class NotReadyError(ApiError):
    """The API runs, but no model can answer."""


class KeyRefusedError(ApiError):
    """The key is missing or wrong."""


class CallsOffError(KeyRefusedError):
    """Calls of its kind are off, whatever the key."""


class RefusedError(ApiError):
    """The request does not fit.

    Attributes:
        status: HTTP's status.
        problems: Field (None: the request as a whole) and what is wrong with it.
    """

    def __init__(self, status: int, problems: Sequence[tuple[str | None, str]]) -> None:
        super().__init__("; ".join(f"{f}: {text}" if f else text for f, text in problems))
        self.status, self.problems = status, tuple(problems)


def read_error(answer: requests.Response) -> ApiError:
    """The error that an answer of the API means."""
    try:
        found = answer.json()
        text = str(found["detail"])
        problems = [(wrong["field"], str(wrong["message"])) for wrong in found["errors"]]
    except (ValueError, KeyError, TypeError):
        text, problems = f"status {answer.status_code}: {answer.text[:200]}", []
    kinds: Mapping[int, type[ApiError]] = {
        401: KeyRefusedError, 403: CallsOffError, 503: NotReadyError,
    }  # fmt: skip
    kind = kinds.get(answer.status_code)
    return kind(text) if kind else RefusedError(answer.status_code, problems or [(None, text)])
