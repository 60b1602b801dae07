import gzip
import hashlib
import tracemalloc
from pathlib import Path

import pytest

from hitcast.declaration.source import Limits
from hitcast.errors import SourceError
from hitcast.sources.content import CHUNK, Content
from hitcast.sources.paths import content_of, files_of
from tests.sources.samples import write

SMALL = Limits(line_bytes=1000)


def test_the_checksum_is_that_of_the_unpacked_bytes(tmp_path: Path) -> None:
    """What gzip writes beside them, such as a time, differs from day to day."""
    plain = write(tmp_path / "a.csv", b"a,b\n1,2\n")
    packed = [tmp_path / "b.csv.gz", tmp_path / "c.csv.gz"]
    for day, path in enumerate(packed):
        path.write_bytes(gzip.compress(plain.read_bytes(), mtime=day))
    found = {content_of(path, "csv").checksum(Limits()) for path in (plain, *packed)}
    assert found == {hashlib.sha256(plain.read_bytes()).hexdigest()}


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
@pytest.mark.parametrize("packed", [False, True])
def test_a_line_that_is_too_long_is_told_by_its_number(
    tmp_path: Path, end: bytes, packed: bool
) -> None:
    name = "a.csv.gz" if packed else "a.csv"
    fine = [b"x" * (1000 - len(end)), b"y" * 500, b"", b"z" * (1000 - len(end))]
    content = content_of(write(tmp_path / name, end.join(fine), packed=packed), "csv")
    assert content.checksum(SMALL) == hashlib.sha256(end.join(fine)).hexdigest()
    write(content.path, end.join([*fine, b"w" * 1100, b"v"]), packed=packed)
    with pytest.raises(SourceError, match=f"{name}, line 5: expected at most 1,000 bytes"):
        content.checksum(SMALL)


