"""Reading MLlib's node tables; whole ensembles are compared with Spark in test_export."""

from typing import Any

import numpy as np

from hitcast.portable.trees import build_tree
from tests.portable.graphs import run_trees


def row(
    number: int, answer: float = 0.0, children: tuple[int, int] = (-1, -1), **split: Any
) -> Any:
    left, right = children
    return {
        "id": number,
        "prediction": answer,
        "leftChild": left,
        "rightChild": right,
        "split": {"featureIndex": 0, **split},
    }


def answers(values: list[float], *table: Any) -> list[float]:
    tree = build_tree(list(table), lambda node: float(node["prediction"]))
    found: list[float] = run_trees([tree], np.array(values).reshape(-1, 1)).tolist()
    return found


def test_a_value_at_the_threshold_goes_left() -> None:
    top = row(0, children=(1, 2), leftCategoriesOrThreshold=[0.1], numCategories=-1)
    found = answers([0.1, float(np.nextafter(0.1, 1)), np.nan], top, row(1, 1.0), row(2, 2.0))
    assert found == [1.0, 2.0, 2.0]


def test_a_category_in_neither_set_goes_to_the_side_of_the_larger() -> None:
    few = row(0, children=(1, 2), leftCategoriesOrThreshold=[0.0], numCategories=4)
    most = row(0, children=(1, 2), leftCategoriesOrThreshold=[0.0, 1.0, 3.0], numCategories=4)
    values = [0.0, 1.0, 2.0, 3.0, 9.0, np.nan]
    assert answers(values, few, row(1, 1.0), row(2, 2.0)) == [1.0, 2.0, 2.0, 2.0, 2.0, 2.0]
    assert answers(values, most, row(1, 1.0), row(2, 2.0)) == [1.0, 1.0, 2.0, 1.0, 1.0, 1.0]


def test_a_split_with_all_categories_on_one_side_is_no_split() -> None:
    every = row(0, children=(1, 2), leftCategoriesOrThreshold=[0.0, 1.0], numCategories=2)
    assert answers([0.0, 1.0, 5.0], every, row(1, 1.0), row(2, 2.0)) == [1.0, 1.0, 1.0]


def test_rows_of_the_table_may_come_in_any_order() -> None:
    top = row(0, children=(1, 2), leftCategoriesOrThreshold=[0.0], numCategories=-1)
    low = row(2, children=(3, 4), leftCategoriesOrThreshold=[5.0], numCategories=-1)
    table = [row(4, 4.0), low, row(1, 1.0), top, row(3, 3.0)]
    assert answers([-1.0, 1.0, 9.0], *table) == [1.0, 3.0, 4.0]
