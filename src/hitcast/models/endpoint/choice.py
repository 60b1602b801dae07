"""Which version an endpoint is to serve."""

from hitcast.errors import EndpointError, RegistryError
from hitcast.models.registry import Registry
from hitcast.running.home import Home


def version_to_serve(home: Home, model: str, alias: str) -> int:
    """The version that an alias names.

    Raises:
        EndpointError: if models are not in Unity Catalog, where endpoints take them from.
        RegistryError: if the alias names none.
    """
    if home.registry_uri != "databricks-uc" or home.schema is None:
        raise EndpointError(
            "expected models in Unity Catalog (a task on Databricks, or MLFLOW_TRACKING_URI="
            f"databricks, with --catalog and --schema), got {model} in {home.registry_uri}: this "
            "job moves a serving endpoint there; here, serve a version with make serve, or "
            f"mlflow models serve -m models:/{model}@{alias} --env-manager local"
        )
    aliases = Registry(home, model).aliases()
    if alias not in aliases:
        raise RegistryError(
            f"expected a version of {model} with the alias {alias}, got the aliases {aliases}; "
            "run jobs/promote.py first"
        )
    return aliases[alias]
