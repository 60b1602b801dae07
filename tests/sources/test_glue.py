import pyarrow as pa

from hitcast.sources.glue import first_record, gluer


def glue(
    content: bytes, *, limit: int = 1000, delimiter: bytes = b",", end: bytes = b"\n"
) -> list[bytes]:
    """The records of a file's content, which comes in batches of two lines."""
    lines = content.split(end)
    table = pa.table({"line_id": range(len(lines)), "raw_line": pa.array(lines, "binary")})
    batches = iter(table.to_batches(max_chunksize=2))
    found = [b for batch in gluer(delimiter, end, limit)(batches) for b in batch.to_pylist()]
    assert [row["line_id"] for row in found] == sorted(row["line_id"] for row in found)
    return [row["raw_line"] for row in found]


def test_lines_are_one_record_while_a_quote_is_open() -> None:
    assert glue(b'h\n1,"a\nb\n\nc",2\n3,x,4\n') == [b'1,"a\nb\n\nc",2', b"3,x,4"]
    assert glue(b'h\n"a""\n""b"\n"c"\n') == [b'"a""\n""b"', b'"c"']
    assert glue(b'h\n"a\nb","c\nd"\n') == [b'"a\nb","c\nd"']


def test_a_quote_within_a_field_opens_nothing() -> None:
    assert glue(b'h\n7" single,1\n8" single,2\n') == [b'7" single,1', b'8" single,2']
    assert glue(b'h\n1;"a,\nb";2\n', delimiter=b";") == [b'1;"a,\nb";2']


def test_line_breaks_within_quotes_are_kept_as_they_came_and_blank_lines_passed_over() -> None:
    assert glue(b'h\r\n1,"a\r\nb"\r\n\r\n  \r\n2,c\r\n') == [b'1,"a\r\nb"', b"2,c"]
    assert glue(b'h\r1,"a\rb"\r2,c\r', end=b"\r") == [b'1,"a\rb"', b"2,c"]


def test_a_header_may_span_lines() -> None:
    content = b'\xef\xbb\xbf"na\nme",b\n1,2\n'
    assert first_record(content, ",", "utf-8", "\n") == b'\xef\xbb\xbf"na\nme",b'
    assert glue(content) == [b"1,2"]
    assert first_record(b"", ",", "utf-8", "\n") == b""


def test_a_quote_that_stays_open_to_the_end_spoils_its_own_line_alone() -> None:
    # One that another closes takes in what is between: nobody could tell.
    assert glue(b'h\n1,"open\n2,b\n3,"c"\n4,e') == [b'1,"open\n2,b\n3,"c"', b"4,e"]
    assert glue(b'h\n1,a\n2,"open\n3,c\n4,d') == [b"1,a", b'2,"open', b"3,c", b"4,d"]


def test_a_quote_that_stays_open_for_longer_than_a_line_may_be_does_so_too() -> None:
    lines = [b"%d,b" % n for n in range(50)]
    content = b'h\n1,"open\n' + b"\n".join(lines) + b'\n2,"x\ny"\n'
    assert glue(content, limit=60) == [b'1,"open', *lines, b'2,"x\ny"']
