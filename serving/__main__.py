"""Runs the API on the settings' address: `python -m serving [--try FILE]`."""

import argparse
import json
import sys
import threading
import time
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import uvicorn

from serving.settings import Settings

PATIENCE_SECONDS = 60


def main() -> None:
    """Serve until told to stop; requests in progress are answered first."""
    options = argparse.ArgumentParser(prog="python -m serving", description="Runs the scoring API.")
    options.add_argument(
        "--try", type=Path, dest="tracks", metavar="FILE",
        help="once it is ready, ask it about the rows under dataframe_records in this file",
    )  # fmt: skip
    given = options.parse_args()
    settings = Settings()
    if given.tracks is not None:
        rows = json.loads(given.tracks.read_text())["dataframe_records"]
        threading.Thread(target=_try, args=(settings, rows), daemon=True).start()
    uvicorn.run(
        "serving.main:app",
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=10,
    )


def _try(settings: Settings, rows: list[Any]) -> None:
    """Print the API's answers on stdout, then where it is."""
    headers = {"X-API-Key": settings.api_keys[0]} if settings.api_keys else {}
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        try:
            if _ask(settings, "GET", "/readyz")[0] == 200:
                break
        except OSError:
            pass
        time.sleep(0.2)
    for row in rows:
        _, answer = _ask(settings, "POST", "/predict?detail=true", json.dumps(row), headers)
        print(answer, flush=True)  # noqa: T201 - what the command is for
    address = f"http://{settings.host}:{settings.port}"
    sys.stderr.write(
        f"the API is at {address}, its description at {address}/docs; Ctrl-C ends it\n"
    )


def _ask(
    settings: Settings,
    method: str,
    path: str,
    body: str | None = None,
    headers: dict[str, str] | None = None,
) -> tuple[int, str]:
    connection = HTTPConnection(settings.host, settings.port, timeout=10)
    try:
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


if __name__ == "__main__":
    main()
