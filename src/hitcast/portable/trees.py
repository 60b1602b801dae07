"""Export of MLlib's trees: random forest, gradient-boosted trees.

Nodes are read from the table that MLlib writes when it saves a model: it has all that a prediction
takes, and can be had over Spark Connect too, where no JVM is within reach.
"""

import re
import tempfile
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from hitcast.errors import ExportError
from hitcast.portable.graph import Graph, Piece
from hitcast.portable.tree_ensemble import (
    Aggregate,
    Comparison,
    Leaf,
    Split,
    Tree,
    add_tree_ensemble,
)

NodeRow = Mapping[str, Any]
NodeTable = Sequence[NodeRow]


def read_nodes(stage: Any, scratch: Path | None) -> list[NodeTable]:
    """The node table of each tree, root first, as MLlib saves it.

    Args:
        stage: A fitted ensemble of trees.
        scratch: A folder that Spark and this process both see; None: this machine's own for what
            is temporary.

    Raises:
        ExportError: if no session is active.
    """
    from pyspark.sql import SparkSession

    spark = SparkSession.getActiveSession()
    if spark is None:
        raise ExportError(f"stage {stage.uid} is read by Spark: no session is active, start one")
    with tempfile.TemporaryDirectory(dir=scratch, ignore_cleanup_errors=True) as folder:
        saved = str(Path(folder, "model"))
        stage.save(saved)
        # Spark takes these for patterns where it reads, though not where it writes.
        path = re.sub(r"[][{}*?\\]", r"\\\g<0>", saved)
        rows = spark.read.parquet(f"{path}/data").collect()
    found: dict[int, list[NodeRow]] = {}
    for row in rows:
        found.setdefault(row["treeID"], []).append(row["nodeData"])
    return [found[tree] for tree in sorted(found)]


def build_tree(nodes: NodeTable, weight_of: Callable[[NodeRow], float]) -> Tree:
    """One tree of a node table; `weight_of` is the answer of a leaf's row."""
    # Children follow their parent in the table, so that building from the end needs no recursion.
    built: dict[int, Tree] = {}
    for node in sorted(nodes, key=lambda row: -int(row["id"])):
        if node["leftChild"] < 0:
            built[node["id"]] = Leaf(weight_of(node))
        else:
            left, right = built[node["leftChild"]], built[node["rightChild"]]
            built[node["id"]] = _split(node["split"], left, right)
    return built[0]


def _split(split: Mapping[str, Any], left: Tree, right: Tree) -> Tree:
    values, count = split["leftCategoriesOrThreshold"], split["numCategories"]
    feature = int(split["featureIndex"])
    if count < 0:
        return Split(feature, Comparison.AT_MOST, yes=left, no=right, threshold=values[0])
    # MLlib keeps the smaller side's set: values in neither, such as NaN, go to the other side.
    chosen, yes, no = {int(value) for value in values}, left, right
    if len(values) > count // 2:
        chosen, yes, no = set(range(count)) - chosen, right, left
    if not chosen:
        return no
    return Split(feature, Comparison.MEMBER, yes=yes, no=no, members=tuple(sorted(chosen)))


def _share_of(number: int, node: NodeRow) -> float:
    """Share of a class among the rows of a node."""
    stats = node["impurityStats"]
    return float(stats[number] / sum(stats))


def forest(stage: Any, nodes: Sequence[NodeTable], graph: Graph, features: list[Piece]) -> str:
    """P(label = 1) of a random forest, or of each class: average share in the leaves."""
    numbers = [1] if stage.numClasses == 2 else list(range(stage.numClasses))
    trees = [build_tree(table, partial(_share_of, k)) for table in nodes for k in numbers]
    matrix, width = graph.matrix(features), len(numbers)
    if width == 1:
        return add_tree_ensemble(graph, matrix, trees, Aggregate.AVERAGE)
    # The operator would divide by the number of all trees, those of other classes too.
    total = add_tree_ensemble(graph, matrix, trees, Aggregate.SUM, width)
    return graph.node("Mul", total, graph.row([1.0 / len(nodes)]), width=width)


def boosted_trees(
    stage: Any, nodes: Sequence[NodeTable], graph: Graph, features: list[Piece]
) -> str:
    """P(label = 1) of gradient-boosted trees: sigmoid of twice the weighted sum of answers."""
    trees = []
    for table, weight in zip(nodes, stage.treeWeights, strict=True):

        def answer(node: NodeRow, factor: float = 2.0 * weight) -> float:
            return factor * float(node["prediction"])

        trees.append(build_tree(table, answer))
    margin = add_tree_ensemble(graph, graph.matrix(features), trees, Aggregate.SUM)
    return graph.node("Sigmoid", margin, width=1)
