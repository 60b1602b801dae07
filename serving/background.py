"""What runs beside the calls: following the registry, the poller process, the gauges."""

import asyncio
import logging
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from serving.api import Api

ROOT = Path(__file__).resolve().parents[1]
TICK_SECONDS = 0.5
logger = logging.getLogger("hitcast.serving")


@asynccontextmanager
async def running(api: Api) -> AsyncIterator[None]:
    """Keep the API's background work going; close the log and end the poller at the end."""
    api.settings.cache_folder.mkdir(parents=True, exist_ok=True)
    if api.log is not None and (adopted := api.log.adopt()):
        logger.info("closed %d log segments of processes that ended early", adopted)
    await api.switch.look()
    tasks = [asyncio.create_task(work) for work in (api.switch.follow(), _tick(api), _watch(api))]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if api.log is not None:
            api.log.close()


async def _tick(api: Api) -> None:
    while True:
        if api.log is not None:
            api.log.tick()
            await asyncio.to_thread(api.log.keep_up)
        api.metrics.refresh(api.switch, api.log)
        await asyncio.sleep(TICK_SECONDS)


async def _watch(api: Api) -> None:
    """Keep one poller process going."""
    settings = api.settings
    command = [sys.executable, "-m", "serving.versions.registry_poller", str(settings.place.folder)]
    command += [settings.model_name, str(settings.cache_folder), str(settings.poll_seconds)]
    paths = [str(ROOT), os.environ.get("PYTHONPATH", "")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))}
    if settings.tracking_uri:
        environment["MLFLOW_TRACKING_URI"] = settings.tracking_uri
    while True:
        poller = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL)
        try:
            while poller.poll() is None:
                await asyncio.sleep(TICK_SECONDS)
        finally:
            if poller.poll() is None:
                poller.terminate()
                with suppress(subprocess.TimeoutExpired):
                    poller.wait(timeout=2)
        await asyncio.sleep(TICK_SECONDS)
