"""Policies about names: of what stands in a workspace, and of the bundle's files."""

import re
from collections.abc import Iterator

from hitcast.errors import BundleError
from rehearsal.bundle import Bundle
from rehearsal.places import DOMAIN_FRIENDLY_NAME

APP = re.compile(r"[a-z0-9-]{2,30}")
UNPREFIXED = ("apps", "secret_scopes")
"""Kinds whose names get no prefix in development mode (ApplyPresets in the CLI's source)."""
SINGULAR = {"registered_models": "registered_model", "model_serving_endpoints": "endpoint"}


def own_names(bundle: Bundle) -> Iterator[BundleError]:
    """Apps' names are as short as they must be, and a developer's own in development."""
    for kind in UNPREFIXED:
        for key, resource in bundle.resources(kind):
            name, place = resource.text("name"), (resource.get("name") or resource).place
            if kind == "apps" and not APP.fullmatch(name):
                yield place.error(
                    f"expected 2 to 30 of a-z, 0-9 and - as the name of the app {key}, got {name} "
                    f"({len(name)} characters)"
                )
            if bundle.mode == "development" and DOMAIN_FRIENDLY_NAME not in name:
                yield place.error(
                    f"expected ${{workspace.current_user.domain_friendly_name}} in the name of "
                    f"{kind}.{key}, got {name}; in development {kind} get no prefix, and two "
                    "developers would take each other's"
                )


def file_names(bundle: Bundle) -> Iterator[BundleError]:
    """A file of one resource is called by the resource's kind: KEY.KIND.yml."""
    for kind, resources in bundle.written.items():
        expected = SINGULAR.get(kind, kind.removesuffix("s"))
        for key, resource in resources.items():
            parts = resource.place.file.rpartition("/")[2].split(".")
            if len(parts) == 3 and parts[1] != expected:
                yield resource.place.error(
                    f"expected {kind}.{key} in a file called {parts[0]}.{expected}.yml, got "
                    f"{resource.place.file}"
                )
