"""Quality on a real sample, over several splits: no peer is better beyond chance.

For each of several salts, Hitcast's own jobs train with their defaults; the peers are fitted on
the same training rows, FLAML among them; all are judged on the same test rows. What is told is
the mean over the splits of how far Hitcast leads, with its 95 % interval over artists. Exits with
1 where a peer is better beyond chance in any metric. Run as `make bench-quality`.
"""

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from benchmarks.automl import METRIC, flaml
from benchmarks.comparison import rows_of, scorer_of
from benchmarks.leads import Judged, lead, mean
from benchmarks.peers import (
    LINEAR,
    TREES,
    Array,
    Rows,
    peers_of,
    probabilities_of,
    split_rows,
)
from benchmarks.samples import METRICS_OF, PRIOR_OF, extract_of, path_of, weights_of
from benchmarks.table import ROOT, print_table, print_targets, run_timed
from hitcast.declaration.loading import load_use_case
from hitcast.portable.blend import log_odds, sigmoid
from hitcast.running.home import Home
from hitcast.running.job import say
from hitcast.training.data import to_columns
from hitcast.training.split import UNIT

OURS, MEAN, FLAML = "Hitcast", "mean of scikit-learn's two log-odds", "FLAML"
DRAWS = 2000


def main() -> int:
    """Train, fit the peers, print the tables; returns 1 if a peer is better beyond chance."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--use-case", default="spotify", help="whose sample")
    options.add_argument("--csv", type=Path, help="real rows (default: the sample)")
    options.add_argument("--splits", type=int, default=5, help="how many salts")
    options.add_argument("--flaml-seconds", type=float, default=300.0, help="a split; 0: none")
    options.add_argument("--flaml-metric", default=METRIC, help="what it selects by: ap, log_loss")
    options.add_argument("--train", nargs=argparse.REMAINDER, default=[], help="for jobs/train.py")
    given = options.parse_args()
    given.csv = given.csv or path_of(given.use_case)
    if not given.csv.is_file():
        sys.exit(f"expected real rows at {given.csv}; name them by --csv or HITCAST_SAMPLES")
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        ingested = scratch / "ingested"
        words = ["--use-case", given.use_case, "--home", ingested]
        extract = extract_of(given.use_case, given.csv, scratch)
        run_timed([sys.executable, "jobs/ingest.py", *words, *extract])
        told, seconds = [], []
        splits = []
        for number in range(given.splits):
            judged, trained, took = _split(scratch / str(number), ingested, number, given)
            splits.append(judged)
            told.append({"split": number + 1, "rows": len(judged.label), **trained})
            seconds.append(took)
            say(f"split {number + 1} of {given.splits}: {_ranked(judged, given.use_case)}")
    print_table("Trainings", told)
    means = {who: float(np.mean([s[who] for s in seconds])) for who in seconds[0]}
    return _tell(splits, means, METRICS_OF[given.use_case])


def _split(
    scratch: Path, ingested: Path, number: int, given: argparse.Namespace
) -> tuple[Judged, dict[str, object], dict[str, float]]:
    """One split: what all say of its test rows, what the training told, who took how long."""
    shutil.copytree(ingested, scratch / "home")
    name = given.use_case
    conf, home = _salted(scratch / "conf", name, f"quality-{number}"), Home(scratch / "home")
    words = ["--use-case", name, "--home", home.folder, "--no-promote", *given.train]
    job = run_timed([sys.executable, "jobs/train.py", *words], HITCAST_CONF=str(conf))
    use_case = load_use_case(name, folder=conf)
    _, train, test = rows_of(home, use_case)
    scorer = scorer_of(home, use_case, job.result["version"], scratch)
    columns = to_columns(test, [c.name for c in use_case.features])
    probabilities, seconds = {OURS: scorer.probabilities(columns)}, {OURS: job.seconds}
    train_rows, test_rows = split_rows(train, test, use_case)
    for who, predict in _peers(name, given.flaml_seconds, given.flaml_metric).items():
        began = time.perf_counter()
        probabilities[who] = _at_prior(predict(train_rows, test_rows), train_rows, name)
        seconds[who] = time.perf_counter() - began
    if {LINEAR, TREES} <= set(probabilities):
        both = np.mean([log_odds(probabilities[who]) for who in (LINEAR, TREES)], axis=0)
        probabilities[MEAN], seconds[MEAN] = sigmoid(both), seconds[LINEAR] + seconds[TREES]
    weights = weights_of(name, home, use_case, test)
    at = {OURS: job.result["threshold"]}
    judged = Judged(test_rows.label, test[UNIT].to_numpy(), probabilities, weights, at)
    told = {metric: job.result["test"][metric] for metric in METRICS_OF[name]}
    return judged, {"best": job.result["best"], **told}, seconds


def _salted(folder: Path, name: str, salt: str) -> Path:
    """The declaration with another salt, in a folder of its own."""
    declared = yaml.safe_load((ROOT / f"conf/{name}.yml").read_text(encoding="utf-8"))
    declared["split"]["salt"] = salt
    if name in PRIOR_OF:
        declared["training"]["prior"] = PRIOR_OF[name]
    folder.mkdir()
    text = yaml.safe_dump(declared, sort_keys=False, allow_unicode=True)
    (folder / f"{name}.yml").write_text(text, encoding="utf-8")
    return folder


def _at_prior(probabilities: Array, train: Rows, name: str) -> Array:
    """Probabilities where as many rows are positive as in the whole data, as Hitcast is told."""
    if name not in PRIOR_OF:
        return probabilities
    wanted, had = log_odds(np.array([PRIOR_OF[name], train.label.mean()]))
    return sigmoid(log_odds(probabilities) + wanted - had)


def _peers(use_case: str, seconds: float, metric: str) -> dict[str, Callable[[Rows, Rows], Array]]:
    """From training and test rows to probabilities, by name; `seconds` and `metric` are FLAML's."""

    def fitted(fit: Callable[[Rows], Any]) -> Callable[[Rows, Rows], Array]:
        return lambda train, test: probabilities_of(fit(train), test)

    peers = {name: fitted(fit) for name, fit in peers_of(use_case).items()}
    if seconds and use_case != "lyrics":
        peers[FLAML] = lambda train, test: flaml(train, test, seconds, metric)
    return peers


