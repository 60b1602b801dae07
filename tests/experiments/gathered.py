"""Made-up experiments as they are gathered: what a number of users did, without Spark."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd

from hitcast.declaration.experiment import Arm, Experiment
from hitcast.experiments.gathering import Answered, Gathered
from hitcast.experiments.table import UnitTable
from hitcast.models.bootstrap import Interval

FIRST = datetime(2026, 1, 5, tzinfo=UTC)
LOOKS = 5
TWO = (Arm(alias="production"), Arm(alias="staging"))
WITH_SHADOW = (*TWO, Arm(alias="test-1", shadow=True))


def experiment(arms: tuple[Arm, ...] = TWO, **told: object) -> Experiment:
    """An experiment in log loss, of which .02 matters."""
    return Experiment.model_validate(
        {"name": "trial", "arms": arms, "smallest_difference": 0.02, **told}
    )


def gathered(
    units: int = 4_000,
    *,
    gain: float = 0.0,
    share: float = 0.5,
    rate: float = 0.3,
    shadow_gain: float | None = None,
    versions: tuple[int, ...] = (2,),
    fallbacks: int = 0,
    seed: int = 0,
) -> Gathered:
    """What users did with two arms, of whom each has a rate of their own.

    Args:
        units: How many users.
        gain: What the log loss of the treatment is lower by.
        share: Of the users in the treatment.
        rate: Of positive outcomes.
        shadow_gain: The same of a shadow beside the control; None: there is none.
        versions: Of the treatment.
        fallbacks: How many of its predictions the default made.
        seed: Of all that is drawn.
    """
    random = np.random.default_rng(seed)
    count = random.integers(1, 10, units)
    base = random.gamma(2.0, 0.2, units)
    treated = random.random(units) < share
    positive = random.binomial(count, rate)
    frame = pd.DataFrame(
        {
            "unit": [f"{number:032x}" for number in range(units)],
            "arm": np.where(treated, "staging", "production"),
            "versus": None,
            "period": "2026-01-05T00:00:00.000000Z",
            "look": random.integers(0, LOOKS, units),
            "predictions": count,
            "fallbacks": 0.0,
            "positive": positive,
            "with_outcome": count,
            "positive_outcomes": positive,
            "hits": positive // 2,
            "called": positive,
            "correct": count - positive // 2,
            "log_loss": (base - gain * treated) * count,
            "brier": (base - gain * treated) * count / 2,
        }
    )
    parts = [frame]
    if shadow_gain is not None:
        control = frame[~treated].assign(versus="test-1")
        noise = 0.01 * random.standard_normal(len(control))
        lost = control["log_loss"] + (noise - shadow_gain) * control["with_outcome"]
        parts += [control, control.assign(arm="test-1", log_loss=lost)]
    arms = {
        "production": Answered(int(count[~treated].sum()), 0, (1,), {"2026-01-05": (5, 2)}),
        "staging": Answered(int(count[treated].sum()), fallbacks, versions, {"2026-01-06": (7, 3)}),
        "test-1": Answered(9, 0, (3,), {"2026-01-06": (9, 4)}),
    }
    known = arms if shadow_gain is not None else {a: of for a, of in arms.items() if a != "test-1"}
    return Gathered(
        UnitTable.of(pd.concat(parts)),
        known,
        [FIRST + timedelta(days=day + 1) for day in range(LOOKS)],
        {("production", ""): Interval(0.4, 0.01), ("staging", ""): Interval(0.41, 0.01)},
        FIRST,
        FIRST + timedelta(days=LOOKS - 0.5),
        "state",
    )
