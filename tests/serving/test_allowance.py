import pytest

from serving import allowance
from serving.allowance import SHARED, Allowance, Counters, address_of


class Clock:
    """Time that a test moves on."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        """The present moment."""
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    found = Clock()
    monkeypatch.setattr(allowance, "time", found)
    return found


def test_each_caller_has_an_allowance_a_minute(clock: Clock) -> None:
    calls = Allowance(2, workers=1)
    assert [calls.take("a") for _ in range(3)] == [True, True, False]
    assert calls.take("b")
    clock.now += 20.5
    assert calls.seconds_left("a") == 40
    clock.now += 39.5
    assert calls.take("a")


def test_looking_at_an_allowance_uses_nothing_of_it(clock: Clock) -> None:
    calls = Allowance(1, workers=1)
    assert not calls.is_used_up("a")
    assert not calls.is_used_up("a")
    assert calls.take("a")
    assert calls.is_used_up("a")
    clock.now += 60
    assert not calls.is_used_up("a")


@pytest.mark.parametrize(("a_minute", "workers", "share"), [(100, 4, 25), (100, 3, 33), (2, 8, 1)])
def test_each_worker_takes_its_share(a_minute: int, workers: int, share: int) -> None:
    assert Allowance(a_minute, workers).share == share


def test_many_callers_reset_nobody_and_take_bounded_memory(clock: Clock) -> None:
    calls = Allowance(1, workers=1)
    calls.counters = calls._window.storage = Counters(most=100)
    assert calls.take("first")
    for number in range(20_000):
        calls.take(f"caller {number}")
    assert not calls.take("first"), "its counter was not reset by the others"
    assert len(calls.counters) <= 100 + SHARED
    # Who is new while all counters are taken shares one, and is not let through without limit.
    assert not all(calls.take("new") for _ in range(2))
    clock.now += 60
    assert calls.take("first")
    assert calls.take("yet another")
    assert len(calls.counters) <= 100


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("10.0.0.1", "10.0.0.2", False),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:10.0.0.1", "10.0.0.1", True),
        ("::ffff:10.0.0.1", "::ffff:10.0.0.2", False),
        ("fe80::1%eth0", "fe80::2%eth1", True),
        ("not:an:address", "not:an:address", True),
    ],
)
def test_callers_of_ipv6_are_told_apart_by_their_network(one: str, other: str, same: bool) -> None:
    found = [address_of({"client": (host, 1)}) for host in (one, other)]
    assert (found[0] == found[1]) == same


def test_a_caller_without_an_address_is_one_caller() -> None:
    assert address_of({"client": None}) == address_of({}) == ""
