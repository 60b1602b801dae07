"""The fitted Spark pipelines of a version, as its training has left them on its runs."""

from typing import TYPE_CHECKING

from hitcast.errors import RegistryError
from hitcast.models.connection import connect
from hitcast.models.registry import Version
from hitcast.running.home import Home

if TYPE_CHECKING:
    from pyspark.ml import PipelineModel

SPARK_MODEL_TAG = "hitcast.spark_model"
"""Where a version tells its pipelines: their addresses, in the order of the scorer's members."""


def load_spark_models(home: Home, version: Version) -> list["PipelineModel"]:
    """Load the pipelines that a version's scorer was made of, in the order of its members.

    Raises:
        RegistryError: if the version does not tell them.
    """
    told = version.tags.get(SPARK_MODEL_TAG, "")
    if not told:
        raise RegistryError(
            f"expected the tag {SPARK_MODEL_TAG} on version {version.number}, found none; train "
            "another version with jobs/train.py"
        )
    connect(home, create=False)
    import mlflow

    home.scratch.mkdir(parents=True, exist_ok=True)
    return [
        mlflow.spark.load_model(address, dfs_tmpdir=str(home.scratch))
        for address in told.split(", ")
    ]
