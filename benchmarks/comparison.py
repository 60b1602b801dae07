"""One training by the jobs beside the peers, all fitted and judged on the same rows."""

import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from benchmarks.leads import Judged, lead
from benchmarks.peers import PEERS, Array, probabilities_of, split_rows
from benchmarks.table import Timed, print_table, run_timed
from hitcast.declaration.loading import load_use_case
from hitcast.declaration.use_case import UseCase
from hitcast.models.bootstrap import Interval
from hitcast.models.metrics import Scored
from hitcast.models.registry import Registry
from hitcast.models.thresholds import best_f1_threshold
from hitcast.portable.scorer import Scorer
from hitcast.running.home import Home
from hitcast.running.session import get_session
from hitcast.tables.lakehouse import Lakehouse
from hitcast.training.data import TrainingData, read_training_data, to_columns
from hitcast.training.split import UNIT

METRIC = "average_precision"


@dataclass(frozen=True)
class Compared:
    """What a training told, and how far it leads each peer in average_precision."""

    result: Any
    leads: dict[str, Interval]


def compare(
    source: Sequence[str | Path],
    training: Sequence[str],
    folder: Path | None = None,
    *,
    draws: int = 200,
) -> Compared:
    """Ingest and train by the jobs, then fit the peers on the same rows; prints the table.

    Args:
        source: Options of jobs/ingest.py.
        training: Options of jobs/train.py.
        folder: The home; a temporary one if not given.
        draws: Of the bootstrap.
    """
    use_case = load_use_case()
    with tempfile.TemporaryDirectory() as scratch:
        home = Home.resolve(folder or scratch)
        run_timed([sys.executable, "jobs/ingest.py", "--home", home.folder, *source])
        job = run_timed([sys.executable, "jobs/train.py", "--home", home.folder, *training])
        data, train, test = rows_of(home, use_case)
        scorer = scorer_of(home, use_case, job.result["version"], Path(scratch))
        rows, leads = _lines(use_case, train, test, scorer, job, draws)
    kind = "generated" if data.generated else "real"
    print_table(f"Training on {len(train):,} {kind} rows, {len(test):,} test rows", rows)
    families = [
        {"family": name, **{metric: cv[metric] for metric in ("average_precision", "areaUnderROC")}}
        for name, cv in job.result["families"].items()
    ]
    print_table("Families, cross-validated", families)
    return Compared(job.result, leads)


def rows_of(home: Home, use_case: UseCase) -> tuple[TrainingData, pd.DataFrame, pd.DataFrame]:
    """The training and test rows of a home's gold."""
    spark = get_session("hitcast benchmark")
    gold = Lakehouse(spark, home.lakehouse, use_case.name, home.schema).gold
    data = read_training_data(gold, use_case, version=None, folds=3, seed=0)
    train, test = data.train.toPandas(), data.test.toPandas()
    spark.stop()
    return data, train, test


def scorer_of(home: Home, use_case: UseCase, version: int, scratch: Path) -> Scorer:
    """A registered version, copied into `scratch`."""
    return Scorer.load(
        Registry(home, home.model(use_case.name)).download_scorer(version, scratch / "scorer")
    )


def _lines(
    use_case: UseCase,
    train: pd.DataFrame,
    test: pd.DataFrame,
    scorer: Scorer,
    job: Timed,
    draws: int,
) -> tuple[list[dict[str, object]], dict[str, Interval]]:
    """One line for Hitcast's winner, one for each peer; and Hitcast's lead over each."""
    train_rows, test_rows = split_rows(train, test, use_case)
    columns = to_columns(test, [c.name for c in use_case.features])
    ours = scorer.probabilities(columns)
    lines: list[dict[str, object]] = []
    groups, leads = test[UNIT].to_numpy(), {}

    def add(who: str, probability: Array, took: float, led: object) -> None:
        scored = Scored(test_rows.label, probability)
        metrics = scored.metrics(best_f1_threshold(scored))
        lines.append(
            {
                "who": who,
                "seconds": took,
                "average_precision": metrics["average_precision"],
                "areaUnderROC": metrics["areaUnderROC"],
                "best f1": metrics["f1"],
                "Hitcast's lead in average_precision (95 %)": led,
            }
        )

    add(f"Hitcast: {job.result['best']}, search and report included", ours, job.seconds, "-")
    for name, fit in PEERS.items():
        began = time.perf_counter()
        probability = probabilities_of(fit(train_rows), test_rows)
        took = time.perf_counter() - began
        judged = Judged(test_rows.label, groups, {"ours": ours, name: probability})
        leads[name] = lead([judged], "ours", name, [METRIC], draws=draws)[METRIC]
        add(name, probability, took, leads[name])
    return lines, leads
