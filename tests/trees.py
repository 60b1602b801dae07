"""A made-up use case with five named classes, no group and no bounds: a declaration alone."""

from typing import Any

import numpy as np
import pandas as pd

from hitcast.declaration.use_case import UseCase

NAMES = ("ash", "birch", "cedar", "deal", "elm")
NUMBERS = ("height", "girth", "leaf", "cone")


def declared(**changes: Any) -> dict[str, Any]:
    """The declaration, as a file in `conf/` would hold it."""
    numbers = {
        name: {"role": "feature", "type": "number", "required": True, "meaning": name}
        for name in NUMBERS
    }
    numbers["height"]["transform"], numbers["leaf"]["transform"] = "log1p", "spline"
    soil = {"role": "feature", "type": "text", "meaning": "what it stands on"}
    kind = {"role": "label", "type": "text", "required": True, "meaning": "what it is"}
    found: dict[str, Any] = {
        "name": "trees",
        "title": "Trees by their measures",
        "entity": "tree",
        "source": {},
        "key": {"hash": "all"},
        "label": {"column": "kind", "classes": list(NAMES), "output": "tree"},
        "split": {"salt": "trees-1", "test_percent": 25},
        "columns": {**numbers, "soil": soil, "kind": kind},
        "derive": {
            "slim": {"ratio": ["height", "girth"]},
            "how_common": {"frequency": "soil"},
        },
        "training": {
            "metric": "areaUnderROC", "folds": 2, "search": "random", "trials": 1,
            "tuning_rows": 10_000, "partitions": 1,
        },
        "candidates": {
            "logistic_regression": {
                "encoding": "one_hot", "fixed": {"regParam": 0.01}, "trials": 2,
                "search": {"select": {"grid": ["chi_square:9", "none"]}, "pca": {"grid": [0, 5]}},
            },
            "naive_bayes": {"encoding": "one_hot", "fixed": {"modelType": "gaussian"}},
            "random_forest": {"encoding": "indexed", "fixed": {"numTrees": 5, "maxDepth": 4}},
            "xgboost": {"encoding": "indexed", "fixed": {"n_estimators": 20, "max_depth": 3}},
        },
    }  # fmt: skip
    return {**found, **changes}


def trees(**changes: Any) -> UseCase:
    """The use case, with some of its sections changed."""
    return UseCase.model_validate(declared(**changes))


def tree_rows(rows: int, seed: int = 0) -> pd.DataFrame:
    """Trees whose measures overlap; the soil is missing now and then."""
    generator = np.random.default_rng(seed)
    kinds = generator.choice(len(NAMES), rows, p=[0.35, 0.25, 0.2, 0.12, 0.08])
    centres = np.random.default_rng(7).normal(0, 1.5, (len(NAMES), len(NUMBERS)))
    frame = pd.DataFrame(centres[kinds] + generator.normal(size=(rows, 4)), columns=list(NUMBERS))
    soils = np.array(["clay", "loam", "sand", None], dtype=object)
    drawn = (kinds + generator.integers(0, 3, rows)) % len(soils)
    return frame.assign(soil=soils[drawn], kind=np.array(NAMES)[kinds])
