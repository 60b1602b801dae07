"""What came of answers, of all that feedback said."""

from datetime import UTC, datetime, timedelta

import pytest

from hitcast.ingest.collect import count_outcomes, outcomes
from hitcast.running.home import Home
from hitcast.tables.lakehouse import Lakehouse
from tests.ingest.collect.written import TIME, answer, bring, segment, told

pytestmark = [pytest.mark.spark, pytest.mark.slow]
DAY = 86_400


@pytest.mark.sessions
def test_the_latest_outcome_counts_and_the_rest_is_told_apart(
    lakehouse: Lakehouse, home: Home
) -> None:
    assert count_outcomes(lakehouse) == dict.fromkeys(
        ("known", "unknown", "late", "repeated", "contradicting"), 0
    )
    # The shadow of an answer has its id.
    answers = [*map(answer, range(6)), answer(0, shadow=True, time=TIME + 2 * DAY)]
    segment(home.inference_log, "a", answers)
    late = TIME + 2 * DAY
    said = [
        told(0),
        told(1, time=late, at=TIME),
        # The same again, the second time late.
        told(2, 0),
        told(2, 0, time=late, at=late),
        # Happened later, though it was received first.
        told(3, 1, at=TIME + 50),
        told(3, 0, at=TIME + 40, time=late),
        # At the same moment: what was received last.
        told(4, 0, at=TIME + 50, time=TIME + 70),
        told(4, 1, at=TIME + 50, time=TIME + 80),
        told(4, 0, at=TIME + 50, time=TIME + 71),
        told(99, 1),
    ]
    segment(home.feedback_log, "f", said)
    bring(lakehouse, home)
    log, feedback = lakehouse.inference_log.read(), lakehouse.feedback.read()
    rows = outcomes(log, feedback, timedelta(days=1)).orderBy("prediction_id").collect()
    names = ("prediction_id", "outcome", "times", "contradicting", "late")
    assert [tuple(row[name] for name in names) for row in rows] == [
        ("p0", "1", 1, False, False),
        ("p1", "1", 1, False, True),
        ("p2", "0", 2, False, False),
        ("p3", "1", 2, True, False),
        ("p4", "1", 3, True, False),
        ("p99", "1", 1, False, None),
    ]
    assert rows[0].__fields__ == [
        "prediction_id", "outcome", "at", "time", "times", "contradicting", "late",
    ]  # fmt: skip
    at = [row.at.replace(tzinfo=UTC) for row in rows]
    assert at[3] == datetime.fromtimestamp(TIME + 50, UTC)
    assert count_outcomes(lakehouse, timedelta(days=1)) == {
        "known": 5, "unknown": 1, "late": 1, "repeated": 1, "contradicting": 2,
    }  # fmt: skip
    assert count_outcomes(lakehouse)["late"] == 0
