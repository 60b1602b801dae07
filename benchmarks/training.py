"""Training on the full-size twin, or on a CSV: Hitcast beside single-process peers.

Hitcast searches four families with cross-validation; the peers are fitted once, as they come.
All are judged on the same test rows. Run as `make bench-training`.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

import pandas as pd

from benchmarks.ingest import FULL
from benchmarks.peers import PEERS, paired_bootstrap, positive_probability, split_rows
from benchmarks.table import print_table, run_timed
from hitcast.declaration.loading import load_use_case
from hitcast.declaration.use_case import UseCase
from hitcast.models.metrics import Scored
from hitcast.models.registry import Registry
from hitcast.portable.scorer import Scorer
from hitcast.running.home import Home
from hitcast.running.session import get_session
from hitcast.tables.lakehouse import Lakehouse
from hitcast.training.data import TrainingData, read_training_data, to_columns

TARGET = 600.0


def main() -> int:
    """Ingest, train, fit the peers, print the table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rows", type=int, default=FULL, help="rows of the twin")
    options.add_argument("--csv", type=Path, help="real rows instead of the twin")
    options.add_argument("--home", type=Path, help="keep everything here (default: temporary)")
    options.add_argument("--train", nargs=argparse.REMAINDER, default=[], help="for jobs/train.py")
    given = options.parse_args()
    use_case = load_use_case()
    with tempfile.TemporaryDirectory() as scratch:
        home = Home.resolve(given.home or scratch)
        source = ["--csv", given.csv] if given.csv else ["--twin", str(given.rows)]
        run_timed([sys.executable, "jobs/ingest.py", "--home", home.folder, *source])
        job = run_timed([sys.executable, "jobs/train.py", "--home", home.folder, *given.train])
        data, train, test = _rows(home, use_case)
        scorer = _scorer(home, use_case, job.result["version"], Path(scratch))
        rows = _compare(use_case, train, test, scorer, job.result, job.seconds)
    kind = "generated" if data.generated else "real"
    print_table(f"Training on {len(train):,} {kind} rows, {len(test):,} test rows", rows)
    families = {name: cv["areaUnderPR"] for name, cv in job.result["families"].items()}
    print(f"cross-validated areaUnderPR by family: {families}")
    print(f"target on the full-size twin: the whole job in {TARGET:.0f} s or less")
    return 0


def _rows(home: Home, use_case: UseCase) -> tuple[TrainingData, pd.DataFrame, pd.DataFrame]:
    spark = get_session("hitcast benchmark")
    gold = Lakehouse(spark, home.lakehouse, use_case.name, home.schema).gold
    data = read_training_data(gold, use_case, version=None, folds=3, seed=0)
    train, test = data.train.toPandas(), data.test.toPandas()
    spark.stop()
    return data, train, test


def _scorer(home: Home, use_case: UseCase, version: int, scratch: Path) -> Scorer:
    return Scorer.load(
        Registry(home, home.model(use_case.name)).download_scorer(version, scratch / "scorer")
    )


def _compare(
    use_case: UseCase,
    train: pd.DataFrame,
    test: pd.DataFrame,
    scorer: Scorer,
    result: dict[str, object],
    seconds: float,
) -> list[dict[str, object]]:
    """One row for Hitcast's winner, one for each peer."""
    train_rows, test_rows = split_rows(train, test, use_case)
    columns = to_columns(test, [c.name for c in use_case.features])
    ours = scorer.probabilities(columns)
    rows: list[dict[str, object]] = []

    def add(who: str, probability: "object", took: float, low_high: str) -> None:
        scored = Scored(test_rows.label, probability)  # type: ignore[arg-type]
        metrics = scored.metrics(scored.best_f1_threshold())
        rows.append(
            {
                "who": who,
                "seconds": took,
                "areaUnderPR": metrics["areaUnderPR"],
                "areaUnderROC": metrics["areaUnderROC"],
                "best f1": metrics["f1"],
                "Hitcast's lead in areaUnderPR (95 %)": low_high,
            }
        )

    add(f"Hitcast: {result['best']}, search and report included", ours, seconds, "-")
    for name, fit in PEERS.items():
        began = time.perf_counter()
        probability = positive_probability(fit(train_rows), test_rows)
        took = time.perf_counter() - began
        low, mean, high = paired_bootstrap(test_rows.label, ours, probability, draws=200)
        add(name, probability, took, f"{mean:+.4f} ({low:+.4f} to {high:+.4f})")
    return rows


if __name__ == "__main__":
    sys.exit(main())
