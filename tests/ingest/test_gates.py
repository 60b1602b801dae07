"""The decision of the gates, by exact values and without a table."""

from datetime import date

import pytest
from pydantic import ValidationError

from hitcast.declaration.sections import Gate, Gates
from hitcast.declaration.use_case import UseCase
from hitcast.ingest.gates import GATES, Counts, LastCounts, decide_gates

DAY = date(2024, 5, 10)
NONE = Gates(max_quarantined=None, min_rows=None, max_days_behind=None)
ALL = Gates.model_validate(
    {
        "max_quarantined": 0.05,
        "min_rows": 0.8,
        "max_vanished": {"limit": 0.1},
        "max_days_behind": {"limit": 30, "level": "warn"},
    }
)
LAST = LastCounts(lines=100, newest=DAY, keys=50)


def counts(lines: int = 100, bad: int = 0, day: date = DAY, vanished: int = 0) -> Counts:
    return Counts(lines, bad, day, vanished)


@pytest.mark.parametrize(
    ("of", "gate", "outcome"),
    [
        (counts(bad=5), "max_quarantined", "passed"),
        (counts(bad=6), "max_quarantined", "refused"),
        (counts(lines=80), "min_rows", "passed"),
        (counts(lines=79), "min_rows", "refused"),
        (counts(lines=0), "min_rows", "refused"),
        (counts(vanished=5), "max_vanished", "passed"),
        (counts(vanished=6), "max_vanished", "refused"),
        (counts(day=date(2024, 4, 10)), "max_days_behind", "passed"),
        (counts(day=date(2024, 4, 9)), "max_days_behind", "warned"),
        (counts(day=date(2025, 1, 1)), "max_days_behind", "passed"),
    ],
)
def test_a_limit_is_let_pass_and_what_goes_further_is_not(
    of: Counts, gate: str, outcome: str
) -> None:
    verdict = decide_gates(of, LAST, ALL)
    found = {f.gate: f.outcome for f in verdict.findings}
    assert found == dict.fromkeys(GATES, "passed") | {gate: outcome}
    assert verdict.outcome == outcome


def test_only_the_gates_that_are_named_let_pass() -> None:
    of = counts(lines=10, bad=10)
    for accepted in ([], ["max_quarantined"], ["min_rows", "max_vanished"]):
        assert decide_gates(of, LAST, ALL, accepted).outcome == "refused"
    verdict = decide_gates(of, LAST, ALL, ["max_quarantined", "min_rows", "max_vanished"])
    assert verdict.outcome == "accepted"
    assert verdict.accepted == ["max_quarantined", "min_rows"], "the ones that were needed"


def test_a_first_extract_is_compared_with_nothing() -> None:
    verdict = decide_gates(counts(lines=1, day=date(2000, 1, 1)), None, ALL)
    assert [f.gate for f in verdict.findings] == ["max_quarantined"]
    unknown = LastCounts(lines=0, newest=DAY)
    assert [f.gate for f in decide_gates(Counts(1, 0, DAY), unknown, ALL).findings] == [
        "max_quarantined", "max_days_behind"
    ]  # fmt: skip


def test_gates_that_are_taken_away_are_not_asked() -> None:
    assert decide_gates(counts(lines=1, bad=1, vanished=50), LAST, NONE).findings == ()
    assert decide_gates(counts(lines=1, bad=1, vanished=50), LAST, NONE).outcome == "passed"


def test_a_finding_says_what_was_allowed_and_what_was_found() -> None:
    told = decide_gates(counts(lines=79, bad=6), LAST, ALL).with_outcome("refused")
    assert [f.told for f in told] == [
        "at most 5 % of lines to be bad, found 7.595 % (6 of 79)",
        "at least 80 % of the last extract's 100 lines, found 79",
    ]


def test_where_conf_says_nothing_only_what_is_bad_for_the_most_part_is_refused() -> None:
    assert decide_gates(counts(bad=51), LAST, Gates()).outcome == "refused"
    assert decide_gates(counts(bad=50), LAST, Gates()).outcome == "passed"
    assert decide_gates(counts(lines=1, day=date(2020, 1, 1)), LAST, Gates()).outcome == "warned"


def test_gates_of_extracts_and_of_promotion_stand_side_by_side(spotify: UseCase) -> None:
    assert spotify.gates.max_quarantined == Gate(limit=0.05, level="error")
    assert spotify.gates.min_improvement == 0.005
    for wrong in (
        {"max_quarantined": 5},
        {"max_quarantined": float("nan")},
        {"min_rows": 80},
        {"max_vanished": {"limit": 10, "level": "warn"}},
        {"max_quarantined": {"limit": 0.1, "level": "maybe"}},
        {"max_quarantined": -0.1},
        {"max_quarantined": True},
        {"max_rows": 1},
    ):
        with pytest.raises(ValidationError):
            Gates.model_validate(wrong)
