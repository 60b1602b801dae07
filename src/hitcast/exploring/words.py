"""Figures and names in plain words, for people who read a notebook."""

from html import escape

from hitcast.declaration.columns import Column

PLAIN_UNITS = {"share", "flag", "year"}
"""Units that an axis need not name."""


def count(number: float) -> str:
    """A whole number with separators: 1,159,764."""
    return f"{number:,.0f}"


def percent(share: float) -> str:
    """A share in per cent: one decimal, and never 0 or 100 where it is not."""
    if 0 < share < 0.001:
        return "below 0.1 %"
    if 0.999 < share < 1:
        return "above 99.9 %"
    return f"{100 * share:.1f} %"


def figure(value: float) -> str:
    """A number with three digits that matter, and separators: 0.0537, −7.45, 225,744, 4; or –."""
    if value != value:
        return "–"
    if value == int(value):
        return f"{value:,.0f}".replace("-", "−")
    if abs(value) < 0.001:
        return f"{value:.1e}".replace("-", "−")
    decimals = max(0, 2 - int(f"{value:e}".split("e")[1]))
    return f"{value:,.{decimals}f}".replace("-", "−")


def signed(value: float, decimals: int = 3) -> str:
    """A number with its sign: +0.012, −0.153; or –."""
    if value != value:
        return "–"
    return f"{round(value, decimals) + 0.0:+.{decimals}f}".replace("-", "−")


def title_of(column: Column) -> str:
    """What a column is called, without a unit that it carries in its name."""
    words = column.name.removesuffix(f"_{column.unit}") if column.unit else column.name
    return words.replace("_", " ")


def axis_of(column: Column) -> str:
    """What stands at an axis: title and unit."""
    if column.unit is None or column.unit in PLAIN_UNITS or column.names is not None:
        return title_of(column)
    return f"{title_of(column)} ({column.unit})"


def with_unit(column: Column, value: float) -> str:
    """A value of a column with its unit; by its name where whole numbers stand for something."""
    if column.names is not None and value == int(value):
        return column.names.get(int(value), figure(value))
    if column.unit == "year":
        return f"{value:g}"
    unit = column.unit if column.unit not in PLAIN_UNITS else None
    return f"{figure(value)} {unit}" if unit else figure(value)


def counted(number: int, one: str, many: str | None = None) -> str:
    """A number of things: 1 value, 2 values; 1 class, 2 classes, where that is said."""
    return f"{count(number)} {one if number == 1 else many or f'{one}s'}"


def listed(words: list[str]) -> str:
    """Words in a row: a; a and b; a, b and c."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def capital(text: str) -> str:
    """A sentence with a capital at its beginning."""
    return text[:1].upper() + text[1:]


def told(*sentences: str) -> str:
    """Sentences as HTML, a paragraph each, for `displayHTML`."""
    return "".join(f"<p>{escape(sentence)}</p>" for sentence in sentences)


def heading(text: str) -> str:
    """A heading as HTML, for one that is made of the data's own names."""
    return f"<h3>{escape(text)}</h3>"
