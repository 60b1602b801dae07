"""Many rows scored at once: what the calls for batches share, whatever form they answer in."""

from dataclasses import dataclass

from fastapi import Request

from serving.api import Api, api_of
from serving.log.records import lines, new_id
from serving.rows import Batch
from serving.versions.scores import Scores
from serving.versions.served import Served


@dataclass(frozen=True)
class Asked:
    """A request for many rows.

    Attributes:
        request: It.
        served: The version that answers.
        alias: The alias that it answers by, if by one.
        prediction_id: What its rows' ids begin with.
        begun: When it was begun, by `time.perf_counter`.
    """

    api: Api
    request: Request
    served: Served
    alias: str | None
    prediction_id: str
    begun: float

    @classmethod
    def of(cls, request: Request, served: Served, alias: str | None, begun: float) -> "Asked":
        """A request whose rows get ids of their own; `alias` is what it names, if anything."""
        api = api_of(request)
        return cls(api, request, served, api.alias_of(served, alias), new_id(), begun)

    def score(self, batch: Batch) -> "Scored":
        """Score a batch's good rows; takes long, and may be done in a thread."""
        scores = self.served.score_batch(batch)
        common = self.api.shared(self.request, self.served, self.alias, self.begun)
        rows = self.api.logged(batch.rows)
        kept = lines(common, self.prediction_id, batch.places, rows, scores)
        return Scored(batch, scores, kept)

    def keep(self, scored: "Scored") -> list[tuple[bytes, bytes]]:
        """Count and log what was scored, in the event loop; returns the answer's headers."""
        self.api.metrics.batch(len(scored.scores.labels), len(scored.batch.errors))
        self.api.keep(self.served, self.alias, scored.lines, scored.scores)
        return self.api.headers(self.served, self.alias, self.prediction_id)


@dataclass(frozen=True)
class Scored:
    """A batch's good rows with their answers, and the lines that the log holds of them."""

    batch: Batch
    scores: Scores
    lines: bytes
