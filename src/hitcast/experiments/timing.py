"""When a report looks at an experiment: how often, and at equal distances in time."""

MOST_LOOKS, FEWEST_LOOKS = 30, 5
MOST_ROWS = 5_000_000
"""Of units at looks, each some 100 bytes on the driver. More than a million units make more, even
with the fewest looks; that takes a larger `spark.driver.maxResultSize`."""
STEPS = (60, 300, 900, 3600, 6 * 3600, 86_400, 7 * 86_400)
"""Seconds between looks: the first that needs no more than so many; after weeks, more weeks."""


def most_looks(units: int) -> int:
    """How many looks there may be: fewer of very many units."""
    return max(FEWEST_LOOKS, min(MOST_LOOKS, MOST_ROWS // max(1, units)))


def steps(first: float, last: float, most: int = MOST_LOOKS) -> tuple[float, float, int]:
    """When looks begin, the seconds between them, and how many there are.

    Args:
        first: The first prediction, in seconds since 1970.
        last: The last one.
        most: How many looks there may be.
    """
    weeks = (STEPS[-1] * many for many in range(2, 1_000_000))
    for step in (*STEPS, *weeks):
        begin = first // step * step
        looks = int((last - begin) // step) + 1
        if looks <= most:
            break
    return begin, float(step), looks
