"""MLflow's client, pointed at a home's tracking store.

Readers never create the tracking database: see `database`.
"""

import logging
import os
from pathlib import Path

from hitcast.errors import RegistryError
from hitcast.models.database import make_database
from hitcast.running.home import Home


def connect(home: Home, *, create: bool) -> None:
    """Point MLflow's client at the home's tracking store.

    Raises:
        RegistryError: if the store is a database file that does not exist and may not be created.
    """
    uri = home.tracking_uri
    file = Path(uri.removeprefix("sqlite:///")) if uri.startswith("sqlite:///") else None
    if file is not None and not create and not file.is_file():
        raise RegistryError(f"expected a tracking database at {file}, found none; train first")
    # MLflow reports its usage unless told not to; jobs stay offline.
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
    import mlflow

    # Its notices (migrations, hints) would run through the jobs' own progress.
    logging.getLogger("mlflow").setLevel(logging.ERROR)
    if file is not None:
        make_database(file)
    given = {name: os.environ.get(name) for name in ("MLFLOW_TRACKING_URI", "MLFLOW_REGISTRY_URI")}
    mlflow.set_tracking_uri(uri)
    mlflow.set_registry_uri(home.registry_uri)
    # MLflow puts its choice into the environment, where the next home would take it for the user's.
    for name, value in given.items():
        if value is None:
            os.environ.pop(name, None)
