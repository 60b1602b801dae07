"""What operators see: metrics for Prometheus, right for one worker and for several."""

import os
from bisect import bisect_left
from collections import Counter as Tally
from collections.abc import Sequence

import numpy as np
from fastapi import Response
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
    multiprocess,
)

from serving.experiments.choosing import Part
from serving.experiments.live import Experiments
from serving.experiments.shadows import Shadows
from serving.log.inference_log import InferenceLog
from serving.sharing import FOLDER, forget_the_dead
from serving.versions.scores import Label
from serving.versions.switch import Switchboard

SHARES = tuple(share / 20 for share in range(1, 21))
ROWS = (1, 10, 100, 1_000, 10_000)
GAUGES = {
    # name: (what it is, how those of several workers become one)
    "hitcast_model_version": (
        "version that answers by default; 0 before the first", "livemostrecent"),
    "hitcast_model_is_selected": (
        "1 while the version that answers is the selected one", "livemin"),
    "hitcast_registry_up": ("1 while the registry answers", "livemin"),
    "hitcast_state_up": ("1 while what has to be kept can be written", "livemin"),
    "hitcast_cache_bytes": (
        "size of the cached versions and of the state beside them", "livemostrecent"),
    "hitcast_experiment_on": ("1 while units are answered by an experiment", "livemin"),
    "hitcast_experiment_problems": ("arms that the default answers for, and the like", "livemax"),
    "hitcast_shadow_waiting_rows": ("rows that wait for shadow versions", "livemax"),
    "hitcast_log_up": ("1 while answers are logged", "livemin"),
    "hitcast_log_lag_seconds": ("age of the log segment that is being written", "livemax"),
    "hitcast_log_bytes": ("size of the inference log's folder", "livemostrecent"),
}  # fmt: skip


RESULTS = ("answered", "fallback", "shadow", "shadow_lost", "shadow_failed")
"""What has become of a row in an experiment."""
SERIES = 64
"""Arms that are counted by name; those of experiments that come later are counted as `other`."""


class ManyAtOnce(Histogram):
    """A histogram that counts many values in one go."""

    def observe_all(self, values: Sequence[float]) -> None:
        """Count each value by the smallest bound that it is within."""
        bounds = self._upper_bounds
        if len(values) == 1:
            self._buckets[bisect_left(bounds, values[0])].inc(1)
        else:
            counts = np.bincount(np.searchsorted(bounds, values), minlength=len(bounds))
            for place in np.flatnonzero(counts):
                self._buckets[place].inc(int(counts[place]))
        self._sum.inc(float(sum(values)))


