"""A trained scorer becomes a version of the registered model, and is judged."""

from hitcast.declaration.use_case import UseCase
from hitcast.features.label import LABEL
from hitcast.models.promotion import NOT_JUDGED, REASON_TAG, TestRows, promote
from hitcast.models.registry import STAGING, Registry
from hitcast.running.home import Home
from hitcast.running.job import say
from hitcast.training.data import TrainingData, to_columns
from hitcast.training.options import TrainOptions
from hitcast.training.winner import Winner


def register(
    home: Home,
    use_case: UseCase,
    options: TrainOptions,
    winner: Winner,
    data: TrainingData,
    uri: str,
    run_id: str,
    tags: dict[str, str],
) -> tuple[int, list[str]]:
    """Register the scorer and judge it, or leave it as `staging`; returns version and aliases."""
    registry = Registry(home, home.model(use_case.name))
    members = winner.model.members
    number = registry.register(
        uri,
        run_id,
        {
            **tags,
            "hitcast.family": winner.model.family,
            "hitcast.spark_model": ", ".join(member.model_uri for member in members),
            "hitcast.spark_run": ", ".join(member.result.run_id for member in members),
        },
    )
    if options.promote:
        names = [c.name for c in use_case.features]
        rows = TestRows(
            to_columns(winner.test_rows, names),
            winner.test_rows[LABEL].to_numpy(float),
            data.generated,
        )
        decision = promote(registry, use_case, number, rows)
        say(f"version {number}: {decision.alias} ({'; '.join(decision.reasons)})")
    else:
        registry.tag(number, REASON_TAG, f"{NOT_JUDGED}: run jobs/promote.py")
        registry.set_alias(STAGING, number)
    return number, list(registry.version(number).aliases)
