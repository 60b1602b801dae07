"""What a bundle's file may have: its own keys as dataclasses, resources as Databricks' classes.

Databricks' classes know the fields of resources. What stands around them (targets, variables,
artifacts) they don't know; it is declared here in the same form, so that one check does both.
"""

from dataclasses import dataclass, field
from typing import Any, Literal

from databricks.bundles.apps import App
from databricks.bundles.experiments import MlflowExperiment
from databricks.bundles.jobs import Job
from databricks.bundles.model_serving_endpoints import ModelServingEndpoint
from databricks.bundles.registered_models import RegisteredModel
from databricks.bundles.schemas import Schema
from databricks.bundles.secret_scopes import SecretScope
from databricks.bundles.volumes import Volume


@dataclass
class Resources:
    """Kinds of resources; each by keys of the author's choice."""

    apps: dict[str, App] = field(default_factory=dict)
    experiments: dict[str, MlflowExperiment] = field(default_factory=dict)
    jobs: dict[str, Job] = field(default_factory=dict)
    model_serving_endpoints: dict[str, ModelServingEndpoint] = field(default_factory=dict)
    registered_models: dict[str, RegisteredModel] = field(default_factory=dict)
    schemas: dict[str, Schema] = field(default_factory=dict)
    secret_scopes: dict[str, SecretScope] = field(default_factory=dict)
    volumes: dict[str, Volume] = field(default_factory=dict)


@dataclass
class Git:
    """Where the code comes from; the CLI finds out what is not said."""

    branch: str | None = None
    origin_url: str | None = None


@dataclass
class About:
    """The bundle itself."""

    name: str
    databricks_cli_version: str | None = None
    engine: Literal["direct", "terraform"] | None = None
    git: Git | None = None


@dataclass
class Presets:
    """What a target does to all resources."""

    name_prefix: str | None = None
    tags: dict[str, str] = field(default_factory=dict)
    trigger_pause_status: Literal["PAUSED", "UNPAUSED"] | None = None
    jobs_max_concurrent_runs: int | None = None
    pipelines_development: bool | None = None
    source_linked_deployment: bool | None = None
    artifacts_dynamic_version: bool | None = None


@dataclass
class Variable:
    """A variable's declaration."""

    description: str | None = None
    default: Any = None
    type: Literal["complex"] | None = None


@dataclass
class ArtifactFile:
    """A file that a build leaves, or a pattern of such."""

    source: str


@dataclass
class Artifact:
    """Something that is built before a deployment."""

    type: Literal["whl"]
    path: str = "."
    build: str | None = None
    executable: Literal["bash", "sh", "cmd"] | None = None
    files: list[ArtifactFile] = field(default_factory=list)
    dynamic_version: bool = False


@dataclass
class Sync:
    """Which files go to the workspace, beside what git has and without what it ignores."""

    include: list[str] = field(default_factory=list)
    exclude: list[str] = field(default_factory=list)


@dataclass
class Workspace:
    """Where the workspace is and where in it files go."""

    host: str | None = None
    profile: str | None = None
    root_path: str | None = None
    file_path: str | None = None
    artifact_path: str | None = None


@dataclass
class Identity:
    """Who something runs as or is granted to."""

    user_name: str | None = None
    group_name: str | None = None
    service_principal_name: str | None = None


@dataclass
class Permission(Identity):
    """What somebody may do with all resources."""

    level: Literal["CAN_MANAGE", "CAN_VIEW", "CAN_RUN"] = "CAN_VIEW"


@dataclass
class Target:
    """One deployment of the bundle; its resources are laid on the bundle's, and checked there."""

    default: bool = False
    mode: Literal["development", "production"] | None = None
    workspace: Workspace | None = None
    presets: Presets | None = None
    artifacts: dict[str, Any] = field(default_factory=dict)
    git: Git | None = None
    variables: dict[str, Any] = field(default_factory=dict)
    permissions: list[Permission] = field(default_factory=list)
    run_as: Identity | None = None
    resources: Any = None


@dataclass
class Document:
    """A bundle's file, or one that it includes."""

    bundle: About | None = None
    include: list[str] = field(default_factory=list)
    artifacts: dict[str, Artifact] = field(default_factory=dict)
    presets: Presets | None = None
    sync: Sync | None = None
    workspace: Workspace | None = None
    variables: dict[str, Variable] = field(default_factory=dict)
    targets: dict[str, Target] = field(default_factory=dict)
    permissions: list[Permission] = field(default_factory=list)
    run_as: Identity | None = None
    resources: Resources | None = None
