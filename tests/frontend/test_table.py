from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from answers import Input, Schema
from components.upload.cells import rows_of, typed
from components.upload.lines import BOM, TableError
from components.upload.table import AT_ONCE, MOST_ROWS, Upload, read, template
from tests.frontend.homes import WHOLE_BATCH

HEADER = "artist,year,energy,genre"


def column(name: str, kind: str, example: object, *, required: bool = True) -> Input:
    return Input(name, "feature", kind, required, None, None, None, f"The {name}", example)


SCHEMA = Schema(
    "Tracks", "track", "popular", "popularity at least 50", None, WHOLE_BATCH,
    [
        column("artist", "text", "Daft, Punk", required=False), column("year", "integer", 2021),
        column("energy", "number", 0.5), column("genre", "text", "pop"),
    ],
)  # fmt: skip
YEAR, ENERGY, GENRE = SCHEMA.inputs[1:]


def uploaded(*lines: str, header: str = HEADER) -> Upload:
    return read("t.csv", "\n".join([header, *lines]).encode(), SCHEMA)


def rows(upload: Upload) -> list[object]:
    """What is sent for each line: a row, or the reason why none is."""
    found, reasons = rows_of(SCHEMA, upload, 0, len(upload.lines))
    return [reasons.get(place, row) for place, row in enumerate(found)]


def refusal(content: bytes) -> str:
    with pytest.raises(TableError) as told:
        read("t.csv", content, SCHEMA)
    return str(told.value)


def test_the_template_holds_exactly_the_inputs_and_can_be_uploaded_as_it_is() -> None:
    text = template(SCHEMA)
    assert text.splitlines()[0] == HEADER
    assert rows(read("t.csv", text.encode(), SCHEMA)) == [
        {"artist": "Daft, Punk", "year": 2021, "energy": 0.5, "genre": "pop"}
    ]


@pytest.mark.parametrize(
    ("column", "cell", "value"),
    [
        (YEAR, "5", 5), (YEAR, "5.0", 5), (YEAR, " -1 ", -1), (YEAR, "2e3", 2000),
        (ENERGY, "5", 5.0), (ENERGY, "1e-3", 0.001), (ENERGY, " .5 ", 0.5), (GENRE, " 5 ", "5"),
        (GENRE, "nan", "nan"),
    ],
)  # fmt: skip
def test_a_cell_is_sent_in_the_type_of_its_input(column: Input, cell: str, value: object) -> None:
    (found,), problems = typed(column, [cell])
    assert (found, type(found), problems) == (value, type(value), {})


@pytest.mark.parametrize(
    ("column", "cell", "problem"),
    [
        (YEAR, "5.5", "expected a whole number, got '5.5'"),
        (YEAR, "nineteen", "expected a number, got 'nineteen'"),
        (YEAR, "2_000", "expected a number, got '2_000'"),
        (YEAR, "9" * 400, f"expected a number, got '{'9' * 60}'"),
        (ENERGY, "nan", "expected a number, got 'nan'"),
        (ENERGY, "-Infinity", "expected a number, got '-Infinity'"),
        (ENERGY, "0,5", "expected a number, got '0,5'; decimals are written with a point"),
        (ENERGY, "", "empty"),
        (GENRE, "  ", "empty"),
    ],
)
def test_a_cell_that_cannot_be_read_is_told_with_what_stood_there(
    column: Input, cell: str, problem: str
) -> None:
    good = "1" if column.type != "text" else "pop"
    assert typed(column, [good, cell])[1] == {1: problem}


@given(st.lists(st.sampled_from(["1", "2.0", "2.5", "", " 7", "1_0", "nan", "1e400", "x"])))
def test_cells_mean_the_same_alone_and_among_others(cells: Sequence[str]) -> None:
    for each in (YEAR, ENERGY, GENRE):
        values, problems = typed(each, list(cells))
        alone = [typed(each, [cell]) for cell in cells]
        assert values == [found for (found,), _ in alone]
        assert problems == {n: p[0] for n, (_, p) in enumerate(alone) if p}


def test_rows_keep_their_order_and_columns_that_are_no_inputs_are_not_sent() -> None:
    upload = uploaded("x,pop,0.5,2020,first", "y,techno,1,1999,", header="id,genre,energy,year,")
    assert rows(upload) == [
        {"year": 2020, "energy": 0.5, "genre": "pop"},
        {"year": 1999, "energy": 1.0, "genre": "techno"},
    ]
    assert list(upload.cells) == ["id", "genre", "energy", "year", "Unnamed: 4"]
    assert upload.cells["id"].tolist() == ["x", "y"]
    assert upload.cells["Unnamed: 4"].tolist() == ["first", ""]


def test_an_empty_cell_of_an_optional_input_is_no_value() -> None:
    assert rows(uploaded(",2020,0.5,pop")) == [
        {"artist": None, "year": 2020, "energy": 0.5, "genre": "pop"}
    ]


def test_a_line_is_refused_with_all_that_is_wrong_in_it() -> None:
    assert rows(uploaded("a,x,,pop", "a,2020,0.5,"))[0] == (
        "year: expected a number, got 'x'; energy: empty"
    )
    assert rows(uploaded("a,x,y,")) == [
        "year: expected a number, got 'x'; energy: expected a number, got 'y'; genre: empty"
    ]


def test_reasons_stay_with_their_rows_from_call_to_call() -> None:
    upload = uploaded("a,1,1,pop", "a,1,x,pop", "a,1,1", "a,1,1,pop")
    assert rows_of(SCHEMA, upload, 0, 1)[1] == {}
    found, reasons = rows_of(SCHEMA, upload, 1, 3)
    assert len(found) == 2
    assert reasons == {
        0: "energy: expected a number, got 'x'", 1: "3 cells, where the header has 4",
    }  # fmt: skip
    assert rows_of(SCHEMA, upload, 3, 9)[1] == {}