class Metrics:
    """The API's own metrics, beside those of each call.

    Args:
        labels: What answers may be.

    Attributes:
        registry: Holds them; one an app, so that several apps may live in one process.
    """

    def __init__(self, labels: Sequence[Label] = (0, 1)) -> None:
        self._labels = labels
        self.registry = registry = CollectorRegistry()
        self._gauges = {
            name: Gauge(name, text, registry=registry, multiprocess_mode=mode)  # type: ignore[arg-type]
            for name, (text, mode) in GAUGES.items()
        }
        self._predictions = Counter(
            "hitcast_predictions", "rows answered", ["version", "alias", "label"],
            registry=registry,
        )  # fmt: skip
        self._answered: dict[tuple[int, str | None], dict[Label, Counter]] = {}
        self._probabilities = ManyAtOnce(
            "hitcast_probability", "probabilities answered", buckets=SHARES, registry=registry
        )
        self._rows = Histogram(
            "hitcast_batch_rows", "good rows of a batch", buckets=ROWS, registry=registry
        )
        self._refused = Counter(
            "hitcast_rows_refused", "bad rows of batches, answered with an error", registry=registry
        )
        self._taken_part = Counter(
            "hitcast_experiment_rows", "rows by experiment and arm, and what became of them",
            ["experiment", "arm", "result"], registry=registry,
        )  # fmt: skip
        self._arms: dict[tuple[str, str], dict[str, Counter]] = {}
        self._feedback = Counter(
            "hitcast_feedback", "outcomes that callers told of", ["result"], registry=registry
        )
        self._lost = Counter(
            "hitcast_log_lost", "answers that could not be logged", registry=registry
        )
        self._reloads = Counter(
            "hitcast_model_reloads", "changes of the default version", ["result"],
            registry=registry,
        )  # fmt: skip
        self._counted = {"done": 0, "failed": 0, "lost": 0}

    def scored(
        self, version: int, alias: str | None, chances: Sequence[float], labels: Sequence[Label]
    ) -> None:
        """Count answers of a version under the alias it answered by, as `Scores` has them."""
        key = version, alias
        if key not in self._answered:
            # All of them, so that those that no row has had yet are told as 0.
            self._answered[key] = {
                label: self._predictions.labels(version, alias or "", label)
                for label in self._labels
            }
        counters = self._answered[key]
        for label, count in Tally(labels).items():
            counters[label].inc(count)
        self._probabilities.observe_all(chances)

    def batch(self, good: int, bad: int) -> None:
        """Count a batch by its good rows, and its bad ones."""
        self._rows.observe(good)
        self._refused.inc(bad)

    def taken_part(self, part: Part, rows: int, result: str | None = None) -> None:
        """Count rows of an experiment; the result is that of an answer if not given."""
        key = str(part.experiment), str(part.arm)
        if key not in self._arms and len(self._arms) >= SERIES:
            key = "other", "other"
        if key not in self._arms:
            self._arms[key] = {one: self._taken_part.labels(*key, one) for one in RESULTS}
        answered = "fallback" if part.fallback else "answered"
        self._arms[key][result or answered].inc(rows)

    def experiment_rows(self, name: str) -> dict[str, dict[str, int]]:
        """The rows of an experiment by arm and result, of all workers since they were started."""
        found: dict[str, dict[str, int]] = {}
        for metric in self._all().collect():
            for sample in metric.samples if metric.name == "hitcast_experiment_rows" else ():
                if sample.name.endswith("_total") and sample.labels["experiment"] == name:
                    arm = found.setdefault(sample.labels["arm"], dict.fromkeys(RESULTS, 0))
                    arm[sample.labels["result"]] += int(sample.value)
        return found

    def fed_back(self, result: str, outcomes: int) -> None:
        """Count outcomes, `kept` or `lost`."""
        self._feedback.labels(result).inc(outcomes)

    def cached(self, size: int) -> None:
        """Take the size of the cache, in bytes."""
        self._gauges["hitcast_cache_bytes"].set(size)

    def refresh(
        self,
        switch: Switchboard,
        log: InferenceLog | None,
        experiments: Experiments,
        shadows: Shadows,
    ) -> None:
        """Take the gauges' values and what was counted elsewhere; to be called now and then."""
        state = {
            "hitcast_experiment_on": experiments.is_on,
            "hitcast_experiment_problems": len(experiments.problems),
            "hitcast_shadow_waiting_rows": shadows.waiting,
            "hitcast_model_version": switch.default.number if switch.default else 0,
            "hitcast_model_is_selected": switch.default is not None and switch.problem is None,
            "hitcast_registry_up": switch.registry_problem() is None,
            "hitcast_state_up": not switch.state.problems,
            "hitcast_log_up": log is not None and log.problem is None,
            "hitcast_log_lag_seconds": log.lag if log else 0,
            "hitcast_log_bytes": log.folder_bytes if log else 0,
        }
        for name, value in state.items():
            self._gauges[name].set(float(value))
        now = {**switch.reloads, "lost": log.lost if log else 0}
        self._lost.inc(now["lost"] - self._counted["lost"])
        for result in switch.reloads:
            self._reloads.labels(result).inc(now[result] - self._counted[result])
        self._counted = now
        forget_the_dead()

    def answer(self) -> Response:
        """All metrics as Prometheus reads them, those of all workers together."""
        return Response(generate_latest(self._all()), media_type=CONTENT_TYPE_LATEST)

    def _all(self) -> CollectorRegistry:
        """Those of all workers."""
        if FOLDER not in os.environ:
            return self.registry
        registry = CollectorRegistry()
        multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return registry
