"""Which version an endpoint is to serve."""

from hitcast.errors import EndpointError, RegistryError
from hitcast.models.registry import Registry
from hitcast.running.home import Home


def require_catalog(home: Home, model: str, alias: str) -> None:
    """Refuse to go on where no endpoint can take models from.

    Raises:
        EndpointError: if models are not in Unity Catalog; says what to do instead.
    """
    if home.schema is None or not home.registry_uri.startswith("databricks-uc"):
        raise EndpointError(
            "expected models in Unity Catalog (a task on Databricks, or MLFLOW_TRACKING_URI="
            f"databricks, with --catalog and --schema), got {model} in {home.registry_uri}: this "
            "job moves a serving endpoint there; here, serve a version with make serve, or "
            f"mlflow models serve -m models:/{model}@{alias} --env-manager local"
        )


def version_of(registry: Registry, alias: str) -> int:
    """The version that an alias names.

    Raises:
        RegistryError: if it names none.
    """
    aliases = registry.aliases()
    if alias not in aliases:
        raise RegistryError(
            f"expected a version of {registry.name} with the alias {alias}, got the aliases "
            f"{aliases}; run jobs/promote.py first"
        )
    return aliases[alias]
