"""Runs the API on the settings' address: `python -m serving`."""

import uvicorn

from serving.settings import Settings


def main() -> None:
    """Serve until told to stop; requests in progress are answered first."""
    settings = Settings()
    uvicorn.run(
        "serving.main:app",
        host=settings.host,
        port=settings.port,
        workers=settings.workers,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=10,
    )


if __name__ == "__main__":
    main()
