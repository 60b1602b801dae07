"""What is served by default: how it is, and a switch of it once all workers follow."""

import asyncio
from typing import Any

import orjson
from starlette.responses import Response

from serving.api import Api
from serving.responses import JSON, Answer
from serving.versions.selection import Selection

PATIENCE_SECONDS = 45.0
"""As long as a switch waits for all workers to follow it."""
STEP_SECONDS = 0.05


async def followed(api: Api, selection: Selection) -> Response:
    """200 when all workers serve a selection; 202 when that takes long, or another one came."""
    done = False
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            await api.switch.look()
            while not done and api.switch.selected() == selection:
                workers, following = await asyncio.to_thread(api.switch.crowd.count, selection)
                done = workers == following and api.switch.selection == selection
                await asyncio.sleep(0 if done else STEP_SECONDS)
    except TimeoutError:
        pass
    body = orjson.dumps(await state_of(api))
    return Answer(body) if done else Response(body, 202, {"Location": "/model"}, JSON)


async def state_of(api: Api) -> dict[str, Any]:
    """What answers when a request names nothing, and what was selected."""
    served, selection = api.switch.default, api.switch.selection
    workers, following = await asyncio.to_thread(api.switch.crowd.count, selection)
    return {
        "model": api.settings.model_name,
        "version": served.number if served else None,
        "alias": api.switch.alias if served else None,
        "threshold": served.threshold if served else None,
        "family": served.scorer.card.family if served else None,
        "generated": served.scorer.card.generated if served else None,
        "selected": {"alias": selection.alias, "version": selection.version},
        "problem": api.switch.problem,
        "workers": workers,
        "following": following,
    }
