"""Which extracts are in, by what the log and the table of quality say; without a table."""

from collections.abc import Mapping
from datetime import UTC, date, datetime

from hitcast.declaration.sections import Gate, Gates
from hitcast.ingest.admission import Admission
from hitcast.ingest.gates import Outcome
from hitcast.ingest.line_counts import LineCounts
from hitcast.ingest.quality import Judgement, Record, Tally
from hitcast.ingest.showings import Log, Showing
from hitcast.ingest.standing import Standing, plan_of
from hitcast.sources.layout import Layout

NOW = datetime(2024, 5, 1, tzinfo=UTC)
RULES = "rules"
GATES = Gates(max_quarantined=Gate(limit=0.1), min_rows=Gate(limit=0.5))
GOOD, BAD, SHORT = Tally(100, 0), Tally(100, 50, {"score.maximum": 50}), Tally(10, 0)


def shown(number: int, day: int | None = None) -> Showing:
    return Showing(number, f"c{number}", date(2024, 5, day or number), NOW, "", Layout("csv"))


def record(outcome: Outcome, lines: int = 100, rules: str = RULES) -> Record:
    return Record(outcome, {}, rules, lines, {rules})


FIRST, REFUSED, NEXT = shown(1), shown(2), shown(3)
LOG = Log([FIRST, REFUSED, NEXT])
RECORDS = {1: record("passed"), 2: record("refused")}


def judge(
    admission: Admission, tallies: Mapping[int, Tally], *accepted: str
) -> dict[int, Outcome | str]:
    judgements = admission.judge(
        {f"c{number}": tally for number, tally in tallies.items()},
        GATES, accepted, lambda _: 1000, lambda *_: (0, 0),
    )  # fmt: skip
    return {j.showing.number: j.verdict.outcome for j in judgements}


def test_a_refused_extract_stays_out_of_the_next_ones_plan() -> None:
    admission = Admission(LOG, NEXT, RECORDS)
    assert admission.to_judge == [NEXT]
    assert admission.is_in == {1}
    assert [s.number for s in admission.candidates.showings] == [1, 3]
    assert admission.last_before == [FIRST]
    assert judge(admission, {3: GOOD}) == {3: "passed"}


def test_the_same_file_is_judged_again_and_so_is_all_of_bronze() -> None:
    assert Admission(LOG, REFUSED, {**RECORDS, 3: record("passed")}).to_judge == [REFUSED]
    again = Admission(LOG, None, {**RECORDS, 3: record("passed")})
    assert again.to_judge == [REFUSED]
    assert judge(again, {2: BAD}) == {2: "refused"}
    assert judge(again, {2: BAD}, "max_quarantined") == {2: "accepted"}


def test_an_extract_that_no_run_has_judged_is_judged_by_whichever_comes() -> None:
    admission = Admission(LOG, NEXT, {1: record("passed")})
    assert judge(admission, {2: BAD, 3: GOOD}) == {2: "refused", 3: "passed"}
    accepted = judge(admission, {2: BAD, 3: BAD}, "max_quarantined")
    assert accepted == {2: "refused", 3: "accepted"}, "only what is at hand profits"


def test_an_extract_is_compared_with_the_last_one_that_was_let_in_before_it() -> None:
    log = Log([FIRST, shown(2), shown(3), shown(4)])
    in_between = {1: record("passed", 10), 2: record("refused", 1000), 4: record("passed", 9999)}
    assert judge(Admission(log, log.showings[2], in_between), {3: SHORT}) == {3: "passed"}
    in_between[2] = record("accepted", 1000)
    assert judge(Admission(log, log.showings[2], in_between), {3: SHORT}) == {3: "refused"}


def test_lines_from_before_there_were_gates_are_counted_in_bronze() -> None:
    admission = Admission(LOG, NEXT, {}, before_gates=[1, 2])
    assert admission.is_in == {1, 2}
    assert judge(admission, {3: GOOD}) == {3: "refused"}, "a tenth of the last one's 1,000 lines"


def test_what_is_in_stays_in_whatever_the_rules_of_now_say() -> None:
    admission = Admission(LOG, None, RECORDS)
    assert admission.to_recount([FIRST, REFUSED], RULES) == []
    assert admission.to_recount([FIRST, REFUSED], "stricter") == [FIRST]
    counted = admission.recount([FIRST], {"c1": BAD}, GATES)
    assert [j.verdict.outcome for j in counted] == ["warned"]
    before = Admission(LOG, NEXT, {}, before_gates=[1, 2])
    assert before.to_recount([], RULES) == [FIRST, REFUSED]


def test_the_same_judgement_is_not_written_twice() -> None:
    admission = Admission(LOG.only({1, 2}), REFUSED, RECORDS)
    (judged,) = admission.judge({"c2": BAD}, GATES, (), lambda _: 100, lambda *_: (0, 0))
    assert isinstance(judged, Judgement)
    outcomes = {f.gate: f.outcome for f in judged.verdict.findings}
    said = Record("refused", outcomes, RULES, 100, {RULES})
    assert said.says(judged, RULES)
    assert not said.says(judged, "stricter")
    (accepted,) = admission.judge(
        {"c2": BAD}, GATES, ["max_quarantined"], lambda _: 100, lambda *_: (0, 0)
    )
    assert not said.says(accepted, RULES)


def test_one_that_is_let_in_after_others_is_resolved_with_all_of_bronze() -> None:
    counts = LineCounts(1, 0, 1)
    left_out = Standing(3, 0, RULES, "c3", counts, left_out=(2,))
    assert [left_out.has(s) for s in LOG.showings] == [True, False, True]
    without = LOG.only({1, 3})
    assert not plan_of(without, left_out, RULES, all_of_it=False).showings
    plan = plan_of(LOG, left_out, RULES, all_of_it=False)
    assert plan.whole
    assert list(plan.showings) == list(LOG.showings)
    # Where nothing came after it, it is the newest, as any other.
    pending = plan_of(LOG.only({1, 2}), Standing(1, 0, RULES, "c1", counts), RULES, all_of_it=False)
    assert (list(pending.showings), pending.whole) == ([REFUSED], False)
