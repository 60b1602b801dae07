"""Versions, aliases and artifacts of one registered model, through MLflow's client.

Readers never create the tracking database: see `connection`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hitcast.errors import RegistryError
from hitcast.models.catalog_tags import from_catalog, to_catalog
from hitcast.models.connection import connect
from hitcast.models.known_tags import KnownTags
from hitcast.models.metrics import as_named_now
from hitcast.running.home import Home

PRODUCTION = "production"
STAGING = "staging"
PREVIOUS = "previous"
SCORER = "scorer"
"""Folder of the portable scorer among a version's artifacts."""
PLACE = f"artifacts/{SCORER}"
"""The same in the model's folder."""


@dataclass(frozen=True)
class Version:
    """One version of the registered model; `created` is in milliseconds since 1970."""

    number: int
    tags: Mapping[str, str]
    aliases: tuple[str, ...]
    run_id: str
    created: int = 0


class Registry:
    """The versions of the model `name`.

    Args:
        home: Says where the registry is.
        name: The registered model.
        create: Whether the tracking database may be created; only jobs do.
        known: Tags of earlier looks, for those who look often; without, all are asked for.

    Raises:
        RegistryError: if there is no tracking database yet and `create` is not set.
    """

    def __init__(
        self, home: Home, name: str, *, create: bool = False, known: KnownTags | None = None
    ) -> None:
        connect(home, create=create)
        from mlflow import MlflowClient

        self.name = name
        self._in_catalog = home.registry_uri == "databricks-uc"
        self._client = MlflowClient()
        self._known = known or KnownTags()

    def aliases(self) -> dict[str, int]:
        """All aliases with the versions that they name; empty where there is no model yet."""
        model = self._find()
        return {} if model is None else {a: int(v) for a, v in sorted(model.aliases.items())}

    def versions(self, aliases: Mapping[str, int] | None = None) -> list[Version]:
        """All versions, newest first.

        Args:
            aliases: Where they have been asked for already; saves a call.
        """
        from mlflow.store.entities.paged_list import PagedList

        aliases = self.aliases() if aliases is None else aliases
        found: list[Any] = []
        page: PagedList[Any] | None = None
        while page is None or page.token:
            page = self._client.search_model_versions(
                f"name = '{self.name}'", page_token=page.token if page is not None else None
            )
            found += page
        return [
            Version(
                number=int(v.version),
                tags=self._tags(v),
                aliases=tuple(a for a, number in aliases.items() if number == int(v.version)),
                run_id=v.run_id or "",
                created=int(v.creation_timestamp or 0),
            )
            for v in sorted(found, key=lambda v: -int(v.version))
        ]

    def version(self, number: int) -> Version:
        """The version `number`.

        Raises:
            RegistryError: if there is none; says which exist.
        """
        versions = self.versions()
        for version in versions:
            if version.number == number:
                return version
        known = sorted(v.number for v in versions)
        raise RegistryError(
            f"expected a version of {self.name} among {known}, got {number}; "
            "train one with jobs/train.py"
        )

    def metrics(self, run_id: str) -> dict[str, float]:
        """What the training `run_id` measured."""
        return as_named_now(self._client.get_run(run_id).data.metrics)

    def by_alias(self, alias: str) -> Version | None:
        """The version that `alias` names, or None."""
        number = self.aliases().get(alias)
        return None if number is None else self.version(number)

    def register(self, model_uri: str, run_id: str, tags: Mapping[str, str]) -> int:
        """Register a logged model as the next version; returns its number."""
        if self._find() is None:
            self._client.create_registered_model(self.name)
        version = self._client.create_model_version(
            self.name, source=model_uri, run_id=run_id, tags=self._written(tags)
        )
        return int(version.version)

    def tag(self, number: int, key: str, value: str) -> None:
        """Set a tag of a version."""
        for name, text in self._written({key: value}).items():
            self._client.set_model_version_tag(self.name, str(number), name, text)

    def remove_tag(self, number: int, key: str) -> None:
        """Remove a tag that a version has."""
        for name in self._written({key: ""}):
            self._client.delete_model_version_tag(self.name, str(number), name)

    def set_alias(self, alias: str, number: int) -> None:
        """Let `alias` name the version `number`, whatever it named before.

        Raises:
            RegistryError: if MLflow reserves the name, or there is no such version.
        """
        from mlflow.exceptions import MlflowException

        self.version(number)
        try:
            self._client.set_registered_model_alias(self.name, alias, str(number))
        except MlflowException as error:
            raise RegistryError(
                f"expected an alias such as {PRODUCTION}, {STAGING} or test-1003 (latest and names "
                f"like v3 are reserved), got {alias!r}: {error.message}; "
                f"aliases so far: {self.aliases()}"
            ) from None

    def remove_alias(self, alias: str) -> None:
        """Remove an alias, if it is set."""
        if alias in self.aliases():
            self._client.delete_registered_model_alias(self.name, alias)

    def download_scorer(self, number: int, folder: Path) -> Path:
        """Copy a version's portable scorer into `folder`; returns the folder that holds it.

        The package's code, which lies beside it in the model, is left where it is.
        """
        return self._download(f"{number}/{PLACE}", folder)

    def download_model(self, number: int, folder: Path) -> Path:
        """Copy all of a version's model into `folder`; its scorer is at `PLACE` in what returns."""
        return self._download(str(number), folder)

    def _download(self, part: str, folder: Path) -> Path:
        import mlflow

        # Not from where the files are: Unity Catalog gives them to those who ask by name alone.
        source = f"models:/{self.name}/{part}"
        return Path(mlflow.artifacts.download_artifacts(source, dst_path=str(folder)))

    def _written(self, tags: Mapping[str, str]) -> dict[str, str]:
        return to_catalog(tags) if self._in_catalog else dict(tags)

    def _tags(self, found: Any) -> dict[str, str]:
        """The tags of a version that a search found; Unity Catalog's searches leave them out.

        Its client has no call for the tags of several versions.
        """
        if not self._in_catalog:
            return dict(found.tags)
        number, updated = int(found.version), int(found.last_updated_timestamp or 0)

        def ask() -> Mapping[str, str]:
            return from_catalog(self._client.get_model_version(self.name, found.version).tags)

        return dict(self._known.of(number, found.run_id or "", updated, ask))

    def _find(self) -> Any:
        from mlflow.exceptions import MlflowException
        from mlflow.protos.databricks_pb2 import RESOURCE_DOES_NOT_EXIST, ErrorCode

        try:
            return self._client.get_registered_model(self.name)
        except MlflowException as error:
            if error.error_code == ErrorCode.Name(RESOURCE_DOES_NOT_EXIST):
                return None
            raise
