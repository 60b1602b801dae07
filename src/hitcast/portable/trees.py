"""Export of MLlib's trees: random forest, gradient-boosted trees.

Nodes are read as JSON from the JVM, by the function with which MLlib itself writes a model's
node table: one call a tree instead of several a node, and no folder that driver and executors
would have to share.
"""

import json
from collections.abc import Callable, Mapping
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

NODE_TABLE = "org.apache.spark.ml.tree.DecisionTreeModelReadWrite$NodeData$"
JSON_WRITER = "org.json4s.jackson.Serialization$"
JSON_FORMATS = "org.json4s.DefaultFormats$"

NodeRow = Mapping[str, Any]


def _scala_object(jvm: Any, name: str) -> Any:
    return getattr(getattr(jvm, name), "MODULE$")


def read_nodes(stage: Any) -> list[list[NodeRow]]:
    """The node table of each tree, root first, as MLlib would save it."""
    from pyspark.sql import SparkSession

    session = SparkSession.getActiveSession()
    jvm = getattr(session, "_jvm", None)
    if jvm is None:
        raise ExportError(
            f"stage {stage.uid} holds trees, which are read from Spark's JVM; this session has "
            "none within reach. Export in a classic session, on the driver, not over Connect."
        )
    table, formats = _scala_object(jvm, NODE_TABLE), _scala_object(jvm, JSON_FORMATS)
    writer = _scala_object(jvm, JSON_WRITER)
    return [
        json.loads(writer.write(table.build(tree.rootNode(), 0)._1(), formats))
        for tree in stage._java_obj.trees()
    ]


def build_tree(nodes: list[NodeRow], weight_of: Callable[[NodeRow], float]) -> Tree:
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


def _share_of_ones(node: NodeRow) -> float:
    zeros, ones = node["impurityStats"]
    return float(ones / (zeros + ones))


def _require_two_classes(stage: Any) -> None:
    if stage.numClasses != 2:
        raise ExportError(
            f"stage {stage.uid} tells {stage.numClasses} classes apart; a portable scorer "
            "supports two. Train on a label of 0 and 1."
        )


def forest(stage: Any, graph: Graph, features: list[Piece]) -> str:
    """P(label = 1) of a random forest: average share of ones in the leaves."""
    _require_two_classes(stage)
    trees = [build_tree(nodes, _share_of_ones) for nodes in read_nodes(stage)]
    return add_tree_ensemble(graph, graph.matrix(features), trees, Aggregate.AVERAGE)


def boosted_trees(stage: Any, graph: Graph, features: list[Piece]) -> str:
    """P(label = 1) of gradient-boosted trees: sigmoid of twice the weighted sum of answers."""
    trees = []
    for nodes, weight in zip(read_nodes(stage), stage.treeWeights, strict=True):

        def answer(node: NodeRow, factor: float = 2.0 * weight) -> float:
            return factor * float(node["prediction"])

        trees.append(build_tree(nodes, answer))
    margin = add_tree_ensemble(graph, graph.matrix(features), trees, Aggregate.SUM)
    return graph.node("Sigmoid", margin, width=1)
