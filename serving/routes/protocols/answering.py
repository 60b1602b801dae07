"""How both protocols answer: one row at once, more in a thread; a bad row refuses them all."""

from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeVar

from serving.api import Api
from serving.bodies import SMALL_BYTES
from serving.rows import BadRequestError, Batch
from serving.scoring import Asked, Scored
from serving.versions.refusals import NotReadyError

TOLD = 20
"""So many bad rows are named in an error."""


class Question(Protocol):
    """What a body asks."""

    @property
    def rows(self) -> Sequence[Any]:
        """The rows to score, not yet checked."""


Q = TypeVar("Q", bound=Question)
W = TypeVar("W")


async def answered(
    asked: Asked, size: int, read: Callable[[], Q], write: Callable[[Q, Scored], W]
) -> tuple[Scored, W]:
    """Read, score and write an answer.

    Args:
        asked: Scores the rows.
        size: The body's size in bytes.
        read: Reads the body.
        write: Makes the answer of what was read and scored.

    Raises:
        BadRequestError: naming the rows, or of a single row the fields, that are wrong.
    """

    def finish(question: Q) -> tuple[Scored, W]:
        scored = asked.score(good(asked.api, question.rows))
        return scored, write(question, scored)

    # A small body is read before it is known whether a thread is worth its while.
    if size > SMALL_BYTES:
        return await asked.api.work(lambda: finish(read()))
    question = read()
    if len(question.rows) == 1:
        return finish(question)
    return await asked.api.work(lambda: finish(question))


def must_answer(api: Api) -> None:
    """What the protocols' probes ask.

    Raises:
        NotReadyError: if nothing answers yet.
    """
    if api.switch.default is None:
        raise NotReadyError("no model yet: GET /readyz says why")


def good(api: Api, rows: Sequence[Any]) -> Batch:
    """The rows of a request, all of them good.

    Raises:
        BadRequestError: if one is not, or there are none, or more than allowed.
    """
    if len(rows) == 1:
        return Batch([api.reader.check(rows[0])], range(1), {})
    if not 1 <= len(rows) <= api.settings.max_batch:
        expected = f"expected 1 to {api.settings.max_batch} rows, got {len(rows)}"
        raise BadRequestError([(None, expected)])
    batch = api.reader.check_all(rows)
    if batch.errors:
        errors = sorted(batch.errors.items())
        told: list[tuple[str | None, str]] = [(f"row {n}", text) for n, text in errors[:TOLD]]
        if len(errors) > TOLD:
            told.append((None, f"{len(errors) - TOLD} more rows are wrong"))
        raise BadRequestError(told)
    return batch
