"""The MLflow model around a portable scorer: code and two files, no pickle, no JVM.

MLflow stores this file as the model's code (models from code) and runs it where the model is
loaded, with the package itself on the path through `code_paths`. It is the only module of the
room that imports mlflow.
"""

from importlib.metadata import version
from pathlib import Path
from typing import Any

import mlflow
import pandas as pd
from mlflow.models import ModelSignature, set_model
from mlflow.types import ColSpec, DataType, Schema

from hitcast.portable.card import Card, InputColumn, probability_names
from hitcast.portable.scorer import Scorer
from hitcast.portable.values import values_of

ARTIFACT = "scorer"
REQUIREMENTS = ("mlflow", "numpy", "onnxruntime", "pandas")


class PortableModel(mlflow.pyfunc.PythonModel):  # type: ignore[misc]
    """Answers with a label and `probability` for each row, in the rows' order.

    The label's column has the name that the card gives it. It is 0 or 1, or the name of the class;
    where there are more classes than two, each has its `probability_CLASS`.
    """

    # MLflow passes its arguments by these names.
    def load_context(self, context: Any) -> None:
        """Load the scorer from the model's files."""
        self.scorer = Scorer.load(context.artifacts[ARTIFACT])

    def predict(
        self,
        context: Any,  # noqa: ARG002
        model_input: pd.DataFrame,
        params: dict[str, Any] | None = None,  # noqa: ARG002
    ) -> pd.DataFrame:
        """Score a frame of raw feature columns."""
        columns = {
            column.name: values_of(model_input[column.name])
            for column in self.scorer.card.inputs
            if column.name in model_input
        }
        labels, probabilities = self.scorer.predict(columns)
        columns_of = probabilities.reshape(len(labels), -1).T
        names = probability_names(self.scorer.card.classes)
        answers = dict(zip(names, columns_of, strict=True))
        answers = {self.scorer.card.output: labels, **answers}
        return pd.DataFrame(answers, index=model_input.index)


def pip_requirements() -> list[str]:
    """What the model needs besides its own code, as installed here."""
    return [f"{name}=={version(name)}" for name in REQUIREMENTS]


def signature(card: Card) -> ModelSignature:
    """The card's input schema and the answer's columns, as MLflow states them."""
    inputs = [ColSpec(_data_type(c), c.name, required=not c.optional) for c in card.inputs]
    kind = DataType.string if card.classes else DataType.long
    probabilities = [ColSpec(DataType.double, name) for name in probability_names(card.classes)]
    outputs = [ColSpec(kind, card.output), *probabilities]
    return ModelSignature(inputs=Schema(inputs), outputs=Schema(outputs))


def _data_type(column: InputColumn) -> DataType:
    """MLflow's type of an input.

    MLflow refuses whole numbers where a double is expected, and pandas holds whole numbers with
    gaps as doubles; so an integer is a long where it is required, else a double.
    """
    if column.kind == "text":
        return DataType.string
    return DataType.long if column.integer and not column.optional else DataType.double


def log_arguments(folder: Path) -> dict[str, Any]:
    """Arguments of `mlflow.pyfunc.log_model` for the scorer in `folder`, all but the name."""
    return {
        "python_model": str(Path(__file__).resolve()),
        "artifacts": {ARTIFACT: str(folder)},
        "code_paths": [str(Path(__file__).resolve().parents[1])],
        "pip_requirements": pip_requirements(),
        "signature": signature(Scorer.load(folder).card),
    }


set_model(PortableModel())
