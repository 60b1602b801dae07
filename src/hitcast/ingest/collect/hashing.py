"""Ids of units hashed where the lines are, as `hitcast.running.unit_ids` does it: HMAC-SHA256."""

import hashlib

from pyspark.sql import Column
from pyspark.sql import functions as F

from hitcast.ingest.collect.fields import Hash
from hitcast.running.unit_ids import DIGITS

BLOCK = 64
INNER, OUTER = 0x36, 0x5C


def hash_with(key: bytes) -> Hash:
    """What makes the hashed id of a column with ids as they were sent; null stays null.

    Those of formats 1 and 2 were read as latin-1; they get the hash that they have in format 3.
    The key becomes a part of the query, which Spark shows to those who may see its plans.
    """
    block = (hashlib.sha256(key).digest() if len(key) > BLOCK else key).ljust(BLOCK, b"\0")
    inner, outer = (bytes(byte ^ pad for byte in block) for pad in (INNER, OUTER))

    def hash_unit(unit: Column) -> Column:
        sent = F.encode(_as_sent(unit), "UTF-8")
        first = F.unhex(F.sha2(F.concat(F.lit(inner), sent), 256))
        return F.substring(F.sha2(F.concat(F.lit(outer), first), 256), 1, DIGITS)

    return hash_unit


def _as_sent(unit: Column) -> Column:
    """A text without what `unit_ids.as_read_before` did to it, where that shows."""
    latin = F.when(unit.rlike(r"\A[\x00-\xff]*\z"), unit)
    text = F.encode(latin, "ISO-8859-1").cast("string")
    return F.coalesce(F.try_validate_utf8(text), unit)


def no_unit(_: Column) -> Column:
    """Nothing, for lines that have no ids as they were sent."""
    return F.lit(None).cast("string")
