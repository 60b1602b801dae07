"""What a version's tags tell: its data, how exact it is, and whether somebody has judged it."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from hitcast.models.findings import Parity, Trained
from hitcast.models.registry import Version

GENERATED_TAG = "hitcast.generated"
REASON_TAG = "hitcast.promotion"
NOT_JUDGED = "not judged yet"
"""How the reason of a version begins that nobody has judged, or not to the end."""
DISABLED = "not judged: promotion is disabled"
TABLE_ID, TABLE_VERSION = "table_id", "table_version"
"""Which table a version was trained on, and which version of it."""
DATA_VERSION = "hitcast.data_version"
"""Since which version the table had those rows; those after it only tidied up."""
DATA_AT = "hitcast.data_at"
"""When that version of the table was committed."""
FAMILY, PARITY = "hitcast.family", "hitcast.parity"
ARCHIVED = "hitcast.archived"
"""Since when a version that was in production is no longer."""

Tags = Mapping[str, str]


def is_generated(version: Version) -> bool:
    """Whether a version was trained on generated rows."""
    return version.tags.get(GENERATED_TAG) == "true"


def is_judged(version: Version) -> bool:
    """Whether a version has been judged to the end, or put into production by hand."""
    reason = version.tags.get(REASON_TAG, NOT_JUDGED)
    return not reason.startswith(NOT_JUDGED)


def trained_of(tags: Tags) -> Trained:
    """The data that a version was trained on."""
    version, at = tags.get(TABLE_VERSION, ""), tags.get(DATA_AT)
    return Trained(
        table=tags.get(TABLE_ID),
        version=int(version) if version.isdigit() else None,
        at=None if at is None else _seconds(at),
        generated=tags.get(GENERATED_TAG) == "true",
    )


def parity_of(tags: Tags) -> Parity | None:
    """What the training measured of scorer against Spark, if it did."""
    told = tags.get(PARITY)
    if told is None:
        return None
    try:
        return Parity(float(told), tags.get(FAMILY, ""))
    except ValueError:
        return None


def tries_on(versions: Iterable[Version], tags: Tags, number: int | None) -> int:
    """How many versions were trained on the data that a challenger was, itself included.

    Args:
        versions: All that are registered.
        tags: The challenger's.
        number: Its number; None: it is not registered yet.
    """
    data = _data_of(tags)
    return 1 + sum(_data_of(v.tags) == data for v in versions if v.number != number)


def _data_of(tags: Tags) -> tuple[str | None, str | None]:
    return tags.get(TABLE_ID), tags.get(DATA_VERSION) or tags.get(TABLE_VERSION)


def now() -> str:
    """The time, as tags and tables have it."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def _seconds(text: str) -> float | None:
    try:
        return datetime.fromisoformat(text).timestamp()
    except ValueError:
        return None
