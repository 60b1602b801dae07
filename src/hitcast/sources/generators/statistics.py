"""The statistics that rows are drawn from: a file in `conf/statistics/`, no line of real data.

`python -m benchmarks.statistics` makes one of real lines.
"""

from collections.abc import Mapping
from pathlib import Path

from pydantic import Field, ValidationError, model_validator

from hitcast.declaration.section import Section
from hitcast.errors import SourceError
from hitcast.sources.generators.inventing import WordStatistics


class ColumnStatistics(Section):
    """What is known of a column: quantiles or shares, by class, or that it numbers the rows.

    Attributes:
        quantiles: The values at the file's levels.
        decimals: What quantiles' values are rounded to; 0 makes whole numbers.
        shares: The share of each value.
        serial: Whether rows are numbered from 1.
        missing: The share of rows that have no value, where some have none.
        words: Of texts that are read word by word.
    """

    quantiles: Mapping[str, tuple[float, ...]] = {}
    decimals: int = Field(default=0, ge=0, le=12)
    shares: Mapping[str, Mapping[str, float]] = {}
    serial: bool = False
    missing: Mapping[str, float] = {}
    words: WordStatistics | None = None


class Statistics(Section):
    """What rows are drawn from.

    Attributes:
        note: Where it comes from.
        classes: The share of each class.
        levels: The shares of rows, from 0 to 1, below each of a column's quantiles.
        columns: What is known of each column, that of the label among them.
        correlated: The columns that `correlations` are of; all others are drawn by themselves.
        correlations: By class: of each column's normal scores with those of the columns before it.
    """

    note: str
    classes: Mapping[str, float] = Field(min_length=1)
    levels: tuple[float, ...] = Field(min_length=2)
    columns: Mapping[str, ColumnStatistics]
    correlated: tuple[str, ...] = ()
    correlations: Mapping[str, tuple[tuple[float, ...], ...]] = {}

    @model_validator(mode="after")
    def _everything_is_there_for_each_class(self) -> "Statistics":
        if (self.levels[0], self.levels[-1]) != (0.0, 1.0) or list(self.levels) != sorted(
            set(self.levels)
        ):
            raise ValueError("levels rise from 0 to 1")
        for name, column in self.columns.items():
            lengths = column.words.lengths if column.words is not None else {}
            if sum(map(bool, (column.quantiles, column.shares, column.serial, lengths))) != 1:
                raise ValueError(f"{name}: one of quantiles, shares, serial and words is needed")
            for found in filter(None, (column.quantiles, column.shares, lengths)):
                if set(found) != set(self.classes):
                    raise ValueError(f"{name}: expected {list(self.classes)}, got {list(found)}")
            of_classes = (*column.quantiles.values(), *lengths.values())
            if any(len(values) != len(self.levels) for values in of_classes):
                raise ValueError(f"{name}: each class needs {len(self.levels)} quantiles")
            if (name in self.correlated) != bool(column.quantiles):
                raise ValueError(f"{name}: correlated are the columns that have quantiles")
        sizes = list(range(len(self.correlated)))
        if any([len(row) for row in self.correlations.get(c, ())] != sizes for c in self.classes):
            raise ValueError(f"correlations: each class needs rows of {sizes} numbers")
        return self


def load_statistics(path: Path) -> tuple[Statistics, bytes]:
    """Read statistics from a file.

    Returns:
        The statistics, and the file as it is.

    Raises:
        SourceError: if there is no such file, or it holds none.
    """
    again = "derive it with python -m benchmarks.statistics"
    if not path.is_file():
        raise SourceError(f"expected statistics to draw rows from in {path}, found none; {again}")
    content = path.read_bytes()
    try:
        return Statistics.model_validate_json(content), content
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        told = first["msg"].removeprefix("Value error, ")
        place = ".".join(map(str, first["loc"]))
        raise SourceError(
            f"{path} does not hold statistics: {': '.join(filter(None, (place, told)))}; {again}"
        ) from None
