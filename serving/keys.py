"""The keys: which are ours, who brings one, and what becomes of those who guess.

A wrong key is answered with 401, and counted for the address that it came from. After
`HITCAST_WRONG_KEYS` of them in a minute, keys from there are no longer looked at: 429, for right
ones as for wrong ones, so that nobody learns from the answer that a guess was right. One exception:
a right key of `LONG` characters or more is always let in. Others behind the same proxy must not be
locked out by one who guesses, and a key of that length is not found by guessing (sixteen hex digits
at 10,000 tries a second take 29 million years), so that telling it apart gives nothing away. A
shorter one could be found, so it waits with the others until the minute is over.
"""

import hmac
from collections.abc import Iterable, Sequence

from starlette.responses import Response
from starlette.types import Scope

from serving.allowance import Allowance, address_of
from serving.responses import problem
from serving.settings import Settings

LONG = 16
EXPECTED = "expected {} in X-API-Key or Authorization: Bearer"


class Keys:
    """The keys that are accepted; compared in constant time.

    Args:
        settings: Name them: the admin key, and the keys of all calls (none: these are open).
    """

    def __init__(self, settings: Settings) -> None:
        admin = settings.admin_key.get_secret_value() if settings.admin_key else ""
        self._admin = admin.encode()
        self._api = tuple(key.get_secret_value().encode() for key in settings.api_keys)
        self._all = (self._admin, *self._api)
        named = (key.get_secret_value().encode() for key in settings.version_keys)
        self._naming = (*self._all, *named)
        self._guesses: Allowance | None = None
        if settings.wrong_keys:
            self._guesses = Allowance(settings.wrong_keys, settings.workers)

    @property
    def are_asked_for(self) -> bool:
        """Whether calls need a key that don't say otherwise."""
        return bool(self._api)

    @property
    def has_admin(self) -> bool:
        """Whether there is an admin key."""
        return bool(self._admin)

    @property
    def are_set(self) -> bool:
        """Whether there is any key at all."""
        return any(self._naming)

    @property
    def short(self) -> int:
        """How many keys are short enough to be guessed."""
        return sum(0 < len(key) < LONG for key in self._naming)

    def for_calls(self, scope: Scope) -> Response | None:
        """Why a request may not make a call that any of the keys opens; None where it may."""
        return self._refusal(scope, self._all, "a key")

    def for_naming(self, scope: Scope) -> Response | None:
        """The same for naming a version that does not answer by default."""
        return self._refusal(scope, self._naming, "a key, to name another version,")

    def for_admin(self, scope: Scope) -> Response | None:
        """The same for a call that the admin key opens."""
        key = _given(scope)
        if _place(key, self._api) is not None and self._is_let_in(key, address_of(scope)):
            told = "expected the admin key, got the key of another caller"
            return problem(403, told, code="admin-key-required")
        return self._refusal(scope, (self._admin,), "the admin key")

    def caller(self, scope: Scope) -> str:
        """Who a request counts for: the key that it brings, else its address.

        Where all calls need a key. Else keys would be tried on open calls, which count no wrong
        ones: who has used up the address' allowance would see by the answer that a key is right.
        """
        key = _given(scope) if self._api else b""
        if key:
            place = _place(key, self._all)
            if place is not None and self._is_let_in(key, address_of(scope)):
                return f"key/{place}"
        return address_of(scope)

    def count_if_wrong(self, scope: Scope) -> None:
        """Count a wrong key of a request that is refused before its key is asked for."""
        key = _given(scope) if self._api else b""
        if key and self._guesses and _place(key, self._all) is None:
            self._guesses.take(address_of(scope))

    def _is_let_in(self, key: bytes, address: str) -> bool:
        """Whether a right key is looked at."""
        long = len(key) >= LONG
        return long or self._guesses is None or not self._guesses.is_used_up(address)

    def _refusal(self, scope: Scope, keys: Sequence[bytes], what: str) -> Response | None:
        key = _given(scope)
        right = _place(key, keys) is not None
        if right and (self._guesses is None or len(key) >= LONG):
            return None
        if key and self._guesses is not None:
            address = address_of(scope)
            if self._guesses.is_used_up(address):
                return _wait(self._guesses.seconds_left(address))
            if right:
                return None
            self._guesses.take(address)
        told, code = EXPECTED.format(what), "key-wrong" if key else None
        return problem(401, told, code=code, headers={"WWW-Authenticate": "Bearer"})


def _given(scope: Scope) -> bytes:
    """The key in `X-API-Key`, else in `Authorization: Bearer`; several are none of ours.

    As bytes, as they came: keys may hold any character, which HTTP has no encoding for.
    """
    keys: dict[bytes, None] = {}
    bearers: dict[bytes, None] = {}
    for name, value in scope["headers"]:
        if name == b"x-api-key":
            keys[value.strip()] = None
        elif name == b"authorization":
            scheme, _, token = value.partition(b" ")
            if scheme.lower() == b"bearer":
                bearers[token.strip()] = None
    keys.pop(b"", None)  # Proxies send it empty.
    # Joined as HTTP has it for a header that came twice: two who read it see the same.
    return b", ".join(keys or bearers)


def _place(key: bytes, keys: Iterable[bytes]) -> int | None:
    """Where a key stands among `keys`, empty ones aside; every one is compared."""
    found = None
    for place, known in enumerate(keys):
        if hmac.compare_digest(key, known) and known:
            found = place
    return found


def _wait(seconds: int) -> Response:
    told = f"too many wrong keys came from this address; wait {seconds} s, then send a right one"
    return problem(429, told, code="wrong-keys", headers={"Retry-After": str(seconds)})
