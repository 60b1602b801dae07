"""Texts in forms in which what looks, or is meant, alike is alike.

Every text is composed, so that is Java's part where it can be; only keys are made of less.
"""

from collections.abc import Collection

from pyspark.sql import Column as Expression
from pyspark.sql import functions as F

from hitcast.running.home import on_databricks


def composed(text: Expression) -> Expression:
    """The text in Unicode's form NFC; null stays null."""
    # Texts of ASCII are in that form.
    # Serverless and shared compute of a platform let nobody call Java's methods by name.
    form = _by_python(text) if on_databricks() else _by_icu(text)
    return F.when(F.length(text) == F.octet_length(text), text).otherwise(form)


def normalised(text: Expression, steps: Collection[str]) -> Expression:
    """The text without what is not to tell two apart; as it was, if nothing else is in it.

    Args:
        text: Texts; null stays null.
        steps: What it loses: `casefold`, `accents`, `punctuation` (for which one space is left;
            white space counts as such).
    """
    wanted = frozenset(steps)

    # Within, so that it travels by value: workers there need not have this package.
    def normalise(given: str | None) -> str | None:
        import unicodedata

        if given is None:
            return None
        left = given.casefold() if "casefold" in wanted else given
        if "accents" in wanted and not left.isascii():
            apart = unicodedata.normalize("NFD", left)
            bare = "".join(c for c in apart if unicodedata.category(c) != "Mn")
            left = unicodedata.normalize("NFC", bare)
        if "punctuation" in wanted:
            words = (c if unicodedata.category(c)[0] not in "PSZC" else " " for c in left)
            left = " ".join("".join(words).split())
        return left or given

    return F.udf(normalise, "string")(text)


def _by_icu(text: Expression) -> Expression:
    """Spark has `normalize` from 4.4 on; its own jars have the ICU that it will be made of."""
    icu = map(F.lit, ("com.ibm.icu.text.Normalizer", "compose"))
    return F.reflect(*icu, text, F.lit(False))


def _by_python(text: Expression) -> Expression:
    """The same where nobody says which classes of Java may be called."""

    def compose(given: str | None) -> str | None:
        import unicodedata

        return given if given is None else unicodedata.normalize("NFC", given)

    return F.udf(compose, "string")(text)
