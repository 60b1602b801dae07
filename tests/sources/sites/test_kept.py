"""A site's file after kills, copies and hands of others."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from hitcast.errors import SourceError
from hitcast.sources.sites.kept import Kept, kept
from tests.sources.sites.conftest import DAY

NEXT = DAY + timedelta(days=1)


def add(folder: Path, *names: str, done: bool = True, told: str = "shape") -> Path:
    with kept(folder, "one", DAY, told) as one:
        for name in names:
            one.add(f"https://first.example.org/{name}", {"name": name, "words": "Vörrel\n\u2028"})
        one.done = done
    return one.file


def names(file: Path) -> list[str]:
    return [json.loads(line)["name"] for line in file.read_bytes().decode().split("\n")[:-1]]


def killed(folder: Path, *names: str, beyond: bytes = b"", note: bytes = b"") -> Path:
    """What a run leaves that was killed: the hidden file and the state, each with a torn line."""
    file = add(folder, *names, done=False)
    part, state = (folder / f".{file.name}.{ending}" for ending in ("part", "state"))
    file.replace(part)
    part.write_bytes(part.read_bytes() + beyond)
    state.write_bytes(state.read_bytes() + note)
    return file


def test_a_file_is_shown_when_it_is_whole_and_has_lines(tmp_path: Path) -> None:
    with kept(tmp_path, "one", DAY, "shape") as one:
        one.add("a", {"name": "a"})
        assert not one.file.exists()
        assert one.part.exists()
    assert names(one.file) == ["a"]
    assert not one.part.exists()
    with kept(tmp_path, "two", DAY, "shape") as two:
        pass
    assert not two.file.exists()
    assert not two.part.exists()


@pytest.mark.parametrize(
    ("beyond", "note"),
    [
        (b"", b""),
        (b'{"name": "c", "wo', b""),
        (b'{"name": "c"}\n', b""),
        (b'{"name": "c"}\n', b'{"item": "https://first.example.org/c", "e'),
    ],
)
def test_what_a_kill_left_beyond_the_state_is_cut_off(
    tmp_path: Path, beyond: bytes, note: bytes
) -> None:
    file = killed(tmp_path, "a", "b", beyond=beyond, note=note)
    with kept(tmp_path, "one", NEXT, "shape") as one:
        assert one.items == {f"https://first.example.org/{name}" for name in "ab"}
        one.add("https://first.example.org/c", {"name": "c"})
    assert names(file) == ["a", "b", "c"]
    assert one.file == file


def test_a_run_that_was_killed_before_its_first_line_begins_anew(tmp_path: Path) -> None:
    for torn in (b"", b'{"told": "sh'):
        (tmp_path / f".one-{DAY}.jsonl.state").write_bytes(torn)
        (tmp_path / f".one-{DAY}.jsonl.part").write_bytes(b'{"na')
        file = add(tmp_path, "a", done=False)
        assert names(file) == ["a"]
        file.unlink()


def test_a_day_that_is_done_is_gone_on_with_that_day_alone(tmp_path: Path) -> None:
    file = add(tmp_path, "a")
    with kept(tmp_path, "one", NEXT, "shape") as other:
        assert (other.file.name, other.items) == (f"one-{NEXT}.jsonl", set())
        other.done = True
    assert names(add(tmp_path, "b")) == ["a", "b"]
    assert names(file) == ["a", "b"]


def test_a_file_that_was_taken_away_is_begun_anew(tmp_path: Path) -> None:
    add(tmp_path, "a", "b").unlink()
    with kept(tmp_path, "one", DAY, "shape") as one:
        assert one.items == set()
        one.add("b", {"name": "b"})
    assert names(one.file) == ["b"]
    assert add(tmp_path, "c") == one.file
    assert names(one.file) == ["b", "c"]


@pytest.mark.parametrize("change", [b"", b'{"name": "b"}\n'])
def test_a_file_that_somebody_changed_is_not_gone_on_with(tmp_path: Path, change: bytes) -> None:
    file = add(tmp_path, "a")
    changed = file.read_bytes() + change if change else file.read_bytes()[:5]
    file.write_bytes(changed)
    for _ in range(2):
        with pytest.raises(SourceError, match=rf"{file.name}, but it is not as it was left; move"):
            add(tmp_path, "b")
        assert file.read_bytes() == changed


def test_lines_of_two_shapes_never_stand_in_one_file(tmp_path: Path) -> None:
    add(tmp_path, "a")
    with pytest.raises(SourceError, match="conf/ has had lines look otherwise"):
        add(tmp_path, "b", told="another")


def test_a_file_that_no_run_made_is_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / f"one-{DAY}.jsonl").write_text("mine")
    with pytest.raises(SourceError, match="move the file away"):
        add(tmp_path, "a")
    assert [path.name for path in tmp_path.iterdir()] == [f"one-{DAY}.jsonl"]


def test_two_runs_do_not_write_one_file(tmp_path: Path) -> None:
    with kept(tmp_path, "one", DAY, "shape") as one:
        one.add("a", {"name": "a"})
        with pytest.raises(SourceError, match="another run writes"):
            add(tmp_path, "b")
        add_other(tmp_path)
    assert names(one.file) == ["a"]


def add_other(folder: Path) -> None:
    """A site whose name begins as another's has a file of its own."""
    with kept(folder, "one_more", DAY, "shape") as one:
        assert isinstance(one, Kept)
        one.add("b", {"name": "b"})
    assert names(one.file) == ["b"]


def test_half_a_character_does_not_end_a_run(tmp_path: Path) -> None:
    assert names(add(tmp_path, json.loads('"x\\ud800"'))) == ["x?"]
