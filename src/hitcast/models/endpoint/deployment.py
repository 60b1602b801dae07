"""Brings a version to an endpoint: no traffic before its answers are those of its own scorer.

State decides. A new version is served beside the old one with 0 % of the traffic, asked by its own
address and compared; then the traffic moves, in one update. A run that is killed leaves traffic
where it was, and the next one goes on from what it finds.
"""

from dataclasses import dataclass
from typing import Any

from hitcast.declaration.use_case import UseCase
from hitcast.errors import EndpointError, HitcastError
from hitcast.models.endpoint.examiner import Examiner
from hitcast.models.endpoint.layout import ALL, Layout, entity_of
from hitcast.models.endpoint.records import BEFORE, UNCOMPARED, Records, tags_of
from hitcast.models.endpoint.trouble import BusyError, ForbiddenError, SlowError
from hitcast.models.endpoint.workspace import Served
from hitcast.models.registry import Registry
from hitcast.running.job import say

ATTEMPTS = 3
"""How often to look anew when somebody else changes the endpoint."""


@dataclass(frozen=True)
class Outcome:
    """What was done.

    Attributes:
        action: `created`, `moved`, `resized` (the same version, other settings) or `unchanged`.
        before: The versions that had traffic before.
        difference: How far the endpoint's probabilities lie from the scorer's, at most.
    """

    action: str
    before: tuple[int, ...]
    difference: float


