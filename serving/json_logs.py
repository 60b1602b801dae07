"""Log lines in JSON, for those who collect them."""

import json
import logging
import sys
from datetime import UTC, datetime

EXTRA = ("request_id", "method", "path", "status", "code", "client")


class JsonLines(logging.Formatter):
    """One JSON object a line: time, level, message, and the request where there is one."""

    def format(self, record: logging.LogRecord) -> str:
        """The line of a record."""
        found = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        found |= {name: getattr(record, name) for name in EXTRA if hasattr(record, name)}
        if record.exc_info:
            found["exception"] = self.formatException(record.exc_info)
        return json.dumps(found)


def log_in_json() -> None:
    """Have the API and its server write JSON lines to stderr."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    for name in ("hitcast.serving", "uvicorn"):
        logger = logging.getLogger(name)
        logger.handlers = [handler]
        logger.propagate = False
        logger.setLevel(logging.INFO)
    # Requests are counted by metrics; the guard tells those that failed.
    logging.getLogger("uvicorn.access").disabled = True
