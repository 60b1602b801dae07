"""Refused ones among several extracts: the others come in, and each is accepted by name."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime

import pytest
from pyspark.sql import DataFrame, SparkSession

from hitcast.declaration import sections
from hitcast.declaration.use_case import UseCase
from hitcast.errors import GateError, LakehouseError, RefusedError, SourceError
from hitcast.ingest import IngestCounts, ingest_each
from hitcast.ingest.accepting import Accept, accept_words, accepts_of, refuse_unclear, tell_idle
from hitcast.ingest.admission import Admission
from hitcast.ingest.quality import Judgement, Tally
from hitcast.ingest.refusals import left_out, nobody_let_in, refuse_several
from hitcast.ingest.showings import Log, Showing
from hitcast.sources.extract import Extract
from hitcast.sources.layout import Layout

QUARANTINED, ROWS = "max_quarantined", "min_rows"


@dataclass
class Gates:
    """What an ingest does where gates refuse some extracts unless all of theirs are accepted."""

    refusing: Mapping[str, Sequence[str]] = field(default_factory=dict)
    brought: list[str] = field(default_factory=list)

    def bring(self, extract: Extract, *, accept: Collection[str]) -> IngestCounts:
        """Bring one in, or refuse it."""
        over = [gate for gate in self.refusing.get(extract.name, ()) if gate not in accept]
        if over:
            raise RefusedError(f"{extract.name} is refused", "mend it, or --accept", over)
        self.brought.append(extract.name)
        return IngestCounts(4, 1, 1, 1, 0, 1, len(self.brought))


def extracts(*names: str) -> list[Extract]:
    """Extracts that nobody reads; those of one name, wherever they are, are of one content."""

    def read(spark: SparkSession) -> DataFrame:
        raise AssertionError(spark)

    return [
        Extract("csv", name, f"of {name.rpartition('/')[2]}", False, Layout("csv"), read)
        for name in names
    ]


ABC = extracts("in/a.csv", "in/b.csv", "in/c.csv")


def test_a_refused_file_is_left_out_and_the_others_come_in() -> None:
    gates = Gates({"in/b.csv": [QUARANTINED]})
    told: list[str] = []
    with pytest.raises(GateError) as refused:
        ingest_each(ABC, gates.bring, say=told.append)
    assert gates.brought == ["in/a.csv", "in/c.csv"]
    assert told == ["in/b.csv is refused and left out"]
    assert str(refused.value) == (
        "1 of 3 files is refused, the others are in (8 rows_read, 2 inserted, 2 updated, "
        "2 unchanged, 0 duplicates, 2 quarantined): in/b.csv is refused; bronze has its lines and "
        "nothing else of them: mend it, or conf/, and run again, or let it in as it is by "
        "--accept max_quarantined=b.csv"
    )


def test_all_refusals_are_told_and_nobody_is_told_to_go_on() -> None:
    gates = Gates(dict.fromkeys(["in/a.csv", "in/b.csv", "in/c.csv"], [QUARANTINED, ROWS]))
    with pytest.raises(GateError) as refused:
        ingest_each(ABC, gates.bring)
    told = str(refused.value)
    assert told.startswith("3 of 3 files are refused: in/a.csv is refused; in/b.csv is refused; ")
    assert "--accept max_quarantined=a.csv --accept min_rows=a.csv --accept max_quaran" in told
    assert "go on" not in told and "are in" not in told


def test_another_error_stops_and_tells_of_the_refused_ones_before_it() -> None:
    def bring(extract: Extract, *, accept: Collection[str]) -> IngestCounts:
        if extract.name == "in/c.csv":
            raise LakehouseError("another job")
        return Gates({"in/a.csv": [ROWS]}).bring(extract, accept=accept)

    with pytest.raises(LakehouseError) as stopped:
        ingest_each([*ABC, *extracts("in/d.csv")], bring)
    assert str(stopped.value) == (
        "another job (1 of 4 files is in, 1 refused: in/a.csv; run the same again to go on with "
        "in/c.csv)"
    )


def test_a_gate_without_a_file_lets_one_pass_and_not_several() -> None:
    one = Gates({"in/b.csv": [QUARANTINED]})
    counts = ingest_each(ABC, one.bring, [QUARANTINED])
    assert one.brought == ["in/a.csv", "in/c.csv", "in/b.csv"]
    assert (counts.rows_read, counts.table_version) == (12, 3)
    two = Gates({"in/a.csv": [QUARANTINED], "in/b.csv": [QUARANTINED]})
    with pytest.raises(GateError) as refused:
        ingest_each(ABC, two.bring, [QUARANTINED])
    assert two.brought == ["in/c.csv"]
    assert "--accept max_quarantined lets one file pass, and 2 would: say which" in str(
        refused.value
    )
    # By another gate it would stay out all the same.
    other = Gates({"in/a.csv": [QUARANTINED], "in/b.csv": [ROWS]})
    with pytest.raises(GateError, match=r"1 of 3 files is refused.* --accept min_rows=b\.csv$"):
        ingest_each(ABC, other.bring, [QUARANTINED])
    assert other.brought == ["in/c.csv", "in/a.csv"]


def test_a_gate_with_a_file_lets_that_one_pass_in_its_place() -> None:
    gates = Gates({"in/a.csv": [QUARANTINED], "in/b.csv": [QUARANTINED]})
    with pytest.raises(GateError, match=r"1 of 3 files is refused.*=a\.csv$"):
        ingest_each(ABC, gates.bring, [f"{QUARANTINED}=b.csv"])
    assert gates.brought == ["in/b.csv", "in/c.csv"]
    gates.brought.clear()
    ingest_each(ABC, gates.bring, [f"{QUARANTINED}=in/b.csv", QUARANTINED])
    assert gates.brought == ["in/b.csv", "in/c.csv", "in/a.csv"]
    alone = Gates({"in/a.csv": [QUARANTINED]})
    ingest_each(ABC[:1], alone.bring, [QUARANTINED])
    assert alone.brought == ["in/a.csv"]
    with pytest.raises(GateError, match=r"^in/a\.csv is refused; mend it"):
        ingest_each(ABC[:1], alone.bring)


@pytest.mark.parametrize("file", ["x.csv", ".csv", "other/c.csv", "a.csv"])
def test_a_file_that_is_not_at_hand_or_not_one_alone_is_refused_first(file: str) -> None:
    gates = Gates()
    with pytest.raises(SourceError, match=rf"--accept max_quarantined={file} .*'one/a\.csv'"):
        ingest_each(
            extracts("one/a.csv", "in/c.csv") + two_of_a_name(),
            gates.bring,
            [f"{QUARANTINED}={file}"],
        )
    assert gates.brought == []


def two_of_a_name() -> list[Extract]:
    return [replace(extract, checksum="other") for extract in extracts("two/a.csv")]


def test_copies_of_one_content_are_one() -> None:
    gates = Gates({"one/a.csv": [QUARANTINED], "two/a.csv": [QUARANTINED]})
    copies = extracts("one/a.csv", "two/a.csv")
    ingest_each(copies, gates.bring, [f"{QUARANTINED}=two/a.csv"])
    assert gates.brought == ["one/a.csv", "two/a.csv"]
    ingest_each(copies, gates.bring, [f"{QUARANTINED}=a.csv"])
    ingest_each(copies, gates.bring, [QUARANTINED])


@pytest.mark.parametrize(
    ("file", "name", "fits"),
    [
        ("", "in/a.csv", True),
        ("a.csv", "in/a.csv", True),
        ("./in/a.csv", "in/a.csv", True),
        ("/in/a.csv", "in/a.csv", False),
        ("n/a.csv", "in/a.csv", False),
        ("a.csv@2024-05-01", "in/a.csv", True),
        ("a.csv@2024-05-02", "in/a.csv", False),
        ("a@b=c.csv", "in/a@b=c.csv", True),
        ("catalog.schema.t", "catalog.schema.t", True),
    ],
)
def test_an_extract_is_named_by_the_end_of_its_path_and_its_day(
    file: str, name: str, fits: bool
) -> None:
    (accept,) = accepts_of([f"{ROWS}={file}" if file else ROWS])
    assert accept == Accept(ROWS, file)
    assert accept.fits(name, date(2024, 5, 1)) is fits


@pytest.mark.parametrize("text", ["rows", "min_rows=", "=a.csv"])
def test_a_gate_that_there_is_not_is_refused(text: str) -> None:
    with pytest.raises(SourceError, match="expected --accept GATE or GATE=FILE"):
        accepts_of([text])


def test_accepting_a_gate_that_refuses_nothing_is_told(books: UseCase) -> None:
    gates = sections.Gates(max_quarantined=sections.Gate(limit=0.1), max_vanished=None)
    gated = books.model_copy(update={"gates": gates})
    told: list[str] = []
    tell_idle([QUARANTINED, ROWS, f"{ROWS}=a.csv", "max_vanished"], gated, told.append)
    assert told == [
        "note: --accept min_rows has no effect: conf/books.yml has it at level warn, so it refuses "
        "nothing",
        "note: --accept max_vanished has no effect: conf/books.yml has no such gate, so it refuses "
        "nothing",
    ]


def test_words_name_each_by_as_little_as_tells_it_from_the_others() -> None:
    days = [date(2024, 5, day) for day in (1, 2, 3)]
    some = [("in/a.csv", days[0]), ("in/b c.csv", days[1]), ("out/b c.csv", days[1])]
    shown = [*some, ("in/a.csv", days[2])]
    assert [accept_words([ROWS], *one, among=shown) for one in shown] == [
        "--accept min_rows=in/a.csv@2024-05-01",
        "--accept 'min_rows=in/b c.csv'",
        "--accept 'min_rows=out/b c.csv'",
        "--accept min_rows=in/a.csv@2024-05-03",
    ]
    assert accept_words([ROWS, QUARANTINED], *some[0], among=some[:1]) == (
        "--accept min_rows --accept max_quarantined"
    )


def judged(*names: str, accept: Collection[str] = ()) -> list[Judgement]:
    """The judgements of extracts of bronze, three quarters of each of which are bad."""
    now = datetime(2024, 5, 9, tzinfo=UTC)
    shown = [
        Showing(n, f"c{n}", date(2024, 5, n), now, name, Layout("csv"))
        for n, name in enumerate(names, 1)
    ]
    admission = Admission(Log(shown), None, {})
    tallies = {s.checksum: Tally(4, 3) for s in shown}
    return admission.judge(
        tallies, sections.Gates(min_rows=None), accept, lambda _: 4, lambda *_: (0, 0)
    )


def test_a_gate_without_a_file_lets_one_of_bronze_pass_and_not_several() -> None:
    two = judged("in/a.csv", "in/b.csv", accept=[QUARANTINED])
    with pytest.raises(GateError) as refused:
        refuse_several(two, [QUARANTINED])
    assert str(refused.value) == (
        "expected --accept max_quarantined to let one extract pass, found 2 that it would; nothing "
        "has changed: say which, by --accept max_quarantined=a.csv or --accept "
        "max_quarantined=b.csv"
    )
    named = [f"{QUARANTINED}=b.csv"]
    chosen = judged("in/a.csv", "in/b.csv", accept=named)
    assert [j.verdict.outcome for j in chosen] == ["refused", "accepted"]
    refuse_several(chosen, named)
    refuse_several(two, [*named, QUARANTINED])
    refuse_several(judged("a.csv", accept=[QUARANTINED]), [QUARANTINED])
    # One content that was shown on two days is one.
    same = [replace(j, showing=replace(j.showing, checksum="c")) for j in two]
    refuse_several(same, [QUARANTINED])


def test_where_bronze_has_refused_extracts_alone_it_is_told_which_gates_refuse_them(
    books: UseCase,
) -> None:
    told = str(nobody_let_in(judged(*["in/a.csv"] * 5), "the house", books))
    why = "is refused: expected at most 50 % of lines to be bad, found 75 % (3 of 4) (gate max_qua"
    assert f"in the house, found none: in/a.csv of 2024-05-01 {why}" in told
    assert f"; in/a.csv of 2024-05-03 {why}rantined); and 2 more; let one in by " in told
    assert "by --accept max_quarantined=in/a.csv@2024-05-01 or --accept max_quar" in told
    assert "@2024-05-03 or …, or change gates in conf/books.yml" in told


def test_what_is_left_out_of_bronze_is_told_with_how_to_let_it_in() -> None:
    assert left_out(judged("in/a.csv", "in/b.csv")) == (
        "note: 2 left out; let one in by --from-bronze --accept max_quarantined=a.csv or "
        "--accept max_quarantined=b.csv"
    )
    assert left_out(judged("a.csv")).endswith(
        "let one in by --from-bronze --accept max_quarantined"
    )


def test_an_extract_of_bronze_that_is_in_may_be_named_again() -> None:
    known = [("c1", "in/a.csv", date(2024, 5, 1)), ("c2", "in/a.csv", date(2024, 5, 2))]
    refuse_unclear([f"{ROWS}=a.csv"], [], known)
    refuse_unclear([f"{ROWS}=a.csv"], known[:1], known)
    refuse_unclear([f"{ROWS}=a.csv@2024-05-02"], known, known)
    for file in ("b.csv", "a.csv"):
        with pytest.raises(SourceError, match=r"to name one of \['in/a.csv@2024-05-01', 'in/a"):
            refuse_unclear([f"{ROWS}={file}"], known, known)
