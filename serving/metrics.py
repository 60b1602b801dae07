"""What operators see: metrics for Prometheus."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence

import numpy as np
from prometheus_client import CollectorRegistry, Counter, Gauge, Metric
from prometheus_client.core import HistogramMetricFamily
from prometheus_client.registry import Collector

from serving.log.inference_log import InferenceLog
from serving.versions.switch import Switchboard

SHARES = tuple(share / 20 for share in range(1, 21))


class Probabilities(Collector):
    """A histogram of the probabilities answered, counted many at a time."""

    def __init__(self) -> None:
        self._counts = np.zeros(len(SHARES) + 1, dtype=np.int64)
        self._sum = 0.0

    def add(self, probabilities: Sequence[float]) -> None:
        """Count probabilities by the smallest bound that they are within."""
        if len(probabilities) == 1:
            self._counts[bisect_left(SHARES, probabilities[0])] += 1
            self._sum += probabilities[0]
            return
        places = np.searchsorted(SHARES, probabilities)
        self._counts += np.bincount(places, minlength=len(self._counts))
        self._sum += float(np.sum(probabilities))

    def collect(self) -> Iterator[Metric]:
        """The histogram as Prometheus takes it: counts up to each bound."""
        found = HistogramMetricFamily("hitcast_probability", "probabilities answered")
        bounds = [*map(str, SHARES), "+Inf"]
        totals = self._counts.cumsum().tolist()
        found.add_metric([], list(zip(bounds, totals, strict=True)), self._sum)
        yield found


class Metrics:
    """The API's own metrics, beside those of each call.

    Attributes:
        registry: Holds them; one an app, so that several apps may live in one process.
    """

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        gauges = {
            "hitcast_model_version": "version that answers by default; 0 before the first",
            "hitcast_model_is_selected": "1 while the version that answers is the selected one",
            "hitcast_registry_up": "1 while the registry answers",
            "hitcast_log_up": "1 while answers are logged",
            "hitcast_log_lag_seconds": "age of the log segment that is being written",
            "hitcast_log_lost": "answers that could not be logged since the start",
        }
        self._gauges = {
            name: Gauge(name, text, registry=self.registry, multiprocess_mode="mostrecent")
            for name, text in gauges.items()
        }
        self._reloads = Counter(
            "hitcast_model_reloads", "changes of the default version", ["result"],
            registry=self.registry,
        )  # fmt: skip
        self._probabilities = Probabilities()
        self.registry.register(self._probabilities)
        self._counted = {"done": 0, "failed": 0}

    def scored(self, probabilities: Sequence[float]) -> None:
        """Count answers by their probability."""
        self._probabilities.add(probabilities)

    def refresh(self, switch: Switchboard, log: InferenceLog | None) -> None:
        """Take the gauges' values; to be called now and then."""
        state = {
            "hitcast_model_version": switch.default.number if switch.default else 0,
            "hitcast_model_is_selected": switch.default is not None and switch.problem is None,
            "hitcast_registry_up": switch.registry_problem() is None,
            "hitcast_log_up": log is not None and log.problem is None,
            "hitcast_log_lag_seconds": log.lag if log else 0,
            "hitcast_log_lost": log.lost if log else 0,
        }
        for name, value in state.items():
            self._gauges[name].set(float(value))
        for result, count in switch.reloads.items():
            self._reloads.labels(result).inc(count - self._counted[result])
        self._counted = dict(switch.reloads)
