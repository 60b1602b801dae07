"""Numbers with a decimal comma: `1.234,5`, `1 234,5` and `1234,5` are 1234.5.

text       becomes
1.234,5    1234.5
1.234      1234      a point is between thousands, or it is wrong
1.5                  unreadable
"""

from pyspark.sql import Column
from pyspark.sql import functions as F

THOUSANDS = ". '\u00a0\u202f\u2019"
NUMERAL = (
    rf"^\s*[+-]?(?=[\d,])(?:\d{{1,3}}(?:[{THOUSANDS}]\d{{3}})++|\d*)"
    r"(?:,(?=\d)\d*|(?<=\d),)?(?:[eE][+-]?\d+)?\s*$"
)


def plain(text: Column) -> Column:
    """A number's text with a decimal point and nothing between thousands; others as they are."""
    written = F.translate(text, f",{THOUSANDS}", ".")
    return F.when(text.rlike(NUMERAL), written).otherwise(text)


def unreadable(text: Column) -> Column:
    """Whether there is a text, and no number with a decimal comma in it."""
    return (F.trim(text) != "") & ~text.rlike(NUMERAL)
