import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hitcast.errors import ScorerInputError
from hitcast.portable.card import CARD_FILE, MODEL_FILE
from hitcast.portable.scorer import Scorer
from tests.portable.graphs import small_scorer

ROWS: dict[str, Any] = {"colour": ["red", "green"], "size": [0.0, -10.0], "weight": [0.0, 1.0]}


@pytest.fixture()
def scorer(tmp_path: Path) -> Scorer:
    return small_scorer(tmp_path)


def sigmoid(*margins: float) -> list[float]:
    return [float(1 / (1 + np.exp(-margin))) for margin in margins]


def test_rows_are_answered_in_their_order(scorer: Scorer) -> None:
    labels, probabilities = scorer.predict(ROWS)
    np.testing.assert_allclose(probabilities, sigmoid(0, 1), rtol=1e-15)
    np.testing.assert_array_equal(labels, [1, 1])
    assert (str(labels.dtype), str(probabilities.dtype)) == ("int64", "float64")


@pytest.mark.parametrize("threads", [1, 2])
def test_a_row_has_one_answer_to_the_last_bit_whatever_stands_beside_it(
    tmp_path: Path, threads: int
) -> None:
    small_scorer(tmp_path)
    scorer = Scorer.load(tmp_path, threads=threads)
    sizes = np.random.default_rng(0).normal(0, 30, 400).tolist()

    def asked(held: list[float]) -> list[float]:
        found = scorer.probabilities({"colour": ["red"] * len(held), "size": held})
        return list(map(float, found))

    alone = [asked([size])[0] for size in sizes]
    for count in (2, 3, 7, 8, 33, 399, 400):
        assert asked(sizes[:count]) == alone[:count]
        assert asked(sizes[-count:]) == alone[-count:]


def test_a_probability_at_the_threshold_is_popular(scorer: Scorer) -> None:
    size = [0.0, float(np.nextafter(-1e-15, -1))]
    labels, _ = scorer.predict({"colour": ["red"] * 2, "size": size})
    np.testing.assert_array_equal(labels, [1, 0])


@pytest.mark.parametrize("null", [None, float("nan"), np.nan])
def test_null_and_unseen_texts_share_a_place(scorer: Scorer, null: Any) -> None:
    columns = {"colour": [null, "(missing)", "blue", ""], "size": [-20.0] * 4}
    np.testing.assert_array_equal(scorer.probabilities(columns), [0.5] * 4)


@pytest.mark.parametrize("null", [None, float("nan"), np.float64("nan")])
def test_null_numbers_are_nan(scorer: Scorer, null: Any) -> None:
    columns: dict[str, Any] = {"colour": ["red"] * 2, "size": [0, 0], "weight": [null, 3]}
    np.testing.assert_allclose(scorer.probabilities(columns), sigmoid(0, 3), rtol=1e-15)


def test_optional_columns_may_be_left_out_and_others_are_ignored(scorer: Scorer) -> None:
    actual = scorer.probabilities({"size": [1.0, 2.0], "shape": ["round", "square"]})
    np.testing.assert_allclose(actual, sigmoid(21, 22), rtol=1e-15)


@pytest.mark.parametrize(
    "sizes",
    [
        [1, 2],
        (1.0, 2.0),
        np.array([1, 2]),
        np.array([1.0, 2.0], dtype=np.float32),
        [np.int64(1), np.float32(2)],
        np.array([1, 2.0], dtype=object),
    ],
)
def test_numbers_come_in_many_types(scorer: Scorer, sizes: Any) -> None:
    actual = scorer.probabilities({"colour": np.array(["red", "red"]), "size": sizes})
    np.testing.assert_allclose(actual, sigmoid(1, 2), rtol=1e-15)


def test_a_missing_required_column_is_named(scorer: Scorer) -> None:
    with pytest.raises(ScorerInputError, match=r"needs the columns \['size'\]"):
        scorer.predict({"colour": ["red"]})


def test_null_in_a_required_column_names_column_and_row(scorer: Scorer) -> None:
    with pytest.raises(ScorerInputError, match=r"\['size'\] are required.*row 1"):
        scorer.predict({"colour": ["red"] * 3, "size": [1.0, None, None]})


@pytest.mark.parametrize(
    ("sizes", "kind"),
    [
        (["1.5", "2"], "str"),
        ([True, 1.0], "bool"),
        ([[1.0], [2.0]], "list"),
        (np.array(["1", "2"]), "str"),
        ([10**400, 1], "beyond the range"),
    ],
)
def test_numbers_of_a_wrong_type_are_refused(scorer: Scorer, sizes: Any, kind: str) -> None:
    with pytest.raises(ScorerInputError, match=f"'size' has to hold numbers; it holds.*{kind}"):
        scorer.predict({"colour": ["red", "red"], "size": sizes})


def test_texts_of_a_wrong_type_are_refused(scorer: Scorer) -> None:
    with pytest.raises(ScorerInputError, match="'colour' has to hold texts; it holds int"):
        scorer.predict({"colour": ["red", 3], "size": [1.0, 2.0]})


def test_columns_of_different_lengths_are_refused(scorer: Scorer) -> None:
    with pytest.raises(ScorerInputError, match="equally long"):
        scorer.predict({"colour": ["red"], "size": [1.0, 2.0]})


def test_half_a_character_is_refused(scorer: Scorer) -> None:
    with pytest.raises(ScorerInputError, match="valid Unicode"):
        scorer.predict({"colour": ["\ud800"], "size": [1.0]})


def test_an_answer_that_is_no_number_is_refused(scorer: Scorer) -> None:
    columns = {"size": [1.0, np.inf], "weight": [1.0, -np.inf]}
    with pytest.raises(ScorerInputError, match="row 1 has no probability"):
        scorer.predict(columns)


def test_no_rows_give_no_answers(scorer: Scorer) -> None:
    labels, probabilities = scorer.predict({"colour": [], "size": []})
    assert len(labels) == len(probabilities) == 0


def test_a_changed_file_is_refused(tmp_path: Path) -> None:
    small_scorer(tmp_path)
    with (tmp_path / MODEL_FILE).open("ab") as file:
        file.write(b"\0")
    with pytest.raises(ScorerInputError, match="has to have the hash"):
        Scorer.load(tmp_path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    small_scorer(tmp_path)
    (tmp_path / CARD_FILE).unlink()
    with pytest.raises(ScorerInputError, match=CARD_FILE):
        Scorer.load(tmp_path)


def test_the_card_knows_the_values_of_texts(scorer: Scorer) -> None:
    assert scorer.card.inputs[0].values == ("red", "green")
    assert scorer.card.missing_text == "(missing)"


def test_the_scorer_imports_nothing_heavy() -> None:
    heavy = {"pandas", "pyspark", "mlflow", "onnx", "xgboost", "pydantic"}
    code = "import sys, hitcast.portable.scorer; print(*{m.split('.')[0] for m in sys.modules})"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "onnxruntime" in run.stdout.split()
    assert heavy.isdisjoint(run.stdout.split())
