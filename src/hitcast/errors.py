"""The package's own errors.

Each says what was expected, what arrived and what to do about it. They all subclass
`HitcastError`, which the jobs turn into one line on stderr and a non-zero exit status.
"""

from collections.abc import Mapping, Sequence
from typing import Any


class HitcastError(ValueError):
    """Base of every error that a user can act on."""


class UseCaseError(HitcastError):
    """A declaration in `conf/` does not hold together."""


class SourceError(HitcastError):
    """A source (Kaggle, CSV file, table) can't be read as the use case expects."""


class NoRowsError(SourceError):
    """A file is as it should be, but that no rows are in it."""


class StoppedError(SourceError):
    """Some of the work is done and stays, the rest is not.

    Attributes:
        result: What the job's last line tells of it.
    """

    def __init__(self, told: str, result: Mapping[str, Any]) -> None:
        super().__init__(told)
        self.result = dict(result)


class LakehouseError(HitcastError):
    """The tables can't be changed now."""


class GateError(HitcastError):
    """An extract did not pass a gate, and nothing of it goes further than bronze."""


class RefusedError(GateError):
    """One extract did not pass.

    Attributes:
        told: Why, without what to do about it.
        gates: Those that it did not pass.
    """

    def __init__(self, told: str, advice: str, gates: Sequence[str]) -> None:
        super().__init__(f"{told}; {advice}")
        self.told = told
        self.gates = tuple(gates)


class MissingColumnsError(HitcastError):
    """A step needs columns that the DataFrame does not have."""


class GeneratedRowsError(HitcastError):
    """Real and generated rows, or the models trained on them, would mix."""


class ExportError(HitcastError):
    """A fitted pipeline can't be written as a portable scorer."""


class ParityError(HitcastError):
    """The portable scorer and Spark disagree on the same rows."""


class ScorerInputError(HitcastError):
    """Rows handed to a scorer do not fit its input schema."""


class CatalogError(HitcastError):
    """A catalog's schema is named by half."""


class RegistryError(HitcastError):
    """A model version or alias does not exist, or can't be set."""


class ExperimentError(HitcastError):
    """An experiment can't be judged from what there is."""


class SpaceError(HitcastError):
    """A public demo can't be put together from what there is."""


class EndpointError(HitcastError):
    """An endpoint does not answer as asked."""


class BundleError(HitcastError):
    """A Databricks bundle does not hold together; starts with file and line."""


class EnvironmentSetupError(HitcastError):
    """The machine lacks something that set-up can't bring."""
