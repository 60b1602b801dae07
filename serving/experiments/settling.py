"""An experiment as its calls tell it: how it is, and the wait until all workers have it."""

import asyncio
import time
from typing import Any

import orjson
from starlette.responses import Response

from hitcast.declaration.experiment import Arm, Experiment
from serving.api import Api
from serving.experiments.kept import Kept
from serving.experiments.live import LEAD_SECONDS
from serving.metrics import RESULTS
from serving.responses import JSON, Answer

PATIENCE_SECONDS = 45.0
"""As long as a call waits for all workers."""
STEP_SECONDS = 0.05


async def settled(api: Api, wanted: Experiment | None) -> Response:
    """200 when all workers have what was asked for; 202 when that takes long, or another one came.

    Args:
        api: The running API.
        wanted: What was asked for; None: that none runs.
    """
    done = False
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not done:
                await api.experiments.look()
                kept = api.experiments.kept
                if (kept.experiment if kept else None) != wanted:
                    break
                done = await asyncio.to_thread(_is_followed, api, kept)
                await asyncio.sleep(0 if done else STEP_SECONDS)
    except TimeoutError:
        pass
    body = orjson.dumps(await state_of(api))
    return Answer(body) if done else Response(body, 202, {"Location": "/experiment"}, JSON)


def _is_followed(api: Api, kept: Kept | None) -> bool:
    workers, ready = api.switch.crowd.ready(kept.revision if kept else None)
    if workers > ready or kept is None:
        return workers == ready
    # What begins in a moment is waited for; what starts another day is not.
    now = time.time()
    return kept.period is not None and not now < kept.phases[-1].begins <= now + LEAD_SECONDS


async def state_of(api: Api) -> dict[str, Any]:
    """What runs, in this worker and in the others."""
    kept = api.experiments.kept
    if kept is None:
        return {"experiment": None}
    workers, following = await asyncio.to_thread(api.switch.crowd.ready, kept.revision)
    refused = await asyncio.to_thread(api.switch.crowd.refused)
    phase, declared = kept.phase_at(time.time()), kept.experiment
    rows = api.metrics.experiment_rows(declared.name)

    def told(arm: Arm) -> dict[str, Any]:
        info = kept.pins[arm.alias]
        return {
            "alias": arm.alias,
            "weight": arm.weight,
            "shadow": arm.shadow,
            "version": info.number,
            "run_id": info.run_id,
            "problem": api.experiments.arms.problem(arm.alias) or refused.get(info.place),
            "rows": rows.get(arm.alias) or dict.fromkeys(RESULTS, 0),
        }

    found = {
        **declared.model_dump(mode="json", exclude={"arms"}),
        "arms": [told(arm) for arm in declared.arms],
        "period": phase.period if phase else kept.period,
        "on": api.experiments.is_on,
        "workers": workers,
        "following": following,
    }
    return {"experiment": found}
