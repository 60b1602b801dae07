"""Statistics of real lines, which rows are drawn from: quantiles, shares, correlations, no line.

python -m benchmarks.statistics --use-case NAME --file PATH > conf/statistics/NAME.json
"""

import argparse
import json
from collections.abc import Mapping
from pathlib import Path
from statistics import NormalDist
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.word_figures import word_figures
from hitcast.declaration.columns import Column
from hitcast.declaration.loading import load_use_case
from hitcast.declaration.use_case import UseCase

LEVELS = (0, 0.002, 0.01, 0.025, *(n / 20 for n in range(1, 20)), 0.975, 0.99, 0.998, 1)
FEW = 12
"""A whole number with no more values than this has shares, not quantiles."""
MANY = 200
"""A name with more values than this tells who is who: its place is taken by numbers. A text that
models see keeps as many values, the most frequent ones."""
LEAST = 5
"""Lines that a value of such a text needs, to be nobody's own."""
NAMING = ("identity", "group")
DIGITS = 5
DECIMALS = 6
OUTER = 4
"""How deep statistics have lines of their own."""


def main() -> None:
    """Print the statistics of a CSV file."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.statistics", description=__doc__)
    parser.add_argument("--use-case", required=True)
    parser.add_argument("--file", type=Path, required=True, help="real lines, as CSV or JSON lines")
    parser.add_argument(
        "--share", action="append", default=[], metavar="CLASS=SHARE",
        help="of a class, where the file was not drawn at random; others keep their proportions",
    )  # fmt: skip
    parser.add_argument("--note", default="", help="where the file comes from")
    given = parser.parse_args()
    told = {name: float(share) for name, _, share in (text.rpartition("=") for text in given.share)}
    use_case = load_use_case(given.use_case)
    is_json = ".jsonl" in given.file.name
    rows = pd.read_json(given.file, lines=True) if is_json else pd.read_csv(given.file)
    print(as_text(statistics_of(rows, use_case, told, given.note)))


def statistics_of(
    rows: pd.DataFrame, use_case: UseCase, shares: Mapping[str, float], note: str
) -> dict[str, Any]:
    """The statistics of real rows, as `hitcast.sources.generators.statistics` has them.

    Args:
        rows: The lines, with the columns that are declared; others are ignored.
        use_case: Says which class a row is of.
        shares: What some classes' shares are, where they are not those of the rows.
        note: Where the rows come from.
    """
    classes = _classes(rows[use_case.label.column], use_case)
    columns = {c.name: _column(c, rows[c.name], classes) for c in use_case.source_columns}
    numbers = [name for name, found in columns.items() if "quantiles" in found]
    return {
        "note": " ".join([f"Statistics of {len(rows)} lines; none of them is in here.", note]),
        "classes": _shares(classes, shares),
        "levels": [float(level) for level in LEVELS],
        "columns": columns,
        "correlated": numbers,
        "correlations": {
            name: _correlations(rows.loc[classes == name, numbers])
            for name in sorted(classes.unique())
        },
    }


def as_text(found: Any, depth: int = 0) -> str:
    """JSON with a line a column, class and statistic."""
    if not isinstance(found, Mapping) or depth == OUTER:
        return json.dumps(found, ensure_ascii=False)
    inner = (f"{json.dumps(name)}: {as_text(value, depth + 1)}" for name, value in found.items())
    return "{\n" + ",\n".join(" " * (depth + 1) + line for line in inner) + "}"


def _classes(label: pd.Series, use_case: UseCase) -> pd.Series:
    rule = use_case.label
    if rule.at_least is not None:
        return (label >= rule.at_least).map({True: "1", False: "0"})
    if rule.classes:
        return label.astype(str)
    return (label == rule.value).map({True: "1", False: "0"})


def _shares(classes: pd.Series, told: Mapping[str, float]) -> dict[str, float]:
    """The classes' shares; what is not told shares the rest."""
    found = classes.value_counts(normalize=True).sort_index()
    rest = 1 - sum(told.values())
    others = found[[name not in told for name in found.index]].sum()
    return {
        str(name): round(told.get(str(name), float(share) * rest / others if others else 0.0), 8)
        for name, share in found.items()
    }


