"""What robots.txt allows, by RFC 9309."""

import pytest

from hitcast.sources.sites.robots import robots_of

HOST = "https://first.example.org"
# The standard's own examples, 5.1 and 5.2.
STANDARD = """
User-Agent: *
Disallow: *.gif$
Disallow: /example/
Allow: /publications/

User-Agent: foobot
Disallow:/
Allow:/example/page.html
Allow:/example/allowed.gif

User-Agent: barbot
User-Agent: bazbot
Disallow: /example/page.html

User-Agent: quxbot
"""
LONGEST = "User-Agent: hitcast\nAllow: /example/page/\nDisallow: /example/page/disallowed.gif\n"


def allowed(text: str, *paths: str) -> list[bool]:
    robots = robots_of(text)
    return [robots.allows(HOST + path) for path in paths]


def as_one(name: str) -> str:
    """The standard's example, with this program in the place of one of its own."""
    return STANDARD.replace(name, "hitcast")


def test_the_standards_examples_are_read_as_it_reads_them() -> None:
    paths = ("/example/page.html", "/example/allowed.gif", "/publications/", "/other.gif", "/x")
    assert allowed(STANDARD, *paths) == [False, False, True, False, True]
    assert allowed(as_one("foobot"), *paths) == [True, True, False, False, False]
    assert allowed(as_one("barbot"), *paths) == [False, True, True, True, True]
    assert allowed(as_one("bazbot"), *paths) == [False, True, True, True, True]
    assert allowed(as_one("quxbot"), *paths) == [True] * 5
    assert allowed(LONGEST, "/example/page/a", "/example/page/disallowed.gif") == [True, False]


@pytest.mark.parametrize(
    ("rule", "fits", "does_not"),
    [
        ("/", ["/", "/x?y"], []),
        ("/fish", ["/fish", "/fish.html", "/fishheads/?id=1"], ["/Fish.asp", "/catfish"]),
        ("/fish*", ["/fish", "/fishheads"], ["/desert/fish"]),
        ("/*.php$", ["/f.php", "/a/b.php"], ["/f.php?p", "/f.php5"]),
        ("/fish*.php", ["/fish.php", "/fishheads/cat.php?p"], ["/Fish.PHP"]),
        ("/*?print=", ["/song/1?print=yes"], ["/song/1"]),
        ("/a*b*c$", ["/abc", "/axbxc"], ["/abcd", "/ab"]),
        ("/ab*b$", ["/abb"], ["/ab"]),
        ("/song%2Done", ["/song-one"], []),
        ("/caf\u00e9", ["/caf%C3%A9", "/caf%c3%a9s"], ["/cafe"]),
        ("private", ["/private/1"], ["/not/private"]),
        ("/" + "*a" * 60 + "$", [], ["/" + "a" * 50_000 + "b"]),
    ],
)
def test_a_rule_fits_what_begins_so(rule: str, fits: list[str], does_not: list[str]) -> None:
    text = f"User-agent: *\nDisallow: {rule}"
    assert allowed(text, *fits) == [False] * len(fits)
    assert allowed(text, *does_not) == [True] * len(does_not)


def test_groups_for_this_program_are_one_and_those_for_any_are_not_for_it() -> None:
    text = (
        "\ufeffuser-agent: HitCast/2.1 # us\r\ndisallow: /a\r\n\r\nUser-agent: *\rDisallow: /\r"
        "User-agent: hitcast\nnonsense\nDisallow: /b\nUser-agent: hitcaster\nDisallow: /c"
    )
    assert allowed(text, "/a", "/b", "/c", "/robots.txt") == [False, False, True, True]


def test_a_rule_that_allows_as_much_as_another_forbids_wins() -> None:
    assert allowed("User-agent: *\nDisallow: /a\nAllow: /a\nDisallow:", "/a", "/b") == [True, True]
    assert allowed("no rules at all", "/") == [True]


def test_the_longest_delay_counts() -> None:
    text = "User-agent: *\nCrawl-delay: 1.5\nDisallow: /x\nCrawl-delay: 4\nCrawl-delay: soon\n"
    assert robots_of(text).delay == 4
    assert robots_of(text + "User-agent: hitcast\nAllow: /").delay == 0
