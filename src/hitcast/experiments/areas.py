"""areaUnderPR of an arm, with its interval from a bootstrap over units: it describes, and no more.

It is no ratio of sums, so single predictions are needed; of very many, those of units that are
chosen by a hash.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from hitcast.models.bootstrap import Interval, draw_groups, units_of
from hitcast.models.measures import Measured
from hitcast.models.metrics import Scored

if TYPE_CHECKING:
    import pandas as pd

AREA = "areaUnderPR"
PREDICTIONS = 100_000
"""Of an arm, at most; a draw of so many costs milliseconds."""
DRAWS = 200


def area_of(scored: "pd.DataFrame", classes: int) -> Interval:
    """The area under an arm's curve of precision and recall; of more classes than two, their mean.

    Args:
        scored: One row a prediction with a known outcome: `unit`, `number` (of the outcome's class)
            and `said` (the positive
            class's probability; of more classes than two, a list of each's).
        classes: How many there are.
    """
    label = scored["number"].to_numpy(float)
    if len(np.unique(label)) < classes:
        return Interval(float("nan"), float("nan"))
    measure = Measured(Scored(label, _probabilities(scored["said"].to_list(), classes))).of(AREA)
    unit = units_of(scored["unit"].to_numpy(str))
    figures = [measure(np.ones(len(label)))]
    figures += [measure(drawn[unit]) for drawn in draw_groups(int(unit.max()) + 1, DRAWS)]
    return Interval.of(np.array(figures))


def _probabilities(held: Sequence[Any], classes: int) -> np.ndarray[Any, np.dtype[np.float64]]:
    return np.asarray(held, float) if classes == 2 else np.stack([np.asarray(p) for p in held])
