"""Decision trees, and the one ONNX node that runs an ensemble of them in double precision."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, TypeAlias

import numpy as np
from onnx import numpy_helper

from hitcast.portable.graph import ML_DOMAIN, Graph

LEAF_OF_SPLIT = 1


class Comparison(IntEnum):
    """What a split asks of its feature; the numbers are those of the ONNX operator."""

    AT_MOST = 0
    BELOW = 1
    MEMBER = 6


class Aggregate(IntEnum):
    """How the trees' answers become one; the numbers are those of the ONNX operator."""

    AVERAGE = 0
    SUM = 1


@dataclass(frozen=True)
class Leaf:
    """An answer."""

    weight: float


@dataclass(frozen=True)
class Split:
    """A question about one feature, with the subtree for each answer.

    Attributes:
        feature: Column of the feature matrix.
        test: What is asked.
        threshold: What the feature is compared with; unused by `Comparison.MEMBER`.
        members: The set of whole numbers of `Comparison.MEMBER`.
        yes: Subtree where the answer is yes.
        no: Subtree where it is no.
        missing_is_yes: Where NaN goes; NaN passes no test by itself.
    """

    feature: int
    test: Comparison
    yes: "Tree"
    no: "Tree"
    threshold: float = 0.0
    members: tuple[int, ...] = ()
    missing_is_yes: bool = False


Tree: TypeAlias = Leaf | Split


@dataclass
class _Table:
    """The operator's attributes: one entry a split, one entry a leaf."""

    features: list[int] = field(default_factory=list)
    tests: list[int] = field(default_factory=list)
    thresholds: list[float] = field(default_factory=list)
    members: list[float] = field(default_factory=list)
    missing_is_yes: list[int] = field(default_factory=list)
    children: dict[bool, list[int]] = field(default_factory=lambda: {True: [], False: []})
    is_leaf: dict[bool, list[int]] = field(default_factory=lambda: {True: [], False: []})
    weights: list[float] = field(default_factory=list)
    targets: list[int] = field(default_factory=list)
    roots: list[int] = field(default_factory=list)

    def add_tree(self, tree: Tree, target: int) -> None:
        """Append a tree that adds to one output.

        Splits wait on a stack, so that depth is not limited by Python's.
        """
        if isinstance(tree, Leaf):
            # onnxruntime mistakes a root whose branches are one leaf; two equal leaves are safe.
            tree = Split(0, Comparison.AT_MOST, yes=tree, no=Leaf(tree.weight))
        self.roots.append(len(self.features))
        waiting: list[tuple[Split, bool, int] | tuple[Split, None, None]] = [(tree, None, None)]
        while waiting:
            split, answer, parent = waiting.pop()
            here = self._add_split(split)
            if answer is not None and parent is not None:
                self.children[answer][parent] = here
            for side in (False, True):
                child = split.yes if side else split.no
                if isinstance(child, Leaf):
                    self.children[side][here] = len(self.weights)
                    self.is_leaf[side][here] = LEAF_OF_SPLIT
                    self.weights.append(child.weight)
                    self.targets.append(target)
                else:
                    waiting.append((child, side, here))

    def _add_split(self, split: Split) -> int:
        self.features.append(split.feature)
        self.tests.append(int(split.test))
        self.thresholds.append(split.threshold)
        self.missing_is_yes.append(int(split.missing_is_yes))
        if split.test == Comparison.MEMBER:
            # NaN closes each set.
            self.members += [*map(float, sorted(split.members)), float("nan")]
        for side in (True, False):
            self.children[side].append(-1)
            self.is_leaf[side].append(0)
        return len(self.features) - 1

    def attributes(self) -> dict[str, Any]:
        """The operator's attributes under their names."""

        def doubles(values: Sequence[float]) -> Any:
            return numpy_helper.from_array(np.array(values, dtype=np.float64), "values")

        found = {
            "tree_roots": self.roots,
            "nodes_featureids": self.features,
            "nodes_modes": numpy_helper.from_array(np.array(self.tests, np.uint8), "modes"),
            "nodes_splits": doubles(self.thresholds),
            "nodes_missing_value_tracks_true": self.missing_is_yes,
            "nodes_truenodeids": self.children[True],
            "nodes_falsenodeids": self.children[False],
            "nodes_trueleafs": self.is_leaf[True],
            "nodes_falseleafs": self.is_leaf[False],
            "leaf_weights": doubles(self.weights),
            "leaf_targetids": self.targets,
        }
        if self.members:
            found["membership_values"] = doubles(self.members)
        return found


def add_tree_ensemble(
    graph: Graph, features: str, trees: Sequence[Tree], aggregate: Aggregate, targets: int = 1
) -> str:
    """Add the node that runs `trees` over the matrix `features`; its output is [N, targets].

    Trees add to the outputs in turn: the first to the first, the next one to the next.
    """
    table = _Table()
    for place, tree in enumerate(trees):
        table.add_tree(tree, place % targets)
    return graph.node(
        "TreeEnsemble",
        features,
        width=targets,
        domain=ML_DOMAIN,
        n_targets=targets,
        aggregate_function=int(aggregate),
        post_transform=0,
        **table.attributes(),
    )