def _tell(splits: list[Judged], seconds: dict[str, float], metrics: Sequence[str]) -> int:
    """Print all models and Hitcast's leads; returns 1 if a peer is better beyond chance."""
    lines, targets = [], []
    for who in splits[0].probabilities:
        line = {"who": who, "seconds": seconds[who]}
        of_two = splits[0].measured(OURS).scored.classes == 2
        shown = (*metrics, "calibration_slope") if of_two else metrics
        line |= {metric: f"{mean(splits, who, metric):.4f}" for metric in shown}
        led = {} if who == OURS else lead(splits, OURS, who, metrics, draws=DRAWS)
        line |= {f"lead in {metric}": str(led.get(metric, "-")) for metric in metrics}
        lines.append(line)
        targets += [
            (f"lead over {who} in {metric}, upper end of 95 %", held.high, 0.0, False)
            for metric, held in led.items()
        ]
    rows = sum(len(split.label) for split in splits)
    print_table(f"Means over {len(splits)} splits, {rows:,} test rows in all", lines)
    print("A lead is Hitcast's: above 0, Hitcast is better; its 95 % interval is over artists.")
    return print_targets(targets)


def _ranked(judged: Judged, use_case: str) -> str:
    metric = METRICS_OF[use_case][0]
    found = {who: mean([judged], who, metric) for who in judged.probabilities}
    best_first = sorted(found.items(), key=lambda item: -item[1])
    return f"{metric} " + ", ".join(f"{who} {value:.4f}" for who, value in best_first)


if __name__ == "__main__":
    sys.exit(main())
