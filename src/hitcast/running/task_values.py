"""Values that a task of a workflow leaves for the tasks after it.

On Databricks these are the job's task values; a rehearsal names a file that takes their place.
Where there is neither, nobody is waiting for them.
"""

import json
import os
from pathlib import Path

from hitcast.running.home import on_databricks

FILE = "HITCAST_TASK_VALUES"
"""The environment variable that names the rehearsal's file: one JSON object, a key a value."""


def somebody_waits() -> bool:
    """Whether this runs as a task whose values others may ask for."""
    return bool(os.environ.get(FILE)) or on_databricks()


def leave(key: str, value: bool | int | str) -> None:
    """Leave a value under a key; one of that name is replaced.

    Args:
        key: What tasks ask for, as in `{{tasks.ingest.values.KEY}}`.
        value: The value; conditions compare its text.
    """
    file = os.environ.get(FILE)
    if file:
        place = Path(file)
        values = json.loads(place.read_text()) if place.exists() else {}
        place.write_text(json.dumps({**values, key: value}))
    elif on_databricks():
        # Part of the platform's runtime, not of this package's dependencies.
        from databricks.sdk.runtime import dbutils

        dbutils.jobs.taskValues.set(key=key, value=value)
