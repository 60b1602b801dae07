"""The tracking database of a home without a server: whole from the moment it is there.

MLflow makes one in place, over a second of migrations; whoever opens it meanwhile starts them too,
and one of the two fails ("table … already exists").
"""

import fcntl
import re
import uuid
from pathlib import Path

from hitcast.errors import RegistryError

LOCK = ".lock"
PARTIAL = ".partial-"
MISREAD = re.compile(r"\?|%[0-9A-Fa-f]{2}")
"""What means something else in an address than in a path."""


def make_database(file: Path) -> None:
    """Make an empty tracking database at `file`, unless there is one.

    It is made beside its place and moved there; of several processes one makes it.

    Raises:
        OSError: if the folder can't be written to.
        RegistryError: if MLflow would read the path as another one.
    """
    if file.is_file():
        return
    misread = MISREAD.search(str(file))
    if misread:
        raise RegistryError(
            f"expected a home folder that MLflow can address, got {file.parent}: it reads "
            f"{misread[0]} as a part of an address; name another folder with --home"
        )
    file.parent.mkdir(parents=True, exist_ok=True)
    with open(file.with_name(file.name + LOCK), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if file.is_file():
            return
        for left in file.parent.glob(f"{file.name}{PARTIAL}*"):
            left.unlink()
        # A new name each time: MLflow keeps what it knows of a database by its address.
        partial = file.with_name(f"{file.name}{PARTIAL}{uuid.uuid4().hex}")
        _fill(partial)
        partial.rename(file)


def _fill(file: Path) -> None:
    from mlflow import MlflowClient

    MlflowClient(tracking_uri=f"sqlite:///{file}").search_experiments(max_results=1)
