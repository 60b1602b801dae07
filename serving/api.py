"""What the calls share: the parts of a running API, and an answer from one version."""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any, TypeVar, cast

from fastapi import Query, Request

from hitcast.declaration.use_case import UseCase
from serving.bodies import ROW_BYTES, Room, read_body
from serving.columns import bytes_of
from serving.experiments.choosing import OUTSIDE, Choice, printable
from serving.experiments.live import Experiments
from serving.experiments.reports import Reports
from serving.experiments.shadows import Shadowed, Shadows
from serving.experiments.units import UnitIds
from serving.keys import Keys
from serving.log.inference_log import InferenceLog
from serving.log.records import shared, without_texts
from serving.metrics import Metrics
from serving.responses import After
from serving.rows import RowReader
from serving.settings import Settings
from serving.versions.scores import Scores
from serving.versions.served import Row, Served
from serving.versions.switch import Switchboard

T = TypeVar("T")
Alias = Annotated[
    str | None, Query(max_length=256, description="answer by this alias instead of the default")
]
Version = Annotated[
    int | None,
    Query(ge=1, le=2**31, description="answer by this one; with an alias, if it names it"),
]


class AliasMovedError(LookupError):
    """An alias does not name the version that a request took it for."""


@dataclass(frozen=True)
class Api:
    """The parts of a running API."""

    settings: Settings
    keys: Keys
    use_case: UseCase
    reader: RowReader
    switch: Switchboard
    experiments: Experiments
    shadows: Shadows
    units: UnitIds
    reports: Reports
    metrics: Metrics
    log: InferenceLog | None
    feedback: InferenceLog | None
    events: InferenceLog | None
    room: Room
    turns: asyncio.Semaphore

    @property
    def logs(self) -> list[InferenceLog]:
        """The logs that are written."""
        return [log for log in (self.log, self.feedback, self.events) if log is not None]

    @cached_property
    def row_bytes(self) -> int:
        """The most bytes of a body with one row."""
        return min(bytes_of(self.use_case.inputs), self.settings.max_body_bytes)

    def logged(self, rows: Sequence[Row]) -> Sequence[Row]:
        """Rows as the log holds them."""
        texts = self.use_case.texts
        return [without_texts(row, texts) for row in rows] if texts else rows

    async def body(self, request: Request) -> bytes:
        """A request's body, refused where it is larger than its route takes, or too slow."""
        most, settings = request.scope["route"].largest, self.settings
        largest = self.row_bytes if most == ROW_BYTES else most or settings.max_body_bytes
        largest = min(largest, settings.max_body_bytes)
        return await read_body(request, largest, settings.body_seconds, self.room)

    async def work(self, batch: Callable[[], T]) -> T:
        """Work on a batch in a thread, when its turn comes; its body waits in `room`."""
        async with self.turns:
            return await asyncio.to_thread(batch)

    async def find(self, alias: str | None, version: int | None) -> Served:
        """The version that a request names; the default where it names none.

        Raises:
            UnknownVersionError: if there is no such one.
            AliasMovedError: if it names both an alias and a version, and these are not the same.
            NotReadyError: if it can't answer now.
        """
        if alias is not None and version is not None:
            named = self.switch.number_of(alias)
            if named != version:
                raise AliasMovedError(f"expected {alias} to be version {version}, it is {named}")
        return await self.switch.find(None if version else alias, version)

    async def asked(
        self, request: Request, alias: str | None, version: int | None
    ) -> tuple[Row, Served]:
        """The row in a request's body, and the version that it names."""
        row = self.reader.read(await self.body(request))
        return row, await self.find(alias, version)

    async def choose(self, request: Request, alias: str | None, version: int | None) -> Choice:
        """The version that answers a request: that which it names, its unit's arm, the default.

        Raises:
            As `find`.
        """
        found = None
        if alias is None and version is None:
            found = self.experiments.choice(request.scope["headers"])
            if isinstance(found, Choice):
                return found
        served = await self.find(alias, version)
        name = self.alias_of(served, alias)
        return Choice(served, name, found.part, found.shadows) if found else Choice(served, name)

    def scored(self, choice: Choice, score: Callable[[Served], Scores]) -> tuple[Choice, Scores]:
        """What the chosen version says; where an arm raises and the default does not, the default.

        Args:
            choice: The version.
            score: Asks a version; may be called twice.

        Returns:
            What answered, and what it said.
        """
        try:
            return choice, score(choice.served)
        except Exception as error:
            standing = self.switch.standing
            if choice.part is OUTSIDE or standing is None or standing.served is choice.served:
                raise
            instead = Choice(standing.served, standing.alias, choice.part.broken, choice.shadows)
            scores = score(instead.served)
            # Not the row's fault, which the default would have found too.
            self.experiments.arms.blame(str(choice.part.arm), error)
            return instead, scores

    def alias_of(self, served: Served, alias: str | None) -> str | None:
        """The alias that a version answers by: the request's, else the default's."""
        standing = self.switch.standing
        return alias or (standing.alias if standing and served is standing.served else None)

    def headers(
        self, choice: Choice, prediction_id: str | None = None
    ) -> list[tuple[bytes, bytes]]:
        """The headers that say which version answered, and by which id the log knows it."""
        found = [
            (b"x-model-name", self.settings.model_name.encode()),
            (b"x-model-version", b"%d" % choice.served.number),
        ]
        if prediction_id:
            found.append((b"x-prediction-id", prediction_id.encode()))
        if choice.alias:
            found.append((b"x-model-alias", printable(choice.alias)))
        found += choice.part.headers
        return found

    def shared(self, request: Request, choice: Choice, begun: float) -> dict[str, Any]:
        """What the log's lines of a request share; `begun` is when it was, by `perf_counter`."""
        return shared(
            request.headers,
            unit=self.units.of(request.scope["headers"]),
            request_id=request.state.request_id,
            model=self.settings.model_name,
            version=choice.served.number,
            alias=choice.alias,
            latency_ms=round(1000 * (time.perf_counter() - begun), 3),
            **choice.part.fields,
        )

    def keep(self, choice: Choice, lines: bytes, scores: Scores) -> None:
        """Count answers and log their lines, before they are sent.

        For the event loop's thread alone.
        """
        if not scores.labels:
            return
        self.metrics.scored(choice.served.number, choice.alias, scores.chances, scores.labels)
        if choice.part is not OUTSIDE:
            self.metrics.taken_part(choice.part, len(scores.labels))
        if self.log is not None:
            self.log.append(lines, len(scores.labels))

    def afterwards(self, shadowed: Shadowed) -> After | None:
        """What is done once an answer is sent: its rows go to the shadows, where there are some."""
        if not shadowed.shadows:
            return None

        async def put() -> None:
            self.shadows.put(shadowed)

        return put


def api_of(request: Request) -> Api:
    """The running API that a request came to."""
    return cast(Api, request.app.state.api)
