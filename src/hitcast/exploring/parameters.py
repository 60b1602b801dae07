"""From a notebook's widgets to the home that they mean."""

from argparse import Namespace

from hitcast.running.home import Home
from hitcast.running.job import home_of


def open_home(
    folder: str = "", catalog: str = "", schema: str = "", model: str = "", experiment: str = ""
) -> Home:
    """The home that widgets name; an empty one leaves the job's own default.

    Args:
        folder: Folder of all state; else `HITCAST_HOME`, else the working directory.
        catalog: Catalog of tables and models, together with `schema`.
        schema: Schema in it.
        model: The registered model, without its schema; else it is called as the use case.
        experiment: MLflow's experiment, on Databricks a path in the workspace; else the same.

    Raises:
        CatalogError: if catalog and schema are not given together.
    """
    given = {
        "home": folder,
        "catalog": catalog,
        "schema": schema,
        "model": model,
        "mlflow_experiment": experiment,
    }
    return home_of(Namespace(**{name: text.strip() or None for name, text in given.items()}))


def number_or(text: str, default: int | None = None) -> int | None:
    """A whole number from a widget, or the default where nothing was given."""
    return int(text) if text.strip() else default
