"""Bytes of any encoding that has one for each character, as text."""

from pyspark.sql import Column
from pyspark.sql import functions as F

HIGH = bytes(range(128, 256))


def characters(raw: Column, encoding: str) -> Column:
    """A record's bytes as text.

    Spark decodes a handful of encodings; but in Latin-1 each byte is a character, and from there
    the others are a matter of exchanging characters.
    """
    if encoding == "utf-8":
        return raw.cast("string")
    known = [(byte, char) for byte, char in _table(encoding) if char is not None]
    there = "".join(chr(byte) for byte, _ in known)
    here = "".join(char for _, char in known)
    return F.translate(F.decode(raw, "ISO-8859-1"), there, here)


def foreign_bytes(encoding: str) -> Column:
    """A reason against a record, in `raw_line`, with bytes that the encoding does not know."""
    raw, name = F.col("raw_line"), "UTF-8" if encoding == "utf-8" else encoding
    unknown = "".join(f"\\x{byte:02x}" for byte, char in _table(encoding) if char is None)
    if encoding == "utf-8":
        foreign = ~F.is_valid_utf8(raw.cast("string"))
    elif unknown:
        foreign = F.decode(raw, "ISO-8859-1").rlike(f"[{unknown}]")
    else:
        foreign = F.lit(False)
    return F.when(foreign, F.lit(f"line: expected {name}, got bytes that are not"))


def _table(encoding: str) -> list[tuple[int, str | None]]:
    """Each byte above ASCII with its character, None where it has none."""
    found = [bytes([byte]).decode(encoding, "ignore") or None for byte in HIGH]
    return list(zip(HIGH, found, strict=True))
