"""What a notebook looks at: the gold table at one version, and what its rows are called."""

from dataclasses import dataclass
from functools import cached_property

from pyspark.sql import DataFrame

from hitcast.declaration.columns import Column
from hitcast.declaration.use_case import UseCase
from hitcast.exploring.classes import Kind, kinds_of
from hitcast.exploring.words import title_of
from hitcast.features.label import with_label
from hitcast.tables.delta import Table


@dataclass(frozen=True)
class Scale:
    """A quantity that the label is drawn from: from `at_least` on a row is positive."""

    column: Column
    at_least: float


@dataclass(frozen=True)
class Subject:
    """Gold's rows with their label.

    Attributes:
        use_case: Names the columns.
        rows: One row a key: gold's columns, and `label` (the number of the class).
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
        return f"{'generated ' if self.generated else ''}{self.use_case.many}"

    @cached_property
    def kinds(self) -> tuple[Kind, ...]:
        """The classes, the positive one of two first."""
        return kinds_of(self.use_case)

    @property
    def has_two_classes(self) -> bool:
        """Whether one class is the positive one."""
        return len(self.kinds) == 2

    @property
    def positive(self) -> str:
        """What a positive row is; of more classes than two, none is."""
        return self.use_case.positive

    @property
    def rule(self) -> str:
        """What makes a row positive, with the unit; of more classes than two, what they are."""
        if self.scale is None:
            return self.use_case.label.told
        column = self.scale.column
        unit = f" {column.unit}" if column.unit else ""
        return f"{column.name} of {self.scale.at_least:g}{unit} or more"

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
            f"These {self.use_case.many} are generated. They imitate the real ones, so that all "
            "of this works without them; nothing below is a finding about real ones."
        ]

    @property
    def label(self) -> Column:
        """The column that the label is drawn from."""
        return self.use_case.column(self.use_case.label.column)

    @property
    def scale(self) -> Scale | None:
        """The quantity of which positive rows have enough; None where the label is another one."""
        at_least = self.use_case.label.at_least
        return None if at_least is None else Scale(self.label, at_least)

    @property
    def numbers(self) -> list[Column]:
        """The inputs that are quantities: roles feature and context."""
        return list(self.use_case.numbers)

    @property
    def context(self) -> list[Column]:
        """The quantities that are no feature of the thing itself, such as when it came out."""
        return [column for column in self.numbers if column.role == "context"]

    @property
    def categories(self) -> list[Column]:
        """The inputs that are whole numbers which stand for something."""
        return [column for column in self.use_case.features if column.type == "category"]

    @property
    def texts(self) -> list[Column]:
        """The inputs that are texts of one value, the one that the use case compares by first."""
        found = [c for c in self.use_case.features if c.type == "text" and c.vocabulary is None]
        profiles = self.use_case.profiles
        return sorted(found, key=lambda c: profiles is None or c.name != profiles.by)

    def title(self, name: str) -> str:
        """What a column is called; one that is not declared has its name as it is."""
        declared = name in self.use_case.column_names
        return title_of(self.use_case.column(name)) if declared else name


def open_subject(gold: Table, use_case: UseCase, version: int | None = None) -> Subject:
    """Open gold, at `version` or as it stands now, and label its rows.

    Raises:
        SourceError: if there is no such table or version; says what to run.
    """
    rows = gold.read(version).transform(with_label(use_case.label))
    return Subject(
        use_case, rows, gold.version() if version is None else version, gold.is_generated()
    )
