"""What runs beside the calls: following the registry, the poller process, the gauges."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from inspect import isawaitable

from serving.api import Api
from serving.files import bytes_in
from serving.versions.poller_keeper import PollerKeeper

LOOK_SECONDS, TICK_SECONDS = 0.25, 0.5
SHIP_SECONDS = 5.0
COUNT_SECONDS = 30.0
logger = logging.getLogger("hitcast.serving")


@asynccontextmanager
async def running(api: Api) -> AsyncIterator[None]:
    """Keep the API's background work going; close the log and end the poller at the end."""
    for log in api.logs:
        if adopted := log.adopt():
            logger.info("closed %d log segments of processes that ended early", adopted)
    if api.log is not None:
        api.units.tend()
    api.switch.state.tend()
    # The default and all arms are loaded before the first request comes.
    for each in _looks(api):
        await _look(*each)
    # Each for itself: a version that is being loaded keeps no worker from other weights.
    follow = [_follow(*each) for each in _looks(api)]
    work = [*follow, _tick(api), _ship(api), _count(api)]
    if api.settings.scorer is None:
        work.append(_keeper(api).keep())
    tasks = [asyncio.create_task(one) for one in work]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await api.shadows.close()
        api.switch.crowd.close()
        for log in api.logs:
            log.close()


def _looks(api: Api) -> list[tuple[str, Callable[[], Awaitable[object]]]]:
    """What is followed: the registry with switches, and experiments."""
    return [("the registry", api.switch.look), ("the experiment", api.experiments.look)]


async def _follow(what: str, look: Callable[[], Awaitable[object]]) -> None:
    """Keep in step with something."""
    while True:
        await _look(what, look)
        await asyncio.sleep(LOOK_SECONDS)


async def _look(what: str, look: Callable[[], Awaitable[object]]) -> None:
    """Take in what has changed; what fails is told and tried again."""
    try:
        await look()
    except Exception:
        logger.exception("following %s failed; trying again", what)


async def _tick(api: Api) -> None:
    """Do what is due every half second; what fails is told and keeps nothing else from it."""
    parts = api.switch, api.log, api.experiments, api.shadows
    steps: list[Callable[[], object]] = [lambda: api.metrics.refresh(*parts)]
    for log in api.logs:
        steps += [log.tick, partial(asyncio.to_thread, log.keep_up)]
    if api.log is not None:
        steps.append(api.units.tend)
    while True:
        for step in steps:
            try:
                found = step()
                if isawaitable(found):
                    await found
            except Exception:
                logger.exception("a step of the background work failed; trying again")
        await asyncio.sleep(TICK_SECONDS)


async def _ship(api: Api) -> None:
    """Bring what is closed of the log to where it shall last; another machine may be slow."""
    while api.logs:
        for log in api.logs:
            try:
                await asyncio.to_thread(log.ship)
            except Exception:
                logger.exception("a log can't be sent; trying again")
        await asyncio.sleep(SHIP_SECONDS)


async def _count(api: Api) -> None:
    """Measure the cache now and then; in a thread, for a disk may be slow."""
    while True:
        try:
            size = await asyncio.to_thread(bytes_in, api.settings.cache_folder)
            api.metrics.cached(size)
        except Exception:
            logger.exception("the cache can't be measured; trying again")
        await asyncio.sleep(COUNT_SECONDS)


def _keeper(api: Api) -> PollerKeeper:
    settings = api.settings
    arguments = [str(settings.place.folder), settings.model_name]
    arguments += [str(settings.cache_folder), str(settings.poll_seconds)]
    return PollerKeeper(arguments, settings.tracking_uri)
