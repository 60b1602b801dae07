"""Columns that are computed of others, by a statement of Spark's `SQLTransformer`.

What has to be learnt, such as the quantiles where a spline bends, stands in the statement, so that
a fitted pipeline is made of Spark ML's own stages. The statement also says in a comment what it
computes, for those who have to do the same elsewhere.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from pyspark.ml import Estimator
from pyspark.ml.feature import SQLTransformer
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from hitcast.declaration.tokens import TokenRule
from hitcast.features.words import literal, tokens_sql
from hitcast.tables.names import col

DAY, HOUR, LAST_HOUR = 86_400.0, 3_600.0, 23.0
SPLINE = "spline"
KNOTS_AT = (0.05, 0.35, 0.65, 0.95)
"""The shares of the training rows below the values where a spline bends."""
MOST_VALUES = 500
"""As many values have a frequency of their own, the most frequent ones."""
ACCURACY = 10_000
TOLD = re.compile(r"/\* hitcast (?P<told>.*) \*/\Z", re.DOTALL)


@dataclass(frozen=True)
class Computed:
    """One column that a statement adds.

    Attributes:
        name: What it is called.
        how: `ratio`, `difference`, `hour_of_day`, `frequency`, `log1p`, `hinge` (what is above the
            knot), `words` (of a text); before a fit also `spline`, which becomes hinges.
        of: The columns that it is computed of.
        knot: Of a hinge.
        shares: Of a frequency: values, texts or whole numbers, each with its share.
        rule: Of words: how they are found and counted.
    """

    name: str
    how: str
    of: tuple[str, ...]
    knot: float = 0.0
    shares: tuple[tuple[str | int, float], ...] = ()
    rule: TokenRule | None = None


def hinges(name: str) -> list[str]:
    """The columns that a spline of a column has, beside the column itself."""
    return [f"_{name}_spline_{number}_" for number in range(len(KNOTS_AT))]


class Computing(Estimator[SQLTransformer]):
    """Fits a statement: knots and frequencies are those of the rows that it is fitted on."""

    def __init__(self, wanted: Sequence[Computed]) -> None:
        super().__init__()
        self._wanted = tuple(wanted)

    def _fit(self, dataset: DataFrame) -> SQLTransformer:
        splines = [c.of[0] for c in self._wanted if c.how == SPLINE]
        knots = dict(zip(splines, _quantiles(dataset, splines), strict=True))
        found: list[Computed] = []
        for column in self._wanted:
            if column.how == SPLINE:
                (source,) = column.of
                places = zip(hinges(column.name), knots[source], strict=True)
                found += [Computed(name, "hinge", column.of, knot) for name, knot in places]
            elif column.how == "frequency":
                found.append(replace(column, shares=_shares(dataset, column.of[0])))
            else:
                found.append(column)
        return SQLTransformer(statement=statement_of(found))


def _quantiles(rows: DataFrame, names: Sequence[str]) -> list[list[float]]:
    if not names:
        return []
    wanted = [
        F.percentile_approx(col(name).cast("double"), list(KNOTS_AT), ACCURACY).alias(f"_{place}_")
        for place, name in enumerate(names)
    ]
    (found,) = rows.agg(*wanted).collect()
    return [list(values) if values else [0.0] * len(KNOTS_AT) for values in found]


def _shares(rows: DataFrame, name: str) -> tuple[tuple[str | int, float], ...]:
    counts = rows.groupBy(col(name).alias("value")).agg(F.count("*").alias("rows"))
    total = rows.count()
    best = counts.where("value IS NOT NULL").orderBy(F.col("rows").desc(), "value")
    return tuple((r["value"], r["rows"] / total) for r in best.limit(MOST_VALUES).collect())


def statement_of(columns: Sequence[Computed]) -> str:
    """The statement that adds columns."""
    # A star may begin or end a comment, which JSON knows another way to write.
    told = json.dumps([_told(column) for column in columns]).replace("*", "\\u002a")
    added = ", ".join(f"{_expression(column)} AS `{column.name}`" for column in columns)
    return f"SELECT *, {added} FROM __THIS__ /* hitcast {told} */"


def computed_of(statement: str) -> list[Computed] | None:
    """What a statement adds; None where it is none of those that `statement_of` makes."""
    found = TOLD.search(statement)
    if found is None:
        return None
    try:
        columns = [_from_json(told) for told in json.loads(found["told"])]
        return columns if statement_of(columns) == statement else None
    except (ValueError, TypeError, KeyError):
        return None


def _told(column: Computed) -> dict[str, Any]:
    """A column as JSON has it; statements of old know no rule, nor do those of other columns."""
    told = asdict(column)
    return told if column.rule is not None else {k: v for k, v in told.items() if k != "rule"}


def _from_json(told: dict[str, Any]) -> Computed:
    shares = tuple((value, share) for value, share in told["shares"])
    rule = TokenRule.from_json(told["rule"]) if "rule" in told else None
    return Computed(**{**told, "of": tuple(told["of"]), "shares": shares, "rule": rule})


def _expression(column: Computed) -> str:
    if column.rule is not None:
        return tokens_sql(f"`{column.of[0]}`", column.rule)
    x, *others = (f"CAST(`{name}` AS DOUBLE)" for name in column.of)
    if column.how == "ratio":
        return f"{x} / NULLIF({others[0]}, 0D)"
    if column.how == "difference":
        return f"{x} - {others[0]}"
    if column.how == "hour_of_day":
        of_day = f"({x} - FLOOR({x} / {DAY}D) * {DAY}D)"
        # Just before midnight a day may come out as 24 hours; LEAST would make 23 of null too.
        hour = f"FLOOR({of_day} / {HOUR}D)"
        return f"CAST(IF({hour} > {LAST_HOUR}D, {LAST_HOUR}D, {hour}) AS INT)"
    if column.how == "log1p":
        return f"SIGN({x}) * LN(1D + ABS({x}))"
    if column.how == "hinge":
        return f"GREATEST({x} - ({column.knot!r}D), 0D)"
    if column.how == "frequency":
        pairs = ", ".join(f"{_literal(value)}, {share!r}D" for value, share in column.shares)
        looked_up = f"TRY_ELEMENT_AT(MAP({pairs}), `{column.of[0]}`)"
        return f"COALESCE({looked_up}, 0D)" if pairs else "0D"
    raise ValueError(f"unknown way {column.how!r}")


def _literal(value: str | int) -> str:
    return literal(value) if isinstance(value, str) else str(value)
