"""What a notebook looks at: the gold table at one version, and what its rows are called."""

from dataclasses import dataclass

from pyspark.sql import DataFrame

from hitcast.declaration.columns import Column
from hitcast.declaration.use_case import UseCase
from hitcast.features.label import with_label
from hitcast.tables.delta import Table


@dataclass(frozen=True)
class Subject:
    """Gold's rows with their label.

    Attributes:
        use_case: Names the columns.
        rows: One row a key: gold's columns, and `label` (1.0: positive).
        version: Gold's version that they are read at.
        generated: Whether they were generated.
    """

    use_case: UseCase
    rows: DataFrame
    version: int
    generated: bool

    @property
    def noun(self) -> str:
        """What the rows are called: "tracks", or "generated tracks"."""
        return f"{'generated ' if self.generated else ''}{self.use_case.entity}s"

    @property
    def positive(self) -> str:
        """What a positive row is."""
        return self.use_case.label.output

    @property
    def rule(self) -> str:
        """From where on a row is positive, with the unit."""
        label = self.label
        unit = f" {label.unit}" if label.unit else ""
        if self.use_case.label.at_least is None:
            return self.use_case.label.told
        return f"{label.name} of {self.use_case.label.at_least:g}{unit} or more"

    @property
    def note(self) -> str:
        """The line under each picture: what the rows are."""
        return f"{'generated' if self.generated else 'real'} rows, gold version {self.version}"

    @property
    def warning(self) -> list[str]:
        """What to know before reading on, where the rows were generated."""
        if not self.generated:
            return []
        return [
            f"These {self.use_case.entity}s are generated. They imitate the real ones, so that all "
            "of this works without them; nothing below is a finding about real ones."
        ]

    @property
    def label(self) -> Column:
        """The column that the label is drawn from."""
        return self.use_case.column(self.use_case.label.column)

    @property
    def numbers(self) -> list[Column]:
        """The numeric inputs: roles feature and context."""
        return list(self.use_case.numbers)

    @property
    def context(self) -> list[Column]:
        """The numeric inputs that are no feature of the thing itself, such as when it came out."""
        return [column for column in self.numbers if column.role == "context"]


def open_subject(gold: Table, use_case: UseCase, version: int | None = None) -> Subject:
    """Open gold, at `version` or as it stands now, and label its rows.

    Raises:
        SourceError: if there is no such table or version; says what to run.
    """
    rows = gold.read(version).transform(with_label(use_case.label))
    return Subject(
        use_case, rows, gold.version() if version is None else version, gold.is_generated()
    )
