"""Export of XGBoost on Spark, from the JSON form of its booster.

XGBoost sees float32 features, compares them with float32 thresholds by `<`, and sends missing
values to each split's default side. A category in a split's set goes right; any other one, unseen
ones included, goes left.
"""

import json
import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from hitcast.errors import ExportError
from hitcast.portable.graph import Graph, Piece
from hitcast.portable.linear import link
from hitcast.portable.tree_ensemble import (
    Aggregate,
    Comparison,
    Leaf,
    Split,
    Tree,
    add_tree_ensemble,
)

OBJECTIVES = ("binary:logistic", "multi:softprob")
FLOAT, DOUBLE = 1, 11


def xgboost_classifier(stage: Any, graph: Graph, features: list[Piece]) -> str:
    """P(label = 1) of a `SparkXGBClassifierModel`, or of each class."""
    booster = stage.get_booster()
    learner = json.loads(booster.save_raw("json"))["learner"]
    objective = learner["objective"]["name"]
    if objective not in OBJECTIVES:
        raise _refusal(stage, "objective", objective, OBJECTIVES)
    if stage.isDefined("base_margin_col") and stage.getOrDefault("base_margin_col"):
        raise _refusal(stage, "base_margin_col", stage.getOrDefault("base_margin_col"), ("none",))
    known = {slot: set(range(f.categories)) for slot, f in enumerate(features) if f.categories}
    trees = _trees(stage, learner, known)
    matrix = _as_xgboost_sees(stage, graph, features)
    base = _base_margins(learner)
    total = add_tree_ensemble(graph, matrix, trees, Aggregate.SUM, len(base))
    margin = graph.node("Add", total, graph.row(base), width=len(base))
    return link(graph, margin, len(base))


def _refusal(stage: Any, setting: str, value: str, allowed: tuple[str, ...]) -> ExportError:
    return ExportError(
        f"stage {stage.uid} has {setting}={value!r}; a portable scorer supports "
        f"{', '.join(allowed)}. Train with one of them."
    )


def _base_margins(learner: Mapping[str, Any]) -> list[float]:
    """What each output begins with: one of two classes, one a class of more."""
    # Written as "5E-1" or, since XGBoost 3.1, as a list: "[5E-1]".
    text = str(learner["learner_model_param"]["base_score"]).strip("[]")
    scores = [float(np.float32(part)) for part in text.split(",")]
    classes = int(learner["learner_model_param"]["num_class"])
    if classes > 2:
        return scores if len(scores) == classes else scores * classes
    # Of two classes it is a probability.
    return [math.log(scores[0] / (1.0 - scores[0]))]


def _as_xgboost_sees(stage: Any, graph: Graph, features: list[Piece]) -> str:
    """The features in float32 steps, `missing` as NaN."""
    width = len(features)
    values = graph.node("Cast", graph.matrix(features), to=FLOAT, width=width)
    values = graph.node("Cast", values, to=DOUBLE, width=width)
    missing = float(np.float32(stage.getOrDefault("missing")))
    if not math.isnan(missing):
        equal = graph.node("Equal", values, graph.row([missing]), width=width)
        values = graph.node("Where", equal, graph.row([math.nan]), values, width=width)
    return values


def _trees(stage: Any, learner: Mapping[str, Any], known: Mapping[int, set[int]]) -> list[Tree]:
    """The trees; `known` are all the values that a feature can have, where they are known."""
    booster, scale = learner["gradient_booster"], np.ones(0, np.float32)
    if booster["name"] == "dart":
        scale = np.array(booster["weight_drop"], np.float32)
        booster = booster["gbtree"]
    elif booster["name"] != "gbtree":
        raise _refusal(stage, "booster", booster["name"], ("gbtree", "dart"))
    if "best_iteration" in learner["attributes"]:
        # Only the rounds up to the best one would predict.
        raise _refusal(stage, "early_stopping_rounds", "set", ("none",))
    tables, info = booster["model"]["trees"], booster["model"]["tree_info"]
    classes = max(1, int(learner["learner_model_param"]["num_class"]))
    if info != [place % classes for place in range(len(info))]:
        raise _refusal(stage, "num_parallel_tree", "set", ("1",))
    scale = scale if len(scale) else np.ones(len(tables), np.float32)
    return [_tree(table, factor, known) for table, factor in zip(tables, scale, strict=True)]


def _tree(table: Mapping[str, Any], factor: np.float32, known: Mapping[int, set[int]]) -> Tree:
    sets = {
        node: tuple(table["categories"][start : start + size])
        for node, start, size in zip(
            table["categories_nodes"],
            table["categories_segments"],
            table["categories_sizes"],
            strict=True,
        )
    }
    lefts, rights = table["left_children"], table["right_children"]
    built: dict[int, Tree] = {}
    # A stack instead of recursion: trees grown leaf by leaf can be deep.
    waiting = [0]
    while waiting:
        node = waiting[-1]
        left, right = lefts[node], rights[node]
        if left < 0:
            built[node] = Leaf(float(np.float32(table["split_conditions"][node]) * factor))
        elif left in built and right in built:
            values = known.get(table["split_indices"][node], set())
            built[node] = _split(table, node, sets.get(node), values, built[left], built[right])
        else:
            waiting += [left, right]
            continue
        waiting.pop()
    return built[0]


def _split(
    table: Mapping[str, Any],
    node: int,
    members: tuple[int, ...] | None,
    values: set[int],
    left: Tree,
    right: Tree,
) -> Tree:
    feature, default_left = table["split_indices"][node], bool(table["default_left"][node])
    if members is None:
        threshold = float(np.float32(table["split_conditions"][node]))
        return Split(feature, Comparison.BELOW, left, right, threshold, missing_is_yes=default_left)
    yes, no, missing_is_yes = right, left, not default_left
    others = tuple(sorted(values - set(members)))
    if 0 < len(others) < len(members):
        # onnxruntime compares with one member after the other: ask for the shorter list.
        members, yes, no, missing_is_yes = others, left, right, default_left
    return Split(
        feature, Comparison.MEMBER, yes, no, members=members, missing_is_yes=missing_is_yes
    )
