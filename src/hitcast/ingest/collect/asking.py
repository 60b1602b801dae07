"""Lines of segments that are asked for by what a field holds: counted, and named by their ids."""

import json
from collections.abc import Collection
from pathlib import Path
from typing import Any

from hitcast.ingest.collect.rewriting import lines_in
from hitcast.ingest.collect.segments import EMPTY, object_in
from hitcast.running.log_files import OPEN, SEGMENT, closed


class Lines:
    """Lines of segments that are asked for by a field's value.

    A line that is no JSON is one of them if a value stands in it: a torn one may have it.

    Args:
        field: The field's name.
        values: The values that are asked for.
        older: Other fields and their values, which older formats have.
        model: Whose lines alone are asked for, with those that name no model; None: all.
    """

    def __init__(
        self,
        field: str,
        values: Collection[str],
        older: dict[str, Collection[str]] | None = None,
        model: str | None = None,
    ) -> None:
        self._wanted = {field: set(values)} | {n: set(v) for n, v in (older or {}).items()}
        self._model = model
        every = set().union(*self._wanted.values())
        self._texts = {f'"{value}"'.encode() for value in every}
        self._texts |= {json.dumps(value).encode() for value in every}

    def __call__(self, line: bytes) -> bool:
        """Whether a line is one of them."""
        if line == EMPTY:
            return False
        found = object_in(line)
        if found is None:
            return any(text in line for text in self._texts)
        own = self._model is None or found.get("model") in (None, self._model)
        return own and self._has(found)

    def ids_in(self, paths: Collection[Path]) -> set[str]:
        """The prediction ids of those in some files."""
        found = (object_in(line) or {} for p in paths for line in lines_in(p) if self(line))
        ids = {line.get("prediction_id") for line in found}
        return {id for id in ids if isinstance(id, str)}

    def count_in(self, paths: Collection[Path]) -> int:
        """How many of them are in some files."""
        return sum(self(line) for path in paths for line in lines_in(path))

    def left_in(self, folder: Path, done: Collection[Path]) -> int:
        """How many are in a folder's segments that are open, or are closed and not among `done`."""
        writing = [path.with_suffix("") for path in folder.glob(f"*{SEGMENT}{OPEN}")]
        since = set(closed(folder)) - set(done)
        # Whatever is closed meanwhile is there by the one name or by the other, if looked for so.
        either = ((p.with_name(p.name + OPEN), p) for p in writing if p not in since)
        return self.count_in(since) + sum(
            self.count_in([open]) or self.count_in([path]) for open, path in either
        )

    def _has(self, line: dict[str, Any]) -> bool:
        found = ((line.get(name), values) for name, values in self._wanted.items())
        return any(isinstance(value, str) and value in values for value, values in found)
