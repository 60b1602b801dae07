"""Many rows scored at once: what the calls for batches share, whatever form they answer in."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from fastapi import Request

from serving.api import Api, api_of
from serving.experiments.choosing import Choice
from serving.experiments.shadows import Shadowed
from serving.log.records import lines, new_id
from serving.responses import After
from serving.rows import Batch
from serving.versions.scores import Scores
from serving.versions.served import Served


@dataclass(frozen=True)
class Asked:
    """A request for many rows.

    Attributes:
        request: It.
        choice: The version that answers.
        prediction_id: What its rows' ids begin with.
        begun: When it was begun, by `time.perf_counter`.
    """

    api: Api
    request: Request
    choice: Choice
    prediction_id: str
    begun: float

    @classmethod
    async def of(
        cls, request: Request, alias: str | None, version: int | None, begun: float
    ) -> "Asked":
        """A request whose rows get ids of their own; alias and version are what it names."""
        api = api_of(request)
        return cls(api, request, await api.choose(request, alias, version), new_id(), begun)

    @property
    def served(self) -> Served:
        """The version that answers."""
        return self.choice.served

    def score(self, batch: Batch) -> "Scored":
        """Score a batch's good rows; takes long, and may be done in a thread."""
        choice, scores = self.api.scored(self.choice, lambda served: served.score_batch(batch))
        common = self.api.shared(self.request, choice, self.begun)
        rows = self.api.logged(batch.rows)
        kept = lines(common, self.prediction_id, batch.places, rows, scores)
        shadowed = Shadowed(choice.shadows, common, self.prediction_id, batch, rows, is_one=False)
        return Scored(replace(self, choice=choice), batch, scores, kept, shadowed)


@dataclass(frozen=True)
class Scored:
    """A batch's good rows with their answers, and the lines that the log holds of them.

    Attributes:
        asked: The request, with the version that has answered it.
    """

    asked: Asked
    batch: Batch
    scores: Scores
    lines: bytes
    shadowed: Shadowed

    def keep(self) -> tuple[Sequence[tuple[bytes, bytes]], After | None]:
        """Count and log what was scored, in the event loop.

        Returns:
            The answer's headers, and what is to be done once it is sent.
        """
        asked, api = self.asked, self.asked.api
        api.metrics.batch(len(self.scores.labels), len(self.batch.errors))
        api.keep(asked.choice, self.lines, self.scores)
        headers = api.headers(asked.choice, asked.prediction_id)
        return headers, api.afterwards(self.shadowed)
