"""What the model sees of a row: inputs as they are declared, and what is computed of them."""

import pandas as pd

from hitcast.declaration.columns import Column
from hitcast.declaration.use_case import UseCase
from hitcast.exploring.words import counted, listed

SHOWN = ("name", "role", "type", "unit", "meaning")
KINDS = (
    ("quantity", "quantities"),
    ("category", "categories"),
    ("text", "texts"),
    ("text of words", "texts of words"),
)


def tell_inputs(use_case: UseCase) -> pd.DataFrame:
    """What the model sees.

    Returns:
        One row a column: `name`, `role`, `type`, `unit`, `meaning`, and in `more` what else is
        declared of it, such as its range, or what it is computed of and how.
    """
    lines = []
    for column in use_case.modelled():
        given = column.model_dump(exclude_defaults=True, exclude={"required", "names", "example"})
        more = [f"{name}: {value}" for name, value in given.items() if name not in SHOWN]
        lines.append({name: given.get(name, "") for name in SHOWN} | {"more": ", ".join(more)})
    return pd.DataFrame(lines)


def inputs_in_words(use_case: UseCase) -> list[str]:
    """How many columns of which kind the model sees, what is computed, and what it does not see."""
    modelled = use_case.modelled()
    kinds = [_kind(column) for column in modelled]
    there = [counted(kinds.count(one), one, many) for one, many in KINDS if one in kinds]
    seen = {column.name for column in modelled}
    left = [c.name for c in use_case.source_columns if c.name not in seen and c.role != "label"]
    told = [f"The model sees {listed(there)} of a {use_case.entity}."]
    computed = [f"{column.name} (of {listed(list(column.of))})" for column in use_case.derive]
    if computed:
        told.append(f"Computed from what callers give: {listed(computed)}.")
    if left:
        told.append(f"It does not see by itself: {listed(left)}.")
    return told


def _kind(column: Column) -> str:
    if column.vocabulary is not None:
        return "text of words"
    return "quantity" if column.is_quantity else column.type
