"""What `/schema` tells of a training's numbers."""

from dataclasses import replace

import pytest

from hitcast.declaration.use_case import UseCase
from hitcast.portable.insights import Insights, Profile
from serving.schema import typical
from tests.serving.conftest import insights_of

QUANTILES = {"duration_ms": [1.0, 2.0, 3.0, 4.0, 5.0]}
PROFILE = Profile(10, 0.5, {"duration_ms": 3.0}, {}, QUANTILES)


@pytest.mark.parametrize(
    ("overall", "known"),
    [
        (PROFILE, True),
        (replace(PROFILE, positive=QUANTILES), False),
        (replace(PROFILE, positive=QUANTILES, other={}, every=QUANTILES), True),
    ],
)
def test_what_is_typical_is_told_of_all_rows_or_not_at_all(
    spotify: UseCase, overall: Profile, known: bool
) -> None:
    insights = Insights(None, (), (), overall, {}, {})
    found = typical(spotify.column("duration_ms"), insights)
    assert found == ({"median": 3, "low": 1, "high": 5} if known else None)
    assert typical(spotify.column("tempo"), insights) is None
    assert typical(spotify.column("genre"), insights) is None
    assert typical(spotify.column("duration_ms"), None) is None


def test_insights_of_old_tell_nothing_typical(spotify: UseCase) -> None:
    assert typical(spotify.column("tempo"), insights_of(spotify)) is None
