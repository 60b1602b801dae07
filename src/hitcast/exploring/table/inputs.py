"""What the model gets of a row: its inputs, as they are declared."""

import pandas as pd

from hitcast.declaration.columns import Column
from hitcast.declaration.use_case import UseCase
from hitcast.exploring.words import counted, listed

SHOWN = ("name", "role", "type", "unit", "meaning")
KINDS = (
    ("quantity", "quantities"),
    ("category", "categories"),
    ("text", "texts"),
)


def tell_inputs(use_case: UseCase) -> pd.DataFrame:
    """The inputs of a use case.

    Returns:
        One row an input: `name`, `role`, `type`, `unit`, `meaning`, and in `more` what else is
        declared of it, such as its range.
    """
    lines = []
    for column in use_case.features:
        given = column.model_dump(exclude_defaults=True, exclude={"required", "names", "example"})
        more = [f"{name}: {value}" for name, value in given.items() if name not in SHOWN]
        lines.append({name: given.get(name, "") for name in SHOWN} | {"more": ", ".join(more)})
    return pd.DataFrame(lines)


def inputs_in_words(use_case: UseCase) -> list[str]:
    """How many inputs of which kind there are, and what is left out."""
    kinds = [_kind(column) for column in use_case.features]
    there = [counted(kinds.count(one), one, many) for one, many in KINDS if one in kinds]
    inputs = {column.name for column in use_case.features}
    left = [c.name for c in use_case.source_columns if c.name not in inputs and c.role != "label"]
    told = [f"The model gets {listed(there)} of a {use_case.entity}."]
    if left:
        told.append(f"Not among its inputs: {listed(left)}.")
    return told


def _kind(column: Column) -> str:
    return "quantity" if column.is_quantity else column.type
