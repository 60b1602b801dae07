"""Quality on the real sample, over several splits: no peer is better beyond chance.

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
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from benchmarks.automl import METRIC, flaml
from benchmarks.comparison import rows_of, scorer_of
from benchmarks.leads import Judged, lead, mean
from benchmarks.peers import (
    LINEAR,
    PEERS,
    TREES,
    Array,
    Rows,
    positive_probability,
    split_rows,
)
from benchmarks.table import ROOT, print_table, print_targets, run_timed
from benchmarks.training import SAMPLE
from hitcast.declaration.loading import load_use_case
from hitcast.portable.blend import log_odds, sigmoid
from hitcast.running.home import Home
from hitcast.running.job import say
from hitcast.training.data import to_columns
from hitcast.training.split import UNIT

OURS, MEAN, FLAML = "Hitcast", "mean of scikit-learn's two log-odds", "FLAML"
METRICS = ("average_precision", "areaUnderROC", "log_loss")
SHOWN = (*METRICS, "calibration_slope")
DRAWS = 2000
USE_CASE = "spotify"


def main() -> int:
    """Train, fit the peers, print the tables; returns 1 if a peer is better beyond chance."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--csv", type=Path, default=SAMPLE, help="real rows (default: the sample)")
    options.add_argument("--splits", type=int, default=5, help="how many salts")
    options.add_argument("--flaml-seconds", type=float, default=300.0, help="a split; 0: none")
    options.add_argument("--flaml-metric", default=METRIC, help="what it selects by: ap, log_loss")
    options.add_argument("--train", nargs=argparse.REMAINDER, default=[], help="for jobs/train.py")
    given = options.parse_args()
    if not given.csv.is_file():
        sys.exit(f"expected real rows at {given.csv}; name them by --csv or HITCAST_SAMPLE")
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        ingested = scratch / "ingested"
        run_timed([sys.executable, "jobs/ingest.py", "--home", ingested, "--csv", given.csv])
        told, seconds = [], []
        splits = []
        for number in range(given.splits):
            judged, trained, took = _split(scratch / str(number), ingested, number, given)
            splits.append(judged)
            told.append({"split": number + 1, "rows": len(judged.label), **trained})
            seconds.append(took)
            say(f"split {number + 1} of {given.splits}: {_ranked(judged)}")
    print_table("Trainings", told)
    return _tell(splits, {who: float(np.mean([s[who] for s in seconds])) for who in seconds[0]})


def _split(
    scratch: Path, ingested: Path, number: int, given: argparse.Namespace
) -> tuple[Judged, dict[str, object], dict[str, float]]:
    """One split: what all say of its test rows, what the training told, who took how long."""
    shutil.copytree(ingested, scratch / "home")
    conf, home = _salted(scratch / "conf", f"quality-{number}"), Home(scratch / "home")
    words = ["--home", home.folder, "--no-promote", *given.train]
    job = run_timed([sys.executable, "jobs/train.py", *words], HITCAST_CONF=str(conf))
    use_case = load_use_case(USE_CASE, folder=conf)
    _, train, test = rows_of(home, use_case)
    scorer = scorer_of(home, use_case, job.result["version"], scratch)
    columns = to_columns(test, [c.name for c in use_case.features])
    probabilities, seconds = {OURS: scorer.probabilities(columns)}, {OURS: job.seconds}
    train_rows, test_rows = split_rows(train, test, use_case)
    for name, predict in _peers(given.flaml_seconds, given.flaml_metric).items():
        began = time.perf_counter()
        probabilities[name] = predict(train_rows, test_rows)
        seconds[name] = time.perf_counter() - began
    both = np.mean([log_odds(probabilities[name]) for name in (LINEAR, TREES)], axis=0)
    probabilities[MEAN], seconds[MEAN] = sigmoid(both), seconds[LINEAR] + seconds[TREES]
    judged = Judged(test_rows.label, test[UNIT].to_numpy(), probabilities)
    return judged, {"best": job.result["best"], **_some(job.result["test"])}, seconds


def _salted(folder: Path, salt: str) -> Path:
    """The declaration with another salt, in a folder of its own."""
    declared = yaml.safe_load((ROOT / f"conf/{USE_CASE}.yml").read_text(encoding="utf-8"))
    declared["split"]["salt"] = salt
    folder.mkdir()
    text = yaml.safe_dump(declared, sort_keys=False, allow_unicode=True)
    (folder / f"{USE_CASE}.yml").write_text(text, encoding="utf-8")
    return folder


def _peers(seconds: float, metric: str) -> dict[str, Callable[[Rows, Rows], Array]]:
    """From training and test rows to probabilities, by name; `seconds` and `metric` are FLAML's."""

    def fitted(fit: Callable[[Rows], Any]) -> Callable[[Rows, Rows], Array]:
        return lambda train, test: positive_probability(fit(train), test)

    peers = {name: fitted(fit) for name, fit in PEERS.items()}
    if seconds:
        peers[FLAML] = lambda train, test: flaml(train, test, seconds, metric)
    return peers


def _tell(splits: list[Judged], seconds: dict[str, float]) -> int:
    """Print all models and Hitcast's leads; returns 1 if a peer is better beyond chance."""
    lines, targets = [], []
    for who in splits[0].probabilities:
        line = {"who": who, "seconds": seconds[who]}
        line |= {metric: f"{mean(splits, who, metric):.4f}" for metric in SHOWN}
        led = {} if who == OURS else lead(splits, OURS, who, METRICS, draws=DRAWS)
        line |= {f"lead in {metric}": str(led.get(metric, "-")) for metric in METRICS}
        lines.append(line)
        targets += [
            (f"lead over {who} in {metric}, upper end of 95 %", held.high, 0.0, False)
            for metric, held in led.items()
        ]
    rows = sum(len(split.label) for split in splits)
    print_table(f"Means over {len(splits)} splits, {rows:,} test rows in all", lines)
    print("A lead is Hitcast's: above 0, Hitcast is better; its 95 % interval is over artists.")
    return print_targets(targets)


def _ranked(judged: Judged) -> str:
    found = {who: mean([judged], who, METRICS[0]) for who in judged.probabilities}
    best_first = sorted(found.items(), key=lambda item: -item[1])
    return f"{METRICS[0]} " + ", ".join(f"{who} {value:.4f}" for who, value in best_first)


def _some(metrics: dict[str, float]) -> dict[str, float]:
    return {name: metrics[name] for name in METRICS}


if __name__ == "__main__":
    sys.exit(main())
