"""Policies about what apps are told, and where they put what shall last."""

import re
from collections.abc import Iterator

from hitcast.errors import BundleError
from rehearsal.bundle import Bundle
from rehearsal.checks import file_of
from rehearsal.nodes import Node, read

ADDRESS = re.compile(r"\$\{resources\.apps\.[^.]+\.url\}")
SHIP_TO = "HITCAST_LOG_SHIP_TO"


def app_address(bundle: Bundle) -> Iterator[BundleError]:
    """No app is told another's address by reference: it is empty when `bundle run` resolves it."""
    for _, app in bundle.resources("apps"):
        for node in app.walk():
            if isinstance(node.value, str) and ADDRESS.search(node.value):
                yield node.place.error(
                    f"expected the name of the other app, by value_from of an app resource, got "
                    f"{node.value}, which is empty when an app is run; ask the workspace for the "
                    "address"
                )


def app_values(bundle: Bundle) -> Iterator[BundleError]:
    """Values come from resources that the app has."""
    for key, app in bundle.resources("apps"):
        known = sorted(resource.text("name") for resource in app.list("resources"))
        for item in [*app.list("config", "env"), *_own(bundle, app)]:
            written = item.get("value_from") or item.get("valueFrom")
            if written is not None and written.value not in known:
                yield written.place.error(
                    f"expected a value from one of the resources of the app {key}, {known}, got "
                    f"{written.value}"
                )


def log_shipping(bundle: Bundle) -> Iterator[BundleError]:
    """An app that keeps a home folder on its own disk ships the inference log to a volume."""
    for key, app in bundle.resources("apps"):
        given = {item.text("name"): item for item in app.list("config", "env")}
        home, ship = given.get("HITCAST_HOME"), given.get(SHIP_TO)
        if home is None or home.text("value").startswith("/Volumes/"):
            continue
        if ship is None or not ship.text("value").startswith("/Volumes/"):
            place = (ship or home).place
            got = "none" if ship is None else ship.text("value")
            yield place.error(
                f"expected {SHIP_TO} for the app {key}, a folder of a volume, got {got}; the disk "
                "of an app goes with it"
            )


def _own(bundle: Bundle, app: Node) -> list[Node]:
    """The variables of the app.yaml in an app's folder."""
    written = app.get("source_code_path")
    file = file_of(written) / "app.yaml" if written is not None else None
    if file is None or not file.is_file():
        return []
    return read(bundle.root, str(file.resolve().relative_to(bundle.root.resolve()))).list("env")
