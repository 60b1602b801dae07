from typing import Any

import pytest
from pydantic import ValidationError

from hitcast.declaration.source import Source, one_name
from hitcast.declaration.use_case import UseCase


def test_an_encoding_has_one_name_whatever_it_is_called() -> None:
    names = ["UTF8", "utf-8-sig", "windows-1250", "latin-1", "ISO-8859-2", "koi8-r"]
    assert [one_name(name) for name in names] == [
        "utf-8", "utf-8", "cp1250", "iso8859-1", "iso8859-2", "koi8-r"
    ]  # fmt: skip
    assert Source.model_validate({"encoding": "Windows-1250"}).encoding == "cp1250"


@pytest.mark.parametrize(
    "name",
    ["utf-16", "gbk", "shift_jis", "big5", "euc_jp", "iso2022_jp", "hz", "utf-7", "cp037", "hex",
     "idna", "raw_unicode_escape", "klingon"],
)  # fmt: skip
def test_encodings_of_several_bytes_a_character_are_refused_with_what_to_do(name: str) -> None:
    with pytest.raises(ValueError, match=f"got '{name}'; convert such files first"):
        one_name(name)


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "format": ({"format": "xlsx"}, "'csv', 'jsonl', 'parquet' or 'arff'"),
    "delimiter": ({"delimiter": "::"}, "one character such as"),
    "delimiter that quotes": ({"delimiter": '"'}, "one character such as"),
    "delimiter of words": ({"delimiter": "a"}, "one character such as"),
    "delimiter elsewhere": ({"delimiter": "¦", "encoding": "ascii"}, "no character of ascii"),
    "multiline JSON": (
        {"format": "jsonl", "multiline": True},
        "source.multiline is for format csv, got it with format jsonl",
    ),
    "encoded Parquet": (
        {"format": "parquet", "encoding": "cp1250"}, "encoding is for format csv and arff"
    ),
    "decimal": ({"decimal": ";"}, "'.' or ','"),
    "limit": ({"limits": {"line_bytes": 10}}, "greater than or equal to 1000"),
}  # fmt: skip


@pytest.mark.parametrize(("source", "told"), REFUSED.values(), ids=REFUSED.keys())
def test_options_that_fit_no_file_are_refused(source: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        Source.model_validate(source)


def test_only_what_is_not_usual_counts_as_a_way_of_reading() -> None:
    assert Source().reading == {}
    given = Source.model_validate({"delimiter": ";", "encoding": "latin-1", "format": "csv"})
    assert given.reading == {"delimiter": ";", "encoding": "iso8859-1"}


def test_sources_take_the_place_of_source_and_what_was_written_out_is_read_again(
    spotify: UseCase,
) -> None:
    written = spotify.model_dump()
    assert UseCase.model_validate(written) == spotify
    source = written.pop("source")
    several = UseCase.model_validate({**written, "sources": {"a": source, "b": {}}})
    assert (list(several.sources), several.source) == (["a", "b"], spotify.source)
    refused: list[dict[str, Any]] = [{"sources": {}}, {"source": source, "sources": {"a": source}}]
    for wrong in refused:
        with pytest.raises(ValidationError, match="expected source, or sources by name"):
            UseCase.model_validate({**written, **wrong})
