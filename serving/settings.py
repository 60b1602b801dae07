"""Settings of the API: from the environment (`HITCAST_*`) and from `.env`."""

import hashlib
import os
import re
from pathlib import Path
from typing import Annotated, Any

from pydantic import AliasChoices, Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from hitcast.running.home import Home

Names = Annotated[tuple[str, ...], NoDecode]
Secrets = Annotated[tuple[SecretStr, ...], NoDecode]


class Settings(BaseSettings):
    """How the API runs. Lists are written with commas between their parts."""

    model_config = SettingsConfigDict(
        env_prefix="HITCAST_", env_file=".env", extra="ignore", frozen=True, populate_by_name=True
    )

    home: Path | None = Field(
        default=None, description="folder of all state; else the working directory"
    )
    tracking_uri: str | None = Field(
        default=None,
        description="MLflow's tracking server; else MLFLOW_TRACKING_URI, else mlflow.db",
    )
    use_case: str = Field(default="spotify", description="a file in conf/")
    model: str | None = Field(
        default=None, description="registered model; else the use case's name"
    )
    alias: str = Field(
        default="production", description="what is served when a request names nothing"
    )
    version: int | None = Field(
        default=None, ge=1, description="a fixed version instead of the alias"
    )
    scorer: Path | None = Field(
        default=None, description="folder of one exported scorer, served without a registry"
    )
    host: str = "127.0.0.1"
    # Databricks says in a variable of its own which port an app has to listen on.
    port: int = Field(
        default=8000,
        ge=0,
        le=65535,
        validation_alias=AliasChoices("HITCAST_PORT", "DATABRICKS_APP_PORT"),
    )
    admin_key: SecretStr | None = Field(
        default=None, description="key of admin calls; none: refused"
    )
    api_keys: Secrets = Field(default=(), description="keys of all calls; none: open")
    version_keys: Secrets = Field(
        default=(), description="keys for naming another version; other calls stay as they are"
    )
    cors_origins: Names = Field(
        default=(), description="web pages that may call the API; none by default"
    )
    page: bool = Field(default=False, description="whether / is a page that asks about one row")
    framed_by: Names = Field(
        default=(), description="web pages that may show ours in a frame; none by default"
    )
    max_body_bytes: int = Field(default=8 * 2**20, ge=1024)
    max_batch: int = Field(default=10_000, ge=1)
    max_held_bytes: int = Field(
        default=256 * 2**20, ge=1024, description="of large bodies, in memory at once"
    )
    max_batches: int = Field(default=4, ge=1, description="worked on at once")
    max_concurrent: int = Field(
        default=1000, ge=0, description="requests at once; more are answered 503; 0: no limit"
    )
    body_seconds: float = Field(default=30, gt=0, description="for a whole body to arrive")
    rate_limit: int = Field(
        default=0, ge=0, description="requests a minute and caller; 0: no limit"
    )
    wrong_keys: int = Field(
        default=30, ge=0, description="wrong keys a minute and address; 0: no limit"
    )
    # What uvicorn takes for its workers where it is not told.
    workers: int = Field(
        default=1,
        ge=1,
        validation_alias=AliasChoices("HITCAST_WORKERS", "WEB_CONCURRENCY"),
        description="processes that serve, each of which takes its share of the limits",
    )
    kept_versions: int = Field(
        default=4, ge=1, description="versions kept in memory beside the default"
    )
    poll_seconds: float = Field(
        default=1.0, gt=0, allow_inf_nan=False, description="how often the registry is asked"
    )
    shadow_rows: int = Field(
        default=1000, ge=0, description="rows that wait for shadow versions; more are dropped"
    )
    unit_key: SecretStr | None = Field(
        default=None, description="hashes units in the log; else the home's file unit.key"
    )
    log: bool = Field(default=True, description="whether answers are logged")
    log_segment_bytes: int = Field(default=64 * 2**20, ge=1)
    log_segment_seconds: float = Field(default=300, gt=0)
    log_limit_bytes: int = Field(
        default=10 * 2**30,
        ge=1,
        description="the log folder's largest size; then it stops",
    )

    log_ship_to: str | None = Field(
        default=None,
        description="folder that closed log segments are brought to, such as a volume's",
    )

    @field_validator("api_keys", "version_keys", "cors_origins", "framed_by", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        parts = tuple(part.strip() for part in value.split(",") if part.strip())
        if value and not parts:
            raise ValueError("expected values with commas between them, got none; leave it unset")
        return parts

    @field_validator("framed_by")
    @classmethod
    def _check_pages(cls, pages: tuple[str, ...]) -> tuple[str, ...]:
        wrong = [page for page in pages if not re.fullmatch(r"https?://[\w.*:\[\]-]+", page)]
        if wrong:
            raise ValueError(f"expected addresses such as https://example.org, got {wrong}")
        return pages

    @field_validator("admin_key", mode="before")
    @classmethod
    def _trim(cls, value: Any) -> Any:
        # A key that was read from a file ends with the file's last newline.
        return value.strip() or None if isinstance(value, str) else value

    @model_validator(mode="after")
    def _check_origin(self) -> "Settings":
        if self.scorer is not None and self.version is not None:
            raise ValueError(
                "expected HITCAST_SCORER (the one version that was exported) or HITCAST_VERSION "
                "(one in the registry), got both; leave one unset"
            )
        return self

    @property
    def place(self) -> Home:
        """The home folder."""
        return Home.resolve(self.home)

    @property
    def log_folder(self) -> Path:
        """The folder of the inference log."""
        return self.place.inference_log

    @property
    def feedback_folder(self) -> Path:
        """The folder of the log of feedback."""
        return self.place.feedback_log

    @property
    def experiment_folder(self) -> Path:
        """The folder of the log of experiments."""
        return self.place.experiment_log

    @property
    def reports_folder(self) -> Path:
        """The folder of experiments' reports, which jobs write."""
        return self.place.experiment_reports(self.use_case)

    @property
    def model_name(self) -> str:
        """The registered model."""
        return self.model or self.use_case

    @property
    def cache_folder(self) -> Path:
        """The folder of this model's cached versions."""
        home = self.place
        uri = os.environ.get("MLFLOW_REGISTRY_URI") or self.tracking_uri or home.tracking_uri
        if self.scorer is not None:
            uri = str(self.scorer.resolve())
        own = uri == f"sqlite:///{home.folder / 'mlflow.db'}"
        # Versions of another registry have the same numbers.
        of = "" if own else f"@{hashlib.sha256(uri.encode()).hexdigest()[:8]}"
        return home.folder / "model_cache" / f"{self.model_name}{of}"
