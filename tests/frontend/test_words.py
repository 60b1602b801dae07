import pytest

from answers import Input
from components.words import label_of, percent, plain, points, shown, times_as_likely

KEY = Input("key", "feature", "integer", True, -1, 1, "pitch class", "Key", 0,
            names={"-1": "none", "0": "C", "1": "D"})  # fmt: skip
LENGTH = Input("duration_ms", "feature", "integer", True, 1000, 9e6, "ms", "Length", 198000)
LOUDNESS = Input("loudness", "feature", "number", True, -70, 10, "dB", "Loudness", -5.4)
ENERGY = Input("energy", "feature", "number", True, 0, 1, "share", "Energy", 0.5)


@pytest.mark.parametrize(
    ("probability", "told"),
    [
        (0.30, "about 3 times as likely as a typical techno track"),
        (0.15, "about 1.5 times as likely as a typical techno track"),
        (0.20, "about 2 times as likely as a typical techno track"),
        (0.10, "about as likely as a typical techno track"),
        (0.08, "somewhat less likely than a typical techno track"),
        (0.05, "about half as likely as a typical techno track"),
        (0.033, "about a third as likely as a typical techno track"),
        (0.025, "about a quarter as likely as a typical techno track"),
        (0.01, "about a tenth as likely as a typical techno track"),
        (0.001, "far less likely than a typical techno track"),
    ],
)
def test_a_probability_is_told_beside_the_base_rate(probability: float, told: str) -> None:
    assert times_as_likely(probability, 0.1, "a typical techno track") == told


def test_a_base_rate_of_nothing_divides_nothing() -> None:
    told = times_as_likely(0.5, 0.0, "a typical polka track")
    assert told == "and the training saw none like a typical polka track that was"


@pytest.mark.parametrize(
    ("share", "told"),
    [(0.5, "50 %"), (0.023, "2.3 %"), (0.0999, "10 %"), (0.0, "0.0 %"), (1.0, "100 %"),
     (0.0002, "below 0.1 %"), (0.9995, "above 99.9 %")],
)  # fmt: skip
def test_a_share_is_told_in_per_cent(share: float, told: str) -> None:
    assert percent(share) == told


def test_values_are_told_as_people_write_them() -> None:
    assert shown(KEY, 0) == "C"
    assert shown(LENGTH, 198345) == "198 s"
    assert shown(LOUDNESS, -5.4) == "-5.4 dB"
    assert shown(ENERGY, 1.35e-5) == "0.00"


def test_labels_name_the_unit_where_it_tells_something() -> None:
    labels = [label_of(column) for column in (KEY, LENGTH, LOUDNESS, ENERGY)]
    assert labels == ["Key", "Duration (s)", "Loudness (dB)", "Energy"]


def test_texts_of_others_are_shown_as_they_stand() -> None:
    assert plain("A$AP") == r"A\$AP"
    assert plain("[here](http://x)") == r"\[here\]\(http\://x\)"
    assert plain("Björk – Jóga, 2") == "Björk – Jóga, 2"


def test_effects_are_told_in_points() -> None:
    assert [points(0.123), points(-0.004)] == ["+12 points", "−0.4 points"]
