"""Fits FLAML and scores the test rows; runs in FLAML's own environment, which has nothing else.

`python automl_fit.py ROWS.csv PROBABILITIES.npy SECONDS METRIC`: the rows have `label` and
`is_test` beside the inputs; texts are categories.
"""

import sys

import numpy as np
import pandas as pd
from flaml import AutoML


def main(rows_file: str, probabilities_file: str, seconds: str, metric: str) -> None:
    """Fit on the rows that are no test rows, write P(label = 1) of those that are."""
    rows = pd.read_csv(rows_file, float_precision="round_trip")
    is_test, label = rows.pop("is_test").to_numpy(bool), rows.pop("label").to_numpy(int)
    for name in rows.select_dtypes(exclude="number"):
        # Before the cut: both parts need the same categories.
        rows[name] = rows[name].astype("category")
    model = AutoML()
    model.fit(
        rows[~is_test],
        label[~is_test],
        task="classification",
        metric=metric,
        time_budget=float(seconds),
        eval_method="cv",
        n_splits=5,
        ensemble=True,
        seed=1,
        verbose=0,
    )
    np.save(probabilities_file, model.predict_proba(rows[is_test])[:, 1])
    sys.stderr.write(f"FLAML: {type(model.model).__name__}, best single {model.best_estimator}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
