"""Which files the paths of an ingest mean."""

import glob
import gzip
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from hitcast.declaration.source import Format
from hitcast.errors import SourceError
from hitcast.running.job import say
from hitcast.sources.content import GZIP, Content

KINDS: Mapping[Format, str] = {
    "csv": "CSV", "jsonl": "JSON Lines", "parquet": "Parquet", "arff": "ARFF"
}  # fmt: skip
ENDINGS: Mapping[Format, tuple[str, ...]] = {
    "csv": (".csv", ".tsv", ".txt"),
    "jsonl": (".jsonl", ".ndjson", ".json"),
    "parquet": (".parquet", ".parq"),
    "arff": (".arff",),
}
PACKED = {".bz2", ".zip", ".zst", ".xz", ".7z", ".lz4", ".snappy", ".deflate"}


class Found(NamedTuple):
    """A file, and the folder in which it was found; None where it was named itself."""

    path: Path
    folder: Path | None = None


def files_of(paths: Sequence[Path], format: Format) -> list[Found]:
    """The files that paths mean, in their order; a folder's by name, `part-2` before `part-10`.

    Of a folder those are passed over that are empty, hidden, or not data by their names' endings;
    a name without an ending counts as data, as do those that other programs write in parts.
    Folders within are passed over too.

    Raises:
        SourceError: if a folder has no such file.
    """
    found: list[Found] = []
    for path in (one for given in paths for one in _expanded(given)):
        within = path.is_dir()
        found += [Found(file, path) for file in _within(path, format)] if within else [Found(path)]
    return found


def _expanded(path: Path) -> list[Path]:
    """What a pattern means where no shell has made paths of it, as in a platform's job."""
    if path.exists() or not glob.has_magic(str(path)):
        return [path]
    return sorted(map(Path, glob.glob(str(path))), key=_natural) or [path]


def content_of(path: Path, format: Format) -> Content:
    """The content of one file, whose name Spark can read.

    Raises:
        SourceError: if it is not there, or Spark can't, or the name says something else than the
            content.
    """
    kind = KINDS[format]
    if not path.is_file():
        what = "a folder; name a file in it" if path.is_dir() else "none; check the path"
        raise SourceError(f"expected a {kind} file at {path}, found {what}")
    path = path.resolve()
    if path.name.startswith(("_", ".")) or ":" in path.name:
        raise SourceError(
            f"expected a {kind} file, got {path.name}: Spark reads no name that starts with _ or . "
            "or holds a colon; rename it"
        )
    if _is_packed(path) or format == "parquet" and path.suffix == ".gz":
        raise SourceError(
            f"expected a {kind} file, got {path.name}, which is packed; unpack it first"
        )
    with Content(path, packed=False).opened() as file:
        packed = file.read(len(GZIP)) == GZIP
    # Spark goes by the name alone.
    if packed and path.suffix != ".gz":
        raise SourceError(
            f"expected {path.name} to end in .gz, for gzip packed it; rename it to {path.name}.gz"
        )
    if path.suffix == ".gz" and not packed:
        raise SourceError(
            f"expected {path.name} to be packed by gzip, found that it is not; rename it to "
            f"{path.stem}"
        )
    return Content(path, packed)


def _within(folder: Path, format: Format) -> list[Path]:
    """A folder's files."""
    visible = [p for p in folder.iterdir() if not p.name.startswith(("_", "."))]
    visible.sort(key=_natural)
    if (folder / "_delta_log").is_dir():
        raise SourceError(
            f"expected {KINDS[format]} files in {folder}, found a Delta table; name it so: "
            f"--table 'delta.`{folder.resolve()}`'"
        )
    parts = [path.name for path in visible if path.is_dir() and "=" in path.name]
    if parts:
        raise SourceError(
            f"expected {KINDS[format]} files in {folder}, found folders named by a value "
            f"({parts[0]}), which would be lost; write it without partitions"
        )
    files = [p for p in visible if p.is_file() and p.suffix != ".crc"]
    endings = ENDINGS[format]
    packed = [p.name for p in files if _is_packed(p) and _ending(p.with_suffix("")) in endings]
    if packed:
        raise SourceError(
            f"expected {KINDS[format]} files in {folder} as they are or packed by gzip (.gz), "
            f"found {packed[:20]}; unpack them first"
        )
    data = [p for p in files if _ending(p) in ("", *endings)]
    full = [p for p in data if not _is_empty(p)]
    if not full:
        names = [path.name for path in visible][:20]
        raise SourceError(
            f"expected {KINDS[format]} files in {folder} (names end in {list(ENDINGS[format])}), "
            f"found none with something in it among {names}{_folders(visible)}; check the path, or "
            "source.format in conf/"
        )
    passed = [path.name for path in visible if path not in full and path.suffix != ".crc"]
    if passed:
        say(
            f"note: of {folder} these are passed over, empty or of another kind: {passed[:20]}"
            f"{_folders(visible)}"
        )
    return full


def _is_packed(path: Path) -> bool:
    """Whether a name says that the file is packed in a way that Spark does not unpack here."""
    return path.suffix.lower() in PACKED or path.suffix != ".gz" and path.suffix.lower() == ".gz"


def _folders(visible: Sequence[Path]) -> str:
    """What to do about folders within, if there are some."""
    within = any(path.is_dir() for path in visible)
    return " (name folders within themselves: --file FOLDER/*/)" if within else ""


def _natural(path: Path) -> tuple[list[str | int], str]:
    """By this files are in the order of the numbers in their names."""
    parts = re.split(r"([0-9]+)", path.name)
    return [int(part) if place % 2 else part for place, part in enumerate(parts)], path.name


def _ending(path: Path) -> str:
    """A name's ending, but for `.gz`."""
    return Path(path.name.removesuffix(".gz")).suffix.lower()


def _is_empty(path: Path) -> bool:
    """Whether there is nothing in a file, packed or not."""
    if path.stat().st_size == 0:
        return True
    if path.suffix != ".gz":
        return False
    try:
        with gzip.open(path) as file:
            return not file.read(1)
    except (OSError, EOFError):
        return False
