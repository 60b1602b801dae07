"""The log of a Delta table in a folder of this machine, read without Spark.

A session takes seconds to start, and Spark a second to read a table's log. What a log's newest
commits say in plain JSON, and the rows of a table of few files, can be had at once. Whatever needs
more than that (checkpoints, partitions, deletion vectors, mapped columns) is left to Spark: each
method then says None.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Commit:
    """One commit of a table: its version, Delta's name of what it did, the note that it carries."""

    version: int
    operation: str
    note: str | None


@dataclass(frozen=True)
class Metadata:
    """A table's identity, its schema as Spark writes it, and its properties."""

    identity: str
    schema: Mapping[str, Any]
    properties: Mapping[str, str]

    @property
    def columns(self) -> list[str]:
        """The names of the columns, in order."""
        return [field["name"] for field in self.schema["fields"]]


@dataclass(frozen=True)
class CommitLog:
    """The log of the table in the folder `place`, as far as this machine sees it."""

    place: str

    def commits(self) -> list[Path]:
        """The files of the commits that are still there, oldest first."""
        found = Path(self.place, "_delta_log").glob("*.json")
        return sorted(path for path in found if path.stem.isdigit())

    def newest_first(self) -> Iterator[Commit]:
        """The commits whose files are there without a gap, each read when it is asked for.

        The newest one's always is, whatever checkpoints and clean-ups have made of older ones.
        """
        files = self.commits()
        for before, file in enumerate(reversed(files)):
            if int(file.stem) != int(files[-1].stem) - before:
                return
            infos = (action["commitInfo"] for action in _actions(file) if "commitInfo" in action)
            told: dict[str, str] = next(infos, {})
            yield Commit(int(file.stem), told.get("operation", ""), told.get("userMetadata"))

    def metadata(self) -> Metadata | None:
        """What the table is as of its newest version."""
        for commit in reversed(self.commits()):
            for action in _actions(commit):
                if "metaData" in action:
                    told = action["metaData"]
                    properties = dict(told.get("configuration") or {})
                    return Metadata(told["id"], json.loads(told["schemaString"]), properties)
        return None

    def rows(self) -> list[Row] | None:
        """All rows of the newest version, by column; times have their zone, UTC."""
        files = self.files()
        if files is None:
            return None
        import pyarrow as pa
        import pyarrow.parquet as pq

        found: list[Row] = []
        for file in files:
            # Spark writes times in nanoseconds, which Python has none of, and without their zone.
            table = pq.read_table(file, partitioning=None, coerce_int96_timestamp_unit="us")
            for place, column in enumerate(table.schema):
                if column.type == pa.timestamp("us"):
                    zoned = column.with_type(pa.timestamp("us", tz="UTC"))
                    table = table.set_column(place, zoned, table[place].cast(zoned.type))
            found += table.to_pylist()
        return found

    def files(self) -> Mapping[Path, str | None] | None:
        """The files of the newest version, each with the note of the commit that added it."""
        commits = self.commits()
        metadata = self.metadata()
        if metadata is None or [int(c.stem) for c in commits] != list(range(len(commits))):
            return None
        if metadata.properties.get("delta.columnMapping.mode", "none") != "none":
            return None
        files: dict[str, str | None] = {}
        for commit in commits:
            actions = list(_actions(commit))
            notes = (a["commitInfo"].get("userMetadata") for a in actions if "commitInfo" in a)
            note = next(notes, None)
            for removed in (a["remove"] for a in actions if "remove" in a):
                files.pop(removed["path"], None)
            for added in (a["add"] for a in actions if "add" in a):
                if added.get("deletionVector") or added.get("partitionValues"):
                    return None
                files[added["path"]] = note
        if any(urlsplit(path).scheme or path.startswith("/") for path in files):
            return None
        return {Path(self.place, unquote(path)): note for path, note in files.items()}


def _actions(commit: Path) -> Iterator[dict[str, Any]]:
    return map(json.loads, commit.read_text(encoding="utf-8").strip().split("\n"))
