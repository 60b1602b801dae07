"""The comparison report of a training: one HTML page with its pictures inside."""

import base64
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, select_autoescape

from hitcast.declaration.use_case import UseCase
from hitcast.training.data import TrainingData
from hitcast.training.importance import permutation_importance
from hitcast.training.looking import Looks, cells
from hitcast.training.metrics_files import by_class, class_names, write_metrics
from hitcast.training.options import TrainOptions
from hitcast.training.plots import draw_all
from hitcast.training.searches import FamilyResult
from hitcast.training.telling_words import telling_words, write_words
from hitcast.training.views import METRICS
from hitcast.training.winner import Winner


def write_report(
    folder: Path,
    *,
    winner: Winner,
    families: Sequence[FamilyResult],
    looks: Looks,
    data: TrainingData,
    use_case: UseCase,
    options: TrainOptions,
    commit: str,
) -> dict[str, float]:
    """Write `report.html`, its pictures, `views.json` and the metrics' files into `folder`.

    Returns:
        The winner's permutation importances, by raw column.
    """
    metric = use_case.training.metric
    importances = permutation_importance(
        winner.scorer,
        winner.test_rows,
        [c.name for c in use_case.features],
        metric=metric,
        seed=options.seed,
        prior=use_case.training.prior,
    )
    names = class_names(use_case.label.names, use_case.label.output)
    words = telling_words(winner.scorer, winner.test_rows, names, seed=options.seed)
    pictures = draw_all(
        folder,
        test=winner.scored,
        out_of_fold=data.rows.scored(winner.model.chosen.probability),
        threshold=winner.threshold,
        importances=importances,
        names=names,
        note=f"{'generated' if data.generated else 'real'} rows, gold version {data.table_version}",
    )
    environment = Environment(
        loader=PackageLoader("hitcast.training", "."), autoescape=select_autoescape()
    )
    page = environment.get_template("report.html").render(
        title=use_case.title,
        generated=data.generated,
        many=use_case.many,
        classes=names,
        by_class=by_class(winner.scored, winner.threshold, names),
        counts=data.counts,
        table_version=data.table_version,
        seed=options.seed,
        folds=options.folds,
        commit=commit,
        label=winner.scorer.card.label,
        metric=metric,
        metrics=list(winner.test),
        families=[_family(family) for family in families],
        members={m.result.name: m.weight for m in winner.model.members},
        blend=winner.model.chosen.blend,
        gain=winner.model.chosen.gain,
        cv=winner.model.summary,
        family=winner.model.family,
        calibration=winner.calibration,
        trials=[_trial(trial, metric) for family in families for trial in family.trials],
        threshold=winner.threshold,
        parity=winner.parity.max_abs_diff,
        test=winner.test,
        view_metrics=METRICS,
        views=[cells(view) for view in looks.whole],
        ablation=[cells(view) for view in looks.ablation],
        words=words,
        by=looks.by,
        by_value=[cells(view) for view in looks.by_value],
        pictures=[{"name": Path(p).stem, "data": inline(folder / p)} for p in pictures],
    )
    (folder / "report.html").write_text(page, encoding="utf-8")
    looks.save(folder / "views.json")
    write_words(folder, words)
    write_metrics(
        folder, test=winner.test, cv=winner.model.summary, scored=winner.scored,
        threshold=winner.threshold, names=names,
    )  # fmt: skip
    return importances


def _family(family: FamilyResult) -> dict[str, Any]:
    return {
        "name": family.name,
        "cv": family.best.summary(),
        "seconds": family.seconds,
        "rows": len(family.best.rows.ids),
    }


def _trial(trial: Any, metric: str) -> dict[str, Any]:
    return {
        "family": trial.family,
        "parameters": ", ".join(
            f"{k} = {v:.4g}" if isinstance(v, float) else f"{k} = {v}"
            for k, v in trial.parameters.items()
        ),
        "score": trial.mean(metric),
        "spread": trial.spread(metric),
        "roc": trial.mean("areaUnderROC"),
    }


def inline(picture: Path) -> str:
    """A PNG as an address that holds it, so that a page is one file."""
    return "data:image/png;base64," + base64.b64encode(picture.read_bytes()).decode()
