"""Looks at the registry: what it holds is written to a file, versions are copied into the cache."""

import logging
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from hitcast.errors import HitcastError
from hitcast.models.known_tags import KnownTags
from hitcast.models.registry import PRODUCTION, Registry
from hitcast.running.home import Home
from serving.versions.asking import WANTED, forget_unknown
from serving.versions.fetching import Fetcher
from serving.versions.pruning import prune
from serving.versions.snapshot import Snapshot, VersionInfo
from serving.versions.telling import told

logger = logging.getLogger("hitcast.serving")


class RegistryPoller:
    """Keeps the cache and the snapshot in step with the registry.

    Args:
        home: Says where the registry is.
        model: The registered model.
        folder: The model's cache folder, shared with the workers.

    Attributes:
        problem: What came in between at the last look; None where nothing did.
        is_written: Whether what was seen is on disk.
    """

    def __init__(self, home: Home, model: str, folder: Path) -> None:
        self.problem: str | None = None
        self.is_written = False
        self._home, self._model, self._folder = home, model, folder
        self._fetcher = Fetcher(folder, home.folder)
        self._tags = KnownTags()
        self._metrics: dict[str, dict[str, float]] = {}
        self._written: Snapshot | None = None
        self._registry: Registry | None = None

    def look(self) -> None:
        """Ask the registry once, write down what is new, and clear away what is not needed.

        What is new is written before versions are fetched, and after each: one that comes slowly
        keeps nobody from another.
        """
        last = self._written or Snapshot.load(self._folder)
        found, problem = self._seen(last)
        try:
            self._write(found)
            if found.problem is None:
                for now in self._fetched(found):
                    self._write(now)
                prune(self._folder, found)
        except OSError as error:
            problem = f"what the registry says can't be written down: {error}"
        if problem and problem != self.problem:
            logger.warning("%s", problem)
        self.problem = problem

    def _write(self, found: Snapshot) -> None:
        self.is_written = found == self._written
        if not self.is_written:
            found.save(self._folder)
            self._written, self.is_written = found, True

    def _seen(self, last: Snapshot) -> tuple[Snapshot, str | None]:
        """The registry now, and what came in between, in full."""
        try:
            found = self._ask()
        except Exception as error:
            plain = told(error, [self._folder, self._home.folder])
            if not isinstance(error, HitcastError):
                plain = f"the registry does not answer ({plain})"
            return Snapshot(last.versions, last.aliases, plain), f"the registry: {error!r}"
        if last.versions and not found.versions:
            # Sooner an accident than meant: a new, empty database in the old one's place.
            problem = f"the registry has no version of {self._model} any more"
            return Snapshot(last.versions, last.aliases, problem), problem
        return found, None

    def _ask(self) -> Snapshot:
        registry = Registry(self._home, self._model, known=self._tags)
        aliases = registry.aliases()
        versions = {}
        for version in registry.versions(aliases):
            info = VersionInfo(version.number, version.run_id, version.created, dict(version.tags))
            problem, metrics = self._fetcher.problem(info), self._figures(registry, info)
            versions[version.number] = replace(info, metrics=metrics, problem=problem)
        places = {info.place for info in versions.values()}
        forget_unknown(self._folder, set(map(str, versions)), places)
        self._registry = registry
        return Snapshot(versions, aliases)

    def _fetched(self, found: Snapshot) -> Iterator[Snapshot]:
        """The registry after each version that was fetched: asked for, in production, by alias."""
        named = set(found.aliases.values())
        production = found.aliases.get(PRODUCTION)

        def place_in_line(info: VersionInfo) -> tuple[bool, bool, int]:
            return not self._wanted(info).exists(), info.number != production, -info.number

        assert self._registry is not None
        for info in sorted(found.versions.values(), key=place_in_line):
            wanted = self._wanted(info)
            if info.number in named or wanted.exists() or self._fetcher.is_asked_to_mend(info):
                self._fetcher.bring(self._registry, info)
                wanted.unlink(missing_ok=True)
                now = replace(info, problem=self._fetcher.problem(info))
                found = replace(found, versions={**found.versions, info.number: now})
                yield found

    def _wanted(self, info: VersionInfo) -> Path:
        return self._folder / WANTED / str(info.number)

    def _figures(self, registry: Registry, info: VersionInfo) -> dict[str, float]:
        """The training's metrics, asked for once; none where the run is gone."""
        if info.run_id not in self._metrics:
            try:
                self._metrics[info.run_id] = registry.metrics(info.run_id)
            except Exception:
                return {}  # Asked again at the next look.
        return self._metrics[info.run_id]
