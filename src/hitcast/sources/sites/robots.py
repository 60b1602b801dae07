"""What a site's robots.txt allows, by RFC 9309.

Python's own parser takes the first rule that fits where the standard takes the longest, and knows
no `*` within a path: it would allow what sites forbid.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

PRODUCT = "hitcast"
"""What sites call this program."""
ANY = "*"
UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
KEPT = "".join(map(chr, range(0x21, 0x7F)))


@dataclass(frozen=True)
class Robots:
    """The rules that are for this program.

    Attributes:
        rules: Paths, normalised, and whether each is allowed.
        delay: Seconds that the site wants between requests; 0: it says nothing.
    """

    rules: tuple[tuple[str, bool], ...] = ()
    delay: float = 0.0

    def allows(self, address: str) -> bool:
        """Whether an address may be asked for: as the longest rule says, a tie for the better."""
        found = urlsplit(address)
        path = _normalised((found.path or "/") + (f"?{found.query}" if found.query else ""))
        fitting = [(len(rule), allowed) for rule, allowed in self.rules if _fits(rule, path)]
        return path == "/robots.txt" or max(fitting, default=(0, True))[1]


def robots_of(text: str) -> Robots:
    """Read a robots.txt: the groups for this program, or else those for any."""
    groups: dict[str, list[tuple[str, str]]] = {}
    agents: list[str] = []
    begun = False
    for key, value in _records(text):
        if key == "user-agent":
            agents = [] if begun else agents
            begun = False
            agents.append(_product(value))
            groups.setdefault(agents[-1], [])
        elif key in ("allow", "disallow", "crawl-delay"):
            begun = True
            for agent in dict.fromkeys(agents):
                groups[agent].append((key, value))
    ours = groups.get(PRODUCT, groups.get(ANY, []))
    # A rule without a path is none: `Disallow:` forbids nothing.
    rules = [(_path(value), key == "allow") for key, value in ours if key != "crawl-delay"]
    delays = [_seconds(value) for key, value in ours if key == "crawl-delay"]
    return Robots(tuple(rule for rule in rules if rule[0]), max(delays, default=0.0))


def _records(text: str) -> Iterator[tuple[str, str]]:
    for line in re.split(r"\r\n|\r|\n", text.removeprefix("\ufeff")):
        key, colon, value = line.partition("#")[0].partition(":")
        if colon:
            yield key.strip().lower(), value.strip()


def _product(value: str) -> str:
    """The name without version: `Hitcast/1.0` is meant for this program too."""
    if value.startswith(ANY):
        return ANY
    found = re.match(r"[A-Za-z_-]*", value)
    return found.group().lower() if found else ""


def _path(value: str) -> str:
    return _normalised(value if value.startswith(("/", "*")) or not value else f"/{value}")


def _seconds(value: str) -> float:
    return float(value) if re.fullmatch(r"\d{1,6}(\.\d*)?", value) else 0.0


def _normalised(path: str) -> str:
    """A path in which each character is written in one way."""

    def one_way(found: re.Match[str]) -> str:
        sign = chr(int(found.group(1), 16))
        return sign if sign in UNRESERVED else found.group().upper()

    return re.sub(r"%([0-9A-Fa-f]{2})", one_way, quote(path, safe=KEPT))


def _fits(rule: str, path: str) -> bool:
    """Whether a path begins as a rule says; `*` is anything, `$` at the end is the path's end.

    Without regular expressions, whose time many `*` could draw out.
    """
    to_the_end = rule.endswith("$")
    first, *rest = rule.removesuffix("$").split("*")
    if not path.startswith(first):
        return False
    place = len(first)
    if not rest:
        return not to_the_end or place == len(path)
    for part in rest[:-1]:
        found = path.find(part, place)
        if found < 0:
            return False
        place = found + len(part)
    if to_the_end:
        return path.endswith(rest[-1]) and len(path) - len(rest[-1]) >= place
    return path.find(rest[-1], place) >= 0
