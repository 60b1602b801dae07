import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hitcast.portable.tree_ensemble import Aggregate, Comparison, Leaf, Split, Tree
from tests.portable.graphs import run_trees

FEATURES = 3
VALUES = st.sampled_from([math.nan, -1.0, 0.0, 1.0, 2.0, 30.0, 31.0, 63.0, 64.0, 65.0, 100.0, 1e9])
LEAVES = st.floats(-1, 1).map(Leaf)


def splits(children: st.SearchStrategy[Tree]) -> st.SearchStrategy[Tree]:
    members = st.sets(st.integers(0, 100), min_size=1, max_size=70).map(tuple)
    return st.builds(
        Split,
        feature=st.integers(0, FEATURES - 1),
        test=st.sampled_from(Comparison),
        yes=children,
        no=children,
        threshold=st.sampled_from([-0.5, 0.0, 1.0, 30.5, 64.0]),
        members=members,
        missing_is_yes=st.booleans(),
    )


TREES = st.recursive(LEAVES, splits, max_leaves=12)


def answer(tree: Tree, row: Sequence[float]) -> float:
    """What a tree says, by its definition."""
    while isinstance(tree, Split):
        value = row[tree.feature]
        if math.isnan(value):
            yes = tree.missing_is_yes
        elif tree.test == Comparison.MEMBER:
            yes = value in tree.members
        else:
            yes = value < tree.threshold or (
                tree.test == Comparison.AT_MOST and value == tree.threshold
            )
        tree = tree.yes if yes else tree.no
    return tree.weight


@settings(max_examples=150, deadline=None)
@given(
    trees=st.lists(TREES, min_size=1, max_size=5),
    rows=st.lists(st.tuples(VALUES, VALUES, VALUES), min_size=1, max_size=40),
    aggregate=st.sampled_from(Aggregate),
)
def test_the_node_answers_as_the_trees_do(
    trees: list[Tree], rows: list[tuple[float, ...]], aggregate: Aggregate
) -> None:
    expected = np.array([sum(answer(tree, row) for tree in trees) for row in rows])
    if aggregate == Aggregate.AVERAGE:
        expected = expected / len(trees)
    actual = run_trees(trees, np.array(rows), aggregate)
    np.testing.assert_allclose(actual, expected, rtol=0, atol=1e-14)


def test_a_lone_leaf_after_other_trees_keeps_its_own_weight() -> None:
    split = Split(0, Comparison.BELOW, yes=Leaf(1.0), no=Leaf(2.0), threshold=0.0)
    trees: list[Tree] = [split, Leaf(10.0), split, Leaf(100.0)]
    np.testing.assert_array_equal(run_trees(trees, np.array([[-1.0], [1.0]])), [112.0, 114.0])


def test_thresholds_are_not_rounded_to_single_precision() -> None:
    threshold = 0.1
    tree = Split(0, Comparison.AT_MOST, yes=Leaf(1.0), no=Leaf(0.0), threshold=threshold)
    rows = np.array([[threshold], [np.nextafter(threshold, 1)]])
    np.testing.assert_array_equal(run_trees([tree], rows), [1.0, 0.0])


@pytest.mark.parametrize("rows", [1, 2, 5000])
def test_an_average_of_certain_trees_is_exactly_one(rows: int) -> None:
    trees = [Leaf(1.0)] * 49
    actual = run_trees(trees, np.zeros((rows, 1)), Aggregate.AVERAGE)
    np.testing.assert_array_equal(actual, np.ones(rows))


def test_depth_is_not_limited_by_recursion() -> None:
    tree: Tree = Leaf(-1.0)
    for depth in reversed(range(3000)):
        tree = Split(0, Comparison.AT_MOST, yes=Leaf(float(depth)), no=tree, threshold=float(depth))
    np.testing.assert_array_equal(run_trees([tree], np.array([[2500.5], [7.0]])), [2501.0, 7.0])
