"""Histories that are told to real tables, with the model beside them."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import partial
from typing import Any

import pytest
from deltalake import DeltaTable

from hitcast.declaration.columns import Column
from hitcast.declaration.keys import HashedKey
from hitcast.declaration.sections import Source
from hitcast.declaration.use_case import UseCase
from hitcast.errors import GateError
from hitcast.ingest import IngestCounts, ingest, ingest_again
from hitcast.sources.csv import csv_extract
from hitcast.tables.delta import Table
from hitcast.tables.lakehouse import Lakehouse
from tests.ingest.accounts import Books, Place, rows_of
from tests.ingest.books import balances, versions, write_lines
from tests.ingest.histories import FIELDS, History, Kind, Rules, Step
from tests.ingest.memory import Killed, gates_of
from tests.ingest.model import Model, last_of_keys, source_of

WRITES = ("create", "create_from", "append", "replace", "overwrite", "merge")
CREATE_FROM = Table.create_from
ISBN = Column(name="isbn", role="identity", type="integer", meaning="its number")


def declared(books: UseCase, kind: Kind, rules: Rules) -> UseCase:
    """The books as they are declared at a step, by few columns, so that plans are small."""
    spelled: dict[str, Any] = {
        "pattern": "[bB][0-9]+",
        "role": "key" if kind == "id" else "identity",
    }
    changes: dict[str, dict[str, Any]] = {
        "id": spelled,
        "title": {},
        "score": {"maximum": float(rules.limit)},
    }
    columns = [books.column(name).model_copy(update=more) for name, more in changes.items()]
    columns += [ISBN] if rules.isbn else []
    update: dict[str, Any] = {"gates": gates_of(rules)}
    if kind != "id":
        made = HashedKey(hash="all" if kind == "all" else ("id",))
        made = made if kind == "all" else made.model_copy(update={"normalise": ("casefold",)})
        key = Column(name=made.column, role="key", type="text", required=True, meaning="hash")
        columns, update["made_key"] = [key, *columns], made
    update |= {"columns": tuple(columns), "key": columns[0].name}
    source = Source(ignored_columns=tuple(FIELDS.split(",")))
    update |= {"source": source, "sources": dict.fromkeys(rules.sources, source)}
    return books.model_copy(update=update)


def kill_before(patched: pytest.MonkeyPatch, number: int) -> None:
    """End a run before its write of that number, from 0."""
    left = [number]

    def dying(write: Callable[..., None]) -> Callable[..., None]:
        def write_or_die(table: Table, *given: Any, **more: Any) -> None:
            if left[0] == 0:
                raise Killed
            left[0] -= 1
            # Creating an empty table is one write, though it is made of two calls.
            with pytest.MonkeyPatch.context() as inner:
                inner.setattr(Table, "create_from", CREATE_FROM)
                write(table, *given, **more)

        return write_or_die

    for name in WRITES:
        patched.setattr(Table, name, dying(getattr(Table, name)))


@dataclass(frozen=True)
class Said:
    """How many showings and judgements the tables have."""

    showings: int
    judgements: int


class Told:
    """Tables that do not exist yet, and a history that is told to them."""

    def __init__(self, lakehouse: Lakehouse, books: UseCase, history: History) -> None:
        self.lakehouse, self.books, self.history = lakehouse, books, history
        self.model = Model(history.contents, history.kind)
        self.killed: set[int] = set()
        lakehouse.root.mkdir(parents=True)
        self.paths = [
            write_lines(lakehouse.root / f"{n}.csv", [line.text(n) for line in lines], FIELDS)
            for n, lines in enumerate(history.contents)
        ]
        use_case = declared(books, history.kind, Rules())
        self.numbers = {csv_extract(p, use_case).checksum: n for n, p in enumerate(self.paths)}

    def tell(self) -> None:
        """Take all steps, and compare after each that runs to its end."""
        for step in self.history.steps:
            if step.content is not None or self.model.showings:
                self.take(step)

    def take(self, step: Step) -> None:
        """Take a step, killed once if it says so."""
        today = datetime.now(UTC).date()
        run = partial(self._run, step)
        if step.killed is not None:
            before = self._said()
            self.killed |= set() if step.content is None else {step.content}
            with pytest.MonkeyPatch.context() as patched:
                kill_before(patched, step.killed)
                with suppress(Killed, GateError):
                    run()
            if not step.again:
                self._hear_of(step, before, today)
                return
        self._compare(step, run, today)

    def _run(self, step: Step) -> IngestCounts:
        use_case = declared(self.books, self.history.kind, step.rules)
        if step.content is None:
            return ingest_again(use_case, self.lakehouse, accept=step.accept)
        origin = source_of(step)
        use_case = use_case.of_source(origin) if origin else use_case
        extract = replace(csv_extract(self.paths[step.content], use_case), origin=origin)
        return ingest(use_case, self.lakehouse, extract, step.day, accept=step.accept)

    def _said(self) -> Said:
        found = {}
        for table in (self.lakehouse.extracts, self.lakehouse.quality):
            rows = table.rows() if table.exists() else []
            found[table.name] = [row for row in rows if not row.get("settled")]
        numbers = {row["judgement"] for row in found["quality"]}
        return Said(len(found["extracts"]), len(numbers))

    def _hear_of(self, step: Step, before: Said, today: date) -> None:
        """Tell the model how far a run came: whether its content was shown, and judged."""
        after = self._said()
        if after == before:
            # It came to neither, or had neither to write.
            return
        at_hand = self.model.show(step, today)
        assert len(self.model.showings) == after.showings
        if after.judgements > before.judgements:
            self.model.judge(step, at_hand)

    def _compare(self, step: Step, run: Callable[[], IngestCounts], today: date) -> None:
        before = versions(self.lakehouse)
        expected = self.model.bring(step, today)
        try:
            counts = run()
        except GateError:
            assert not expected
            after = versions(self.lakehouse)
            assert [after[n] for n in after if n != "bronze"] == [
                before[n] for n in before if n != "bronze"
            ]
            return
        assert expected
        assert balances(counts)
        own = {s.content for s in self.model.those_in()} if step.content is None else {step.content}
        contents = [self.history.contents[content] for content in own]
        lines = [line for content in contents for line in content]
        assert counts.rows_read == len(lines)
        bad = sum(not line.is_good(step.rules) for line in lines)
        assert counts.quarantined == bad
        keys = {key for c in contents for key in last_of_keys(c, self.history.kind, step.rules)}
        assert counts.duplicates == len(lines) - bad - len(keys)
        self._hold(step.rules)

    def _hold(self, rules: Rules) -> None:
        """Hold every table against the model, and each line of bronze against the others."""
        tables = rows_of(self.lakehouse)
        books = Books(tables, self.history.kind, rules)
        found = {
            books.key((row["source_checksum"], row["line_id"])): (
                row["extraction_date"],
                (self.numbers[row["source_checksum"]], row["line_id"]),
                row.get("source_name", ""),
            )
            for row in tables["silver"]
        }
        assert found == {k: (r.day, r.line, r.source) for k, r in self.model.silver.items()}
        assert len(tables["silver"]) == len(found)
        gold = DeltaTable(self.lakehouse.gold.place).to_pyarrow_table().to_pylist()
        assert sorted(map(repr, gold)) == sorted(
            repr({name: row[name] for name in gold[0]}) for row in tables["silver"]
        )
        key = declared(self.books, self.history.kind, rules).key
        assert len({row[key] for row in gold}) == len(gold)
        bad = {
            (self.numbers[row["source_checksum"]], row["line_id"]): row["extraction_date"]
            for row in tables["quarantine"]
        }
        assert bad == self.model.quarantine(rules)
        assert len(tables["quarantine"]) == len(bad)
        shown = {showing.content for showing in self.model.showings}
        # A run that was killed, and not run again, may have left lines that no extract names.
        contents = {self.numbers[content] for content, _ in books.lines}
        assert shown <= contents <= shown | self.killed
        assert sorted((self.numbers[c], place) for c, place in books.lines) == [
            (content, place)
            for content in sorted(contents)
            for place in range(1, len(self.history.contents[content]) + 1)
        ]
        self._reconcile(books, tables)

    def _reconcile(self, books: Books, tables: Any) -> None:
        """Hold that each line has one account, and that no table has what no line says."""
        assert len(tables["bronze"]) == len(books.lines)
        assert books.strays() == []
        found: dict[Place, Any] = books.accounts()
        assert {place: accounts for place, accounts in found.items() if len(accounts) != 1} == {}
        rows = [a for accounts in found.values() for a in accounts if a.what == "row"]
        assert len(rows) == len(tables["silver"])
        out = {place for place, accounts in found.items() if accounts[0].what == "left out"}
        is_in = {shown.content for shown in self.model.those_in()}
        assert {self.numbers[content] for content, _ in out}.isdisjoint(is_in)
