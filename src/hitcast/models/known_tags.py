"""Tags of versions that are asked for one by one, kept from one look to the next."""

import time
from collections.abc import Callable, Mapping

KEPT_SECONDS = 600.0
"""Asked again after so long, should a registry not date what it changes."""


class KnownTags:
    """The tags of one model's versions, as long as the registry dates no change of them."""

    def __init__(self) -> None:
        self._held: dict[tuple[int, str], tuple[int, float, Mapping[str, str]]] = {}

    def of(
        self, number: int, run_id: str, updated: int, ask: Callable[[], Mapping[str, str]]
    ) -> Mapping[str, str]:
        """A version's tags.

        Args:
            number: The version.
            run_id: Its run; numbers start over in a new registry.
            updated: When the registry last changed it, in milliseconds since 1970.
            ask: Gets the tags, at the price of a call.
        """
        held = self._held.get((number, run_id))
        now = time.monotonic()
        if held is None or held[0] != updated or now >= held[1] + KEPT_SECONDS:
            held = (updated, now, ask())
            self._held[number, run_id] = held
        return held[2]
