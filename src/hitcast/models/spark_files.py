"""What MLflow does with a Spark model's files, where this process is but a client of Spark's.

MLflow saves a Spark model by Spark and then moves it to where it wants it by Spark's JVM, through
py4j; over Spark Connect there is none. On Databricks it knows that a volume can be reached as a
folder, elsewhere it does not.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def shared_by_folder() -> Iterator[None]:
    """Within the block, have MLflow move a saved Spark model as the folder that it is.

    Nothing changes in a session with a JVM. The folder that a model is saved to has to be one that
    both Spark and this process see.
    """
    from mlflow.spark import _HadoopFileSystem
    from pyspark.sql import SparkSession

    from hitcast.running.session import has_jvm

    session = SparkSession.getActiveSession()
    if session is None or has_jvm(session):
        yield
        return
    by_jvm = _HadoopFileSystem.copy_to_local_file
    _HadoopFileSystem.copy_to_local_file = _move
    try:
        yield
    finally:
        _HadoopFileSystem.copy_to_local_file = by_jvm


def _move(src: str, dst: str, remove_src: bool) -> None:
    """As MLflow calls it for a model that it has just saved."""
    del remove_src
    Path(dst).parent.mkdir(parents=True, exist_ok=True)
    shutil.move(src, dst)
