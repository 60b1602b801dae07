"""A whole training: read, search, refit, measure, export, report, register, promote."""

import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pyspark.sql import SparkSession

from hitcast.declaration.use_case import UseCase
from hitcast.models.tracking import Tracker, cv_metrics, git_commit
from hitcast.models.version_tags import GENERATED_TAG, TABLE_ID
from hitcast.running.home import Home
from hitcast.running.job import say
from hitcast.running.session import has_jvm
from hitcast.tables.keeping import let_go
from hitcast.tables.lakehouse import Lakehouse
from hitcast.training.data import TrainingData, read_training_data
from hitcast.training.families import Families
from hitcast.training.insights import find_insights
from hitcast.training.looking import look_around
from hitcast.training.members import Model, fit_model
from hitcast.training.options import TrainOptions, within_reach
from hitcast.training.progress import Progress
from hitcast.training.registering import register
from hitcast.training.report import write_report
from hitcast.training.searches import FamilyResult, cross_fit, search_families
from hitcast.training.views import View, view_metrics
from hitcast.training.winner import Winner, finish_winner

WORDS = 20
"""Of the example of a text, which belongs to nobody."""


def train(
    spark: SparkSession, use_case: UseCase, home: Home, options: TrainOptions
) -> dict[str, Any]:
    """Train on the gold table, register the best as a new version and judge it.

    Returns:
        What the job's JSON line holds.

    Raises:
        HitcastError: if there is no gold table, too few rows, or the portable scorer disagrees
            with Spark; nothing is registered then.
    """
    started = time.monotonic()
    options = within_reach(options, has_jvm(spark))
    lakehouse = Lakehouse(spark, home.lakehouse, use_case.name, home.schema)
    gold = lakehouse.gold
    gold.read(options.table_version)
    home.scratch.mkdir(parents=True, exist_ok=True)
    tracker = Tracker(home, home.experiment(use_case.name))
    commit = git_commit(options.commit)
    tags = {
        "git_commit": commit,
        "seed": str(options.seed),
        GENERATED_TAG: str(gold.is_generated()).lower(),
    }
    with tracker.run("train", {**tags, "hitcast.level": "training"}) as run_id:
        data = read_training_data(
            gold, use_case, version=options.table_version, folds=options.folds, seed=options.seed
        )
        tags |= {"table_version": str(data.table_version), TABLE_ID: gold.identity()}
        tracker.tag(tags)
        say(_told(data))
        with Progress() as progress:
            work = Families(data, use_case, options, tracker, progress)
            families = cross_fit(work, search_families(work))
            model = fit_model(work, families)
            work.release()
        with tempfile.TemporaryDirectory() as scratch:
            winner = finish_winner(model, data, use_case, Path(scratch, "scorer"), home.scratch)
            insights = find_insights(data.train, gold.read(data.table_version), use_case)
            insights.save(winner.folder)
            looks = look_around(winner, data, use_case, options)
            files = Path(scratch, "report")
            importances = write_report(
                files, winner=winner, families=families, looks=looks, data=data,
                use_case=use_case, options=options, commit=commit,
            )  # fmt: skip
            tracker.log_files(files)
            views = [*looks.whole, *looks.ablation]
            _log_winner(tracker, winner, data, options, families, importances, views)
            uri = tracker.log_scorer(winner.folder, _example(winner, use_case), tags)
        made = register(lakehouse, home, use_case, options, winner, uri, run_id, tags)
        let_go(data.train)
    return {
        "model": home.model(use_case.name),
        "version": made.number,
        "best": model.family,
        "members": {member.result.name: round(member.weight, 6) for member in model.members},
        "parameters": _parameters(model),
        "generated": data.generated,
        "rows": data.counts,
        "cv": model.summary,
        "test": winner.test,
        "threshold": winner.threshold,
        "parity_max_abs_diff": winner.parity.max_abs_diff,
        "aliases": made.aliases,
        "decision": made.decision,
        "reasons": list(made.reasons),
        "table_version": data.table_version,
        "families": {f.name: {**f.best.summary(), "rows": len(f.best.rows.ids)} for f in families},
        "left_out": work.left_out,
        "seconds": round(time.monotonic() - started, 1),
    }


def _parameters(model: Model) -> dict[str, Any]:
    """The parameters of what answers, by family where it is several."""
    found = {str(member.result.name): member.result.best.parameters for member in model.members}
    return found if len(found) > 1 else next(iter(found.values()))


def _told(data: TrainingData) -> str:
    kind = "generated" if data.generated else "real"
    c = data.counts
    classes = ", ".join(
        f"{count} {name.removeprefix('train_')}"
        for name, count in c.items()
        if name.startswith("train_")
    )
    return (
        f"gold version {data.table_version}: {c['train']} training rows ({classes}; "
        f"{c['tuning']} for tuning), {c['test']} test rows, all {kind}"
    )


def _log_winner(
    tracker: Tracker,
    winner: Winner,
    data: TrainingData,
    options: TrainOptions,
    families: Sequence[FamilyResult],
    importances: dict[str, float],
    views: Sequence[View],
) -> None:
    model = winner.model
    gain = model.chosen.gain
    tracker.log(
        {
            "best": model.family,
            **{f"weight_{m.result.name}": m.weight for m in model.members},
            "search": options.search,
            **{f"trials_{f.name}": len(f.trials) for f in families},
            "folds": options.folds,
            "seed": options.seed,
            "table_version": data.table_version,
            **{f"rows_{name}": count for name, count in data.counts.items()},
        },
        {
            **cv_metrics(model.summary),
            **({} if gain is None else {"blend_gain": gain.value, "blend_gain_error": gain.error}),
            **{f"test_{name}": value for name, value in winner.test.items()},
            **{f"importance_{name}": value for name, value in importances.items()},
            **{
                f"{name}{end}": value
                for name, found in winner.calibration.items()
                for end, value in (("", found.value), ("_low", found.low), ("_high", found.high))
            },
            **view_metrics(views),
            **({} if winner.threshold is None else {"threshold": winner.threshold}),
            "parity_max_abs_diff": winner.parity.max_abs_diff,
        },
    )


def _example(winner: Winner, use_case: UseCase) -> dict[str, Any]:
    """The raw inputs of one test row; of texts of words, some that the model knows."""
    # Column by column: a row of numbers alone would make doubles of whole ones.
    found = {c.name: winner.test_rows[c.name].iloc[0] for c in use_case.features}
    known = {name: list(counter.places) for name, counter in winner.scorer.counters.items()}
    return found | {name: " ".join(words[:WORDS]) for name, words in known.items()}
