"""Texts in Unicode's form NFC, in which what looks alike is alike."""

from pyspark.sql import Column as Expression
from pyspark.sql import functions as F

from hitcast.running.home import on_serverless


def composed(text: Expression) -> Expression:
    """The text in Unicode's form NFC; null stays null."""
    # Texts of ASCII are in that form.
    form = _by_python(text) if on_serverless() else _by_icu(text)
    return F.when(F.length(text) == F.octet_length(text), text).otherwise(form)


def _by_icu(text: Expression) -> Expression:
    """Spark has `normalize` from 4.4 on; its own jars have the ICU that it will be made of."""
    icu = map(F.lit, ("com.ibm.icu.text.Normalizer", "compose"))
    return F.reflect(*icu, text, F.lit(False))


def _by_python(text: Expression) -> Expression:
    """The same where nobody says which classes of Java may be called."""

    # Within, so that it travels by value: workers there need not have this package.
    def compose(given: str | None) -> str | None:
        import unicodedata

        return given if given is None else unicodedata.normalize("NFC", given)

    return F.udf(compose, "string")(text)