def test_lines_are_counted_as_an_editor_counts_them() -> None:
    upload = uploaded("a,1,1,pop", "", '"a\nb",2,1,pop', "c,3,1,pop")
    assert upload.lines == [2, 4, 6]
    assert upload.cells["artist"].tolist() == ["a", "a\nb", "c"]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_may_end_in_any_way(end: str) -> None:
    lines = end.join([HEADER, "a,1,1,pop", f'"b{end}c",2,1,techno'])
    upload = read("t.csv", lines.encode(), SCHEMA)
    assert (upload.lines, upload.cells["genre"].tolist()) == ([2, 3], ["pop", "techno"])
    assert upload.cells["artist"].tolist() == ["a", f"b{end}c"]


def test_a_line_of_another_length_than_the_header_is_told_and_the_others_read() -> None:
    upload = uploaded("a,1,1", "a,1,1,pop,more,than", "a,1,1,pop")
    assert upload.broken == {
        0: "3 cells, where the header has 4",
        1: "6 cells, where the header has 4; too many: 'more,than'",
    }
    assert isinstance(rows(upload)[2], dict)


def test_commas_at_the_end_of_a_line_do_no_harm() -> None:
    assert uploaded("a,1,1,pop,,").broken == {}


def test_a_quote_that_is_left_open_does_not_swallow_lines_without_a_word() -> None:
    upload = uploaded('"a,1,1,pop', "b,2,1,pop", '"c",3,1,pop', "d,4,1,pop")
    problem = "a quote is left open, or stands undoubled within quotes (lines 2 to 4)"
    assert upload.broken == {0: problem}
    assert upload.cells["artist"].tolist() == ['"a,1,1,pop\nb,2,1,pop\n"c",3,1,pop', "d"]
    assert upload.lines == [2, 5]
    assert list(uploaded("a,1,1,pop", '"b,2,1,pop').broken) == [1]


def test_a_quote_left_open_in_a_long_file_costs_some_lines_and_not_all() -> None:
    upload = uploaded('"a,1,1,pop', *["b,2,1,pop"] * 30_000)
    assert list(upload.broken) == [0]
    assert 10_000 < len(upload.lines) < 20_000
    assert upload.lines[-1] == 30_002


def test_a_byte_order_mark_is_no_part_of_the_header_and_comes_back_with_the_results() -> None:
    content = f"{HEADER}\nBjörk,1,1,pop".encode()
    plain, marked = (read("t.csv", mark + content, SCHEMA) for mark in (b"", BOM))
    assert (
        rows(plain)
        == rows(marked)
        == [{"artist": "Björk", "year": 1, "energy": 1.0, "genre": "pop"}]
    )
    assert (plain.encoding, marked.encoding) == ("utf-8", "utf-8-sig")


@pytest.mark.parametrize("content", [b"", BOM, b"\n\r\n", BOM + b"\n"])
def test_an_empty_file_is_refused(content: bytes) -> None:
    assert refusal(content).startswith("It is empty. Upload a CSV file with a header")


def test_a_header_alone_is_refused() -> None:
    assert "a header and no rows under it" in refusal(f"{HEADER}\n\n".encode())


def test_columns_that_are_missing_are_named_and_optional_ones_may_be() -> None:
    told = refusal(b"artist,Energy,year\n,1,1")
    assert "lacks columns that the model needs: `energy`, `genre`." in told
    assert "Not known to it: `Energy`." in told
    assert len(uploaded("1,1,pop", header="year,energy,genre").lines) == 1


def test_two_columns_of_one_name_are_refused() -> None:
    told = refusal(b"artist,year,energy,genre, energy,id,id\n")
    assert "More than one column is called `energy`, `id`." in told


@pytest.mark.parametrize(("separator", "word"), [(";", "semicolons"), ("\t", "tabs")])
def test_another_separator_is_named(separator: str, word: str) -> None:
    told = refusal(f"{HEADER}\na,1,0.5,pop".replace(",", separator).encode())
    assert f"separated by {word}; this page reads commas" in told


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (f"{HEADER}\na,1,1,pop\nBjörk,1,1,pop".encode("latin-1"), "not in UTF-8: line 3"),
        (f"{HEADER}\na,1,1,pop".encode("utf-16"), "no CSV file"),
        (b"PK\x03\x04\x14\x00\x06\x00", "no CSV file"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "no CSV file"),
        (b'{"year": 1}', "lacks columns"),
        (b'"artist,year\na,1', "Its header can't be read"),
    ],
)
def test_what_is_no_csv_in_utf8_is_refused_with_what_to_do(content: bytes, told: str) -> None:
    found = refusal(content)
    assert told in found
    assert "upload" in found


def test_as_many_rows_as_are_allowed_are_read_and_one_more_is_refused() -> None:
    line = b"a,1,1,pop\n"
    whole = f"{HEADER}\n".encode() + line * MOST_ROWS
    upload = read("t.csv", whole, SCHEMA)
    assert len(upload.cells) == len(upload.lines) == MOST_ROWS
    assert refusal(whole + line).startswith("It has more than 200,000 rows, and nothing was scored")


def test_rows_stay_in_order_over_the_pieces_in_which_they_are_read() -> None:
    count = 2 * AT_ONCE + 1
    upload = uploaded(*(f"a,{n},1,pop" if n != AT_ONCE else "short" for n in range(count)))
    years = upload.cells["year"].tolist()
    assert years == [str(n) if n != AT_ONCE else "" for n in range(count)]
    assert list(upload.broken) == [AT_ONCE]
    assert upload.lines == list(range(2, count + 2))
