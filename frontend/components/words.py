"""Figures in plain words."""

import math
import re

from answers import Input

FRACTIONS = ((0.4, "half"), (0.29, "a third"), (0.17, "a quarter"), (0.07, "a tenth"))
"""From which ratio on a fraction is named."""
SHOWN_UNITS = {"ms": ("s", 1000)}
"""Units that people don't think in: what is shown instead, and how many of the one make one; not
where values are less than that."""
MARKDOWN = re.compile(r"[\\`*_\[\]{}()<>#$~:|!^&]")
NO_DIFFERENCE = 0.0005
"""Probabilities that differ by less are the same to people: 0.0 points, rounded."""
SHORT = 60
"""Characters of a text that are shown where there is no room for it."""
PLAIN_UNITS = {"share", "flag", "pitch class", "year"}
"""Units that a label need not name."""


def plain(text: str) -> str:
    """A text so that Markdown shows it as it stands: "A$AP" is no formula, an address no link."""
    return MARKDOWN.sub(r"\\\g<0>", text)


def percent(share: float) -> str:
    """A share in per cent: one decimal below 10, and never 0 or 100 where it is not."""
    if 0 < share < 0.001:
        return "below 0.1 %"
    if 0.999 < share < 1:
        return "above 99.9 %"
    return f"{100 * share:.1f} %" if share < 0.0995 else f"{100 * share:.0f} %"


def times_as_likely(probability: float, base_rate: float, whom: str) -> str:
    """How a probability compares with a base rate: "about 3 times as likely as …"."""
    if base_rate <= 0:
        return f"and the training saw none like {whom} that was"
    ratio = probability / base_rate
    if 0.87 <= ratio < 1.15:
        return f"about as likely as {whom}"
    if ratio >= 1.15:
        shown = f"{ratio:.0f}" if ratio >= 2.75 else f"{ratio:.1f}".removesuffix(".0")
        return f"about {shown} times as likely as {whom}"
    if ratio >= 0.6:
        return f"somewhat less likely than {whom}"
    for low, name in FRACTIONS:
        if ratio >= low:
            return f"about {name} as likely as {whom}"
    return f"far less likely than {whom}"


def title_of(column: Input) -> str:
    """What an input is called on a page, without a unit that it carries in its name."""
    words = column.name.removesuffix(f"_{column.unit}") if column.unit else column.name
    return words.replace("_", " ").capitalize()


def label_of(column: Input) -> str:
    """Title and unit."""
    if column.unit is None or column.unit in PLAIN_UNITS:
        return title_of(column)
    return f"{title_of(column)} ({shown_unit(column)[0]})"


def shown_unit(column: Input) -> tuple[str, int]:
    """The unit in which an input is shown, and how many of its own make one."""
    own, usual = column.unit or "", column.typical
    most = usual["high"] if usual else column.maximum
    unit, scale = SHOWN_UNITS.get(own, (own, 1))
    return (own, 1) if most is not None and most < scale else (unit, scale)


def shown(column: Input, value: object) -> str:
    """A value with its unit, as a person would write it."""
    if value is None:
        return "none"
    if column.words:
        return shortened(str(value))
    if not isinstance(value, int | float):
        return str(value)
    if column.names:
        return column.names.get(str(round(value)), f"{value:g}")
    unit, scale = shown_unit(column)
    number = f"{value / scale:.{decimals_of(column)}f}"
    return number if column.unit in PLAIN_UNITS or not unit else f"{number} {unit}"


def shortened(text: str) -> str:
    """The beginning of a text in one line, and how long it is."""
    if len(text) <= SHORT:
        return " ".join(text.split())
    return f"{' '.join(text[:SHORT].split())} … ({len(text):,} characters)"


def decimals_of(column: Input) -> int:
    """So many that values of an input can be told apart."""
    if column.type == "integer":
        return 0
    unit, scale = shown_unit(column)
    least, usual = 2 if unit == "share" else 1, column.typical
    if column.minimum is not None and column.maximum is not None:
        wide = column.maximum - column.minimum
    else:
        wide = usual["high"] - usual["low"] if usual else 0.0
    return least if wide <= 0 else max(least, 1 - math.floor(math.log10(wide / scale / 10)))


def points(difference: float) -> str:
    """A difference of probabilities in percentage points, with its sign."""
    sign = "+" if difference >= 0 else "−"
    size = 100 * abs(difference)
    return f"{sign}{size:.0f} points" if size >= 9.95 else f"{sign}{size:.1f} points"