class Deployment:
    """Brings versions of one model to one endpoint.

    Args:
        served: The endpoint.
        registry: The model's versions.
        use_case: Names an example, should a version have none.
        workload_size: Compute of the endpoint.
        always_on: Whether it stays awake when nobody asks.
        seconds: How long all may take; going back may take as long again.
    """

    def __init__(
        self,
        served: Served,
        registry: Registry,
        use_case: UseCase,
        *,
        workload_size: str,
        always_on: bool = False,
        seconds: float,
    ) -> None:
        self._served = served
        self._registry = registry
        self._size = workload_size
        self._always_on = always_on
        self._seconds = seconds
        self._records = Records(served, registry)
        self._examiner = Examiner(served, registry, use_case)

    def bring(self, number: int) -> Outcome:
        """Let the endpoint serve a version, and nothing else.

        Raises:
            EndpointError: if it could not; says which version has the traffic.
        """
        # Downloaded first: a scorer that can't be had is no reason to touch the endpoint.
        self._examiner.about(number)
        for attempt in range(1, ATTEMPTS + 1):
            try:
                outcome = self._bring(number)
            except BusyError as error:
                if attempt == ATTEMPTS:
                    raise
                say(f"{error}; looking anew")
            except EndpointError as error:
                self._records.refused(number, error)
                raise
            else:
                moved = outcome.action == "moved"
                self._records.deployed(number, outcome.before[0] if moved else None)
                return outcome
        raise AssertionError("unreachable")

    def _bring(self, number: int) -> Outcome:
        found = self._served.settled()
        if found is None:
            return self._create(number)
        layout = Layout.of(found.config)
        layout.refuse_others(self._served.name, self._registry.name)
        if not layout.serving():
            # Its creation failed, so there is nothing to go back to either.
            return self._first(number, lambda only: self._served.change(only))
        tags = tags_of(found)
        if layout.share(number) == ALL:
            return self._keep(number, layout, tags)
        if tags.get(UNCOMPARED) and not self._is_right(layout):
            say(f"{self._served.name}: {layout.told()}, left by a run that was killed, is wrong")
            self._served.delete()
            return self._create(number)
        return self._move(number, layout)

    def _is_right(self, layout: Layout) -> bool:
        """Whether what has traffic answers as it should."""
        try:
            for number in layout.serving():
                self._examiner.compare(number, layout.find(number).name)
        except ForbiddenError:
            raise
        except HitcastError as error:
            say(str(error))
            return False
        return True

    def _create(self, number: int) -> Outcome:
        tags = {UNCOMPARED: str(number)}
        say(f"{self._served.name}: creating it with version {number}")
        return self._first(number, lambda only: self._served.create(only, tags))

    def _first(self, number: int, make: Any) -> Outcome:
        """The endpoint's first version: there is none to go back to."""
        try:
            make(Layout.only(self._entity(number)))
            return Outcome("created", (), self._examiner.compare(number))
        except (BusyError, ForbiddenError):
            raise
        except SlowError as error:
            raise EndpointError(f"{error}; nothing was served before, so nobody waits") from None
        except EndpointError as error:
            raise self._deleted(error) from None

    def _keep(self, number: int, layout: Layout, tags: dict[str, str]) -> Outcome:
        """The version has all the traffic already: by now, or since a run that was killed."""
        try:
            difference = self._examiner.compare(number, layout.find(number).name)
        except ForbiddenError:
            raise
        except EndpointError as error:
            if tags.get(UNCOMPARED):
                raise self._deleted(error) from None
            raise self._gone_back(number, layout, tags.get(BEFORE), error) from None
        wanted = self._entity(number)
        if layout.is_only(wanted):
            return Outcome("unchanged", (number,), difference)
        self._served.change(Layout.only(wanted))
        return Outcome("resized", (number,), self._examiner.compare(number))

    def _move(self, number: int, layout: Layout) -> Outcome:
        """From versions that serve to another one."""
        before = layout.with_traffic()
        entity = layout.find(number) or self._entity(number)
        staged = layout if layout.find(number) else before.with_waiting(entity)
        try:
            if staged is not layout:
                say(f"{self._served.name}: version {number} beside {before.told()}, with 0 %")
                self._served.change(staged)
            self._examiner.compare(number, entity.name)
            say(f"{self._served.name}: version {number} answers as its scorer; moving the traffic")
            self._served.change(Layout.only(self._entity(number)))
            difference = self._examiner.compare(number)
        except BusyError:
            raise
        except SlowError as error:
            raise EndpointError(f"{error}; {before.told()} has the traffic until then") from None
        except EndpointError as error:
            raise self._restored(before, error) from None
        return Outcome("moved", before.serving(), difference)

    def _restored(self, before: Layout, error: EndpointError) -> EndpointError:
        """Go back to what was served; returns what to tell of it."""
        say(f"{error}; going back to {before.told()}")
        self._served.allow(self._seconds)
        try:
            found = self._served.settled()
            if found is None or Layout.of(found.config) != before:
                self._served.change(before)
        except EndpointError as second:
            return EndpointError(
                f"{error}; going back to {before.told()} failed too: {second}; look at the endpoint"
            )
        return EndpointError(f"{error}; {before.told()} serves as before")

    def _gone_back(
        self, number: int, layout: Layout, earlier: str | None, error: EndpointError
    ) -> EndpointError:
        """Leave a version that serves, but not as it should; returns what to tell of it."""
        if earlier is None or int(earlier) == number:
            return EndpointError(f"{error}; {layout.told()} goes on, no earlier one is known")
        self._served.allow(self._seconds)
        try:
            self._registry.version(int(earlier))
            self._move(int(earlier), layout)
            self._records.deployed(int(earlier), None)
        except HitcastError as second:
            return EndpointError(f"{error}; going back to version {earlier} failed too: {second}")
        return EndpointError(f"{error}; version {earlier}, which served before, serves again")

    def _deleted(self, error: EndpointError) -> EndpointError:
        """Remove an endpoint that has nothing good to serve; returns what to tell of it."""
        try:
            if self._served.settled() is None:
                return error
            self._served.delete()
        except EndpointError as second:
            return EndpointError(f"{error}; deleting the endpoint failed too: {second}; delete it")
        return EndpointError(f"{error}; the endpoint was deleted, as it has served nothing before")

    def _entity(self, number: int) -> Any:
        return entity_of(self._registry.name, number, self._size, always_on=self._always_on)