def test_a_line_may_be_as_long_as_many_pieces_of_a_file(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", b"a\n" + b"x" * (3 * CHUNK) + b"\n")
    Content(path, packed=False).checksum(Limits())
    with pytest.raises(SourceError, match="line 2: expected at most 2,000,000 bytes"):
        Content(path, packed=False).checksum(Limits(line_bytes=2_000_000))


@pytest.mark.parametrize("packed", [False, True])
def test_the_lines_above_one_that_is_too_long_are_counted_without_keeping_them(
    tmp_path: Path, packed: bool
) -> None:
    above = b"a,b,c,d\r\n" * 2_000_000
    name = "a.csv.gz" if packed else "a.csv"
    path = write(tmp_path / name, above + b"x" * 2000, packed=packed)
    tracemalloc.start()
    try:
        with pytest.raises(SourceError, match="line 2,000,001: expected at most 1,000 bytes"):
            Content(path, packed=packed).checksum(SMALL)
        assert tracemalloc.get_traced_memory()[1] < len(above) / 3
    finally:
        tracemalloc.stop()


def test_a_file_that_is_too_large_is_refused_by_its_unpacked_size(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv.gz", b"x\n" * 5000, packed=True)
    assert path.stat().st_size < 100
    with pytest.raises(SourceError, match="at most 9,999 bytes unpacked.*source.limits.file_bytes"):
        content_of(path, "csv").checksum(Limits(file_bytes=9_999))
    content_of(path, "csv").checksum(Limits(file_bytes=10_000))


def test_damaged_packing_is_refused(tmp_path: Path) -> None:
    whole = gzip.compress(bytes(range(256)) * 50)
    for cut in (whole[:-12], whole[:20] + b"\x00\xff" * 20 + whole[40:]):
        path = tmp_path / "a.csv.gz"
        path.write_bytes(cut)
        with pytest.raises(SourceError, match="found it damaged.*get the file again"):
            content_of(path, "csv").checksum(Limits())


def test_what_gzip_packed_is_known_by_its_content_and_has_to_be_named_so(tmp_path: Path) -> None:
    """Spark goes by the name alone."""
    with pytest.raises(SourceError, match=r"rename it to a\.csv\.gz$"):
        content_of(write(tmp_path / "a.csv", b"a\n", packed=True), "csv")
    with pytest.raises(SourceError, match=r"found that it is not; rename it to b\.csv$"):
        content_of(write(tmp_path / "b.csv.gz", b"a\n"), "csv")
    with pytest.raises(SourceError, match="unpack it first"):
        content_of(write(tmp_path / "c.parquet.gz", b"a\n", packed=True), "parquet")


def test_a_folder_is_its_files_of_the_format_by_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names = ["b.csv", "a.csv.gz", "part-0010", "part-2", "C.TXT"]
    for name in names:
        write(tmp_path / "in" / name, b"a\n", packed=name.endswith("gz"))
    for name in ("_SUCCESS", ".b.csv.crc", ".hidden.csv", "b.csv.crc"):
        write(tmp_path / "in" / name, b"a\n")
    (tmp_path / "in" / "_temporary").mkdir()
    write(tmp_path / "in" / "README.md", b"a\n")
    write(tmp_path / "in" / "empty.csv", b"")
    write(tmp_path / "in" / "void.csv.gz", b"", packed=True)
    write(tmp_path / "in" / "older" / "z.csv", b"a\n")
    other = write(tmp_path / "z.csv", b"a\n")
    found = files_of([other, tmp_path / "in"], "csv")
    expected = ["z.csv", "C.TXT", "a.csv.gz", "b.csv", "part-2", "part-0010"]
    assert [path.name for path, _ in found] == expected
    assert [folder for _, folder in found] == [None] + [tmp_path / "in"] * 5
    told = "['README.md', 'empty.csv', 'older', 'void.csv.gz']"
    err = capsys.readouterr().err
    assert err.count(f"passed over, empty or of another kind: {told} (name folders within") == 1


def test_patterns_are_names_where_no_shell_made_them(tmp_path: Path) -> None:
    for name in ("a/x.csv", "b/part-10.csv", "b/part-2.csv", "b/[1].csv"):
        write(tmp_path / name, b"a\n")
    found = files_of([tmp_path / "*" / "*.csv"], "csv")
    assert [path.name for path, _ in found] == ["[1].csv", "part-2.csv", "part-10.csv", "x.csv"]
    assert {folder for _, folder in found} == {None}
    assert files_of([tmp_path / "b" / "[1].csv"], "csv") == [(tmp_path / "b" / "[1].csv", None)]
    assert files_of([tmp_path / "none*.csv"], "csv") == [(tmp_path / "none*.csv", None)]


def test_a_packed_file_that_spark_can_not_unpack_is_not_passed_over(tmp_path: Path) -> None:
    write(tmp_path / "a.csv", b"a\n")
    for name in ("b.csv.zst", "b.csv.GZ"):
        packed = write(tmp_path / name, b"x")
        with pytest.raises(SourceError, match=rf"found \['{name}'\]; unpack them first"):
            files_of([tmp_path], "csv")
        packed.unlink()


def test_folders_without_files_of_the_format_are_refused_with_what_to_do(tmp_path: Path) -> None:
    write(tmp_path / "a" / "x.parquet", b"PAR1")
    with pytest.raises(SourceError, match=r"\.jsonl.*found none .*\['x.parquet'\].*source.format"):
        files_of([tmp_path / "a"], "jsonl")
    write(tmp_path / "b" / "_delta_log" / "0.json", b"{}")
    with pytest.raises(SourceError, match="a Delta table; name it so: --table 'delta.`.*/b`'"):
        files_of([tmp_path / "b"], "parquet")
    with pytest.raises(SourceError, match=r"among \['a', 'b'\] \(name folders within themselves"):
        files_of([tmp_path], "parquet")
    write(tmp_path / "c" / "year=2024" / "x.parquet", b"PAR1")
    with pytest.raises(SourceError, match="year=2024.*would be lost"):
        files_of([tmp_path / "c"], "parquet")
