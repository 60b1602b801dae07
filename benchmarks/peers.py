"""Single-process peers of the candidates, fitted on the rows that Hitcast is fitted on."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from hitcast.declaration.use_case import UseCase

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Rows:
    """Raw inputs and labels; texts are categories, the same ones in training and test rows."""

    inputs: pd.DataFrame
    label: Array


def split_rows(train: pd.DataFrame, test: pd.DataFrame, use_case: UseCase) -> tuple[Rows, Rows]:
    """Training and test rows as the peers take them.

    Args:
        train: Raw inputs and `label`.
        test: The same of the test rows.
        use_case: Names the inputs.
    """
    both = pd.concat([train, test], ignore_index=True)
    inputs = both[[c.name for c in use_case.features]].copy()
    for column in use_case.features:
        if not column.is_quantity and column.vocabulary is None:
            inputs[column.name] = inputs[column.name].astype("category")
    label = both["label"]
    cut = len(train)
    return (
        Rows(inputs.iloc[:cut], label.iloc[:cut].to_numpy(float)),
        Rows(inputs.iloc[cut:], label.iloc[cut:].to_numpy(float)),
    )


def logistic_regression(rows: Rows) -> Any:
    """scikit-learn's logistic regression on one-hot texts and scaled numbers."""
    texts = list(rows.inputs.select_dtypes("category"))
    numbers = [name for name in rows.inputs if name not in texts]
    steps = make_column_transformer(
        (OneHotEncoder(handle_unknown="ignore"), texts), (StandardScaler(), numbers)
    )
    return make_pipeline(steps, LogisticRegression(max_iter=500)).fit(rows.inputs, rows.label)


def hist_gradient_boosting(rows: Rows) -> Any:
    """scikit-learn's histogram gradient boosting, as it comes."""
    model = HistGradientBoostingClassifier(categorical_features="from_dtype", random_state=0)
    return model.fit(rows.inputs, rows.label)


def random_forest(rows: Rows) -> Any:
    """scikit-learn's random forest, as it comes, on one-hot texts."""
    texts = list(rows.inputs.select_dtypes("category"))
    steps = make_column_transformer(
        (OneHotEncoder(handle_unknown="ignore"), texts), remainder="passthrough"
    )
    return make_pipeline(steps, RandomForestClassifier(random_state=0)).fit(rows.inputs, rows.label)


def lightgbm(rows: Rows) -> Any:
    """LightGBM, as it comes."""
    from lightgbm import LGBMClassifier

    return LGBMClassifier(random_state=0, verbose=-1).fit(rows.inputs, rows.label)


def xgboost(rows: Rows) -> Any:
    """XGBoost in one process, as it comes."""
    from xgboost import XGBClassifier

    return XGBClassifier(enable_categorical=True, random_state=0).fit(rows.inputs, rows.label)


def tf_idf(rows: Rows) -> Any:
    """scikit-learn's logistic regression on TF-IDF of the only text, sublinear, with C = 10."""
    return _on_tf_idf(rows, LogisticRegression(C=10, max_iter=500))


def tf_idf_bayes(rows: Rows) -> Any:
    """scikit-learn's multinomial naive Bayes on the same."""
    return _on_tf_idf(rows, MultinomialNB(alpha=0.3))


def _on_tf_idf(rows: Rows, model: Any) -> Any:
    (text,) = rows.inputs
    steps = make_column_transformer((TfidfVectorizer(sublinear_tf=True), text))
    return make_pipeline(steps, model).fit(rows.inputs, rows.label)


LINEAR, TREES = "scikit-learn LogisticRegression", "scikit-learn HistGradientBoosting"
FOREST = "scikit-learn RandomForest"
PEERS: dict[str, Callable[[Rows], Any]] = {
    LINEAR: logistic_regression,
    TREES: hist_gradient_boosting,
    "LightGBM": lightgbm,
    "XGBoost, one process": xgboost,
}


OF_WORDS: dict[str, Callable[[Rows], Any]] = {
    "scikit-learn TF-IDF, LogisticRegression": tf_idf,
    "scikit-learn TF-IDF, MultinomialNB": tf_idf_bayes,
}


def peers_of(use_case: str) -> dict[str, Callable[[Rows], Any]]:
    """The peers that can take a use case's rows, by name."""
    if use_case == "lyrics":
        return OF_WORDS
    return PEERS if use_case == "spotify" else {**PEERS, FOREST: random_forest}


def probabilities_of(model: Any, rows: Rows) -> Array:
    """P(label = 1) of each row, shape (n,); of more classes than two, shape (n, classes)."""
    found = np.asarray(model.predict_proba(rows.inputs), dtype=float)
    return found if found.shape[1] > 2 else found[:, 1]
