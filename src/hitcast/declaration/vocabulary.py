"""How the words of a text become features: which ones count, and how much.

In `conf/`, a column with `type: words` may have a section `vocabulary`; what that leaves out is as
here.
"""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field, model_validator

from hitcast.declaration.section import Section

WORDS = "words"
"""What `type` says of such a column; for all that only moves it about, it is a text."""
TYPES = ("text", WORDS, "integer", "number", "category")
LONGEST = 100_000
"""Characters of a text of words, where nothing else is declared."""
Language = Literal[
    "none", "danish", "dutch", "english", "finnish", "french", "german", "hungarian", "italian",
    "norwegian", "portuguese", "russian", "spanish", "swedish", "turkish",
]  # fmt: skip


class Vocabulary(Section):
    """The words of a text that are features, and what each of them counts.

    Words are found without case and accents: `Ação` and `acao` are one.

    Attributes:
        language: Whose stop words are left out, as Spark knows them; `none`: no word is.
        ngrams: Up to so many words in a row are a feature as well.
        shortest: Characters of the shortest word that counts.
        least_rows: Words in fewer training rows are left out.
        most_share: Words in a larger share of the training rows are left out.
        size: The most words that are kept, by how often they occur.
        counts: `plain`, how often a word occurs in the text; `sublinear`, 1 + the logarithm of
            that, to a tenth; `binary`, 1 for any number.
        weights: `tf_idf`, where rare words weigh more and each text as much as any other (its
            length is 1); `counts`, as they are.
    """

    language: Language = "none"
    ngrams: int = Field(default=1, ge=1, le=3)
    shortest: int = Field(default=2, ge=1, le=20)
    least_rows: int = Field(default=2, ge=1)
    most_share: float = Field(default=1.0, gt=0, le=1)
    size: int = Field(default=20_000, ge=1, le=200_000)
    counts: Literal["plain", "sublinear", "binary"] = "plain"
    weights: Literal["tf_idf", "counts"] = "tf_idf"

    @model_validator(mode="after")
    def _tenths_are_weighed(self) -> "Vocabulary":
        if self.counts == "sublinear" and self.weights == "counts":
            raise ValueError("counts: sublinear needs weights: tf_idf; allowed: plain or binary")
        return self


def with_vocabulary(column: Mapping[str, Any]) -> dict[str, Any]:
    """A column as declared, where `type: words` has become a text with a vocabulary.

    Its values stand in no message unless `private: false` says that they may.

    Raises:
        ValueError: if there is no such type, or a column of another type has a vocabulary.
    """
    kind, held = column.get("type"), column.get("vocabulary")
    if isinstance(kind, str) and kind not in TYPES:
        name = column.get("name")
        raise ValueError(f"type of {name!r}: expected one of {list(TYPES)}, got {kind!r}")
    if kind != WORDS and held is None:
        return dict(column)
    # A text with a vocabulary is what a declaration that was written out has.
    if kind not in (WORDS, "text"):
        raise ValueError(f"vocabulary is for type {WORDS}, got {kind}")
    longest = column.get("max_length") or LONGEST
    given = {"type": "text", "vocabulary": held or {}, "max_length": longest}
    return {"private": True, **column, **given}