def _column(column: Column, values: pd.Series, classes: pd.Series) -> dict[str, Any]:
    groups = {str(name): group for name, group in values.groupby(classes)}
    if column.vocabulary is not None:
        return {"words": word_figures(column.vocabulary, groups, LEVELS)}
    if _is_serial(column, values):
        return {"serial": True}
    if column.type in ("integer", "category"):
        # Beside missing ones, pandas makes doubles of whole numbers.
        groups = {name: group.astype("Int64") for name, group in groups.items()}
    missing = {name: round(float(g.isna().mean()), 6) for name, g in groups.items()}
    found: dict[str, Any] = {"missing": missing} if any(missing.values()) else {}
    few = column.type != "number" and values.nunique() <= FEW
    if few or not column.is_quantity:
        found["shares"] = _value_shares(column, values, groups)
        return found
    decimals = next(d for d in range(DECIMALS + 1) if d == DECIMALS or _fits(values, d))
    found["decimals"] = decimals
    found["quantiles"] = {
        name: [
            round(float(f"{value:.{DIGITS}g}"), decimals)
            for value in np.quantile(_inner(g) if column.private else g.dropna(), LEVELS)
        ]
        for name, g in groups.items()
    }
    return found


def _inner(values: pd.Series) -> NDArray[np.float64]:
    """All but the lowest and highest values, which are somebody's."""
    ordered = np.sort(values.dropna().to_numpy(float))
    inner = ordered[LEAST:-LEAST]
    return inner if len(inner) else np.array([np.median(ordered)])


def _is_serial(column: Column, values: pd.Series) -> bool:
    """Whether rows get a number each: what models see is drawn as it is spread, and as is legal."""
    if column.role == "key":
        return True
    many = values.nunique() > MANY
    if column.type != "text" or not (many or column.private):
        return False
    return column.role in NAMING or (many and values.value_counts().iloc[0] < LEAST)


def _value_shares(
    column: Column, values: pd.Series, groups: Mapping[str, pd.Series]
) -> dict[str, dict[str, float]]:
    """The share of each value by class; those of a private column are numbered."""
    counts = values.value_counts().sort_index().sort_values(ascending=False, kind="stable")
    kept = counts.index
    if column.type == "text" and len(counts) > MANY:
        kept = counts[counts >= LEAST].index[:MANY]
    first = 1 if column.minimum is None else int(column.minimum)
    named = {value: first + n if column.private else value for n, value in enumerate(kept)}

    def shares(group: pd.Series) -> dict[str, float]:
        found = group[group.isin(kept)].value_counts(normalize=True).sort_index()
        return {str(named[value]): round(float(share), 6) for value, share in found.items()}

    every = shares(values)
    return {name: shares(group) or every for name, group in groups.items()}


def _fits(values: pd.Series, decimals: int) -> bool:
    return bool(np.allclose(values.dropna(), values.dropna().round(decimals), rtol=0, atol=1e-9))


def _correlations(numbers: pd.DataFrame) -> list[list[float]]:
    """Correlations of normal scores, as small as it takes to contradict one another nowhere."""
    if numbers.columns.empty:
        return []
    inverse = NormalDist().inv_cdf
    ranks = (numbers.rank() - 0.5) / numbers.notna().sum()
    scores = ranks.fillna(0.5).map(inverse)
    whole: NDArray[np.float64] = scores.corr().fillna(0.0).to_numpy().copy()
    for shrink in (0.0, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05):
        rounded = np.round(whole * (1 - shrink), 4)
        np.fill_diagonal(rounded, 1.0)
        if np.linalg.eigvalsh(rounded)[0] > 1e-6:
            break
    return [[float(value) for value in rounded[n, :n]] for n in range(len(rounded))]


if __name__ == "__main__":
    main()
