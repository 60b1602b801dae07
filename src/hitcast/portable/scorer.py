"""Answers of a portable scorer: numpy and onnxruntime, nothing else."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from hitcast.errors import ScorerInputError
from hitcast.portable.card import CARD_FILE, MODEL_FILE, Card, InputColumn, sha256_of
from hitcast.portable.values import PLAIN, Values, as_numbers, as_texts
from hitcast.portable.word_counts import counters_of

OUTPUTS = ["probability"]


class Scorer:
    """One model, loaded once, asked often. Safe to share between threads.

    Attributes:
        card: The card it was loaded with.
        counters: What counts the words of each text that has some.
    """

    def __init__(self, card: Card, model: bytes, *, threads: int = 1) -> None:
        self.card = card
        self._names = [column.name for column in card.inputs]
        self._numbers = [column for column in card.inputs if column.kind == "number"]
        self._texts = [column for column in card.inputs if column.kind == "text"]
        self._number_names = [column.name for column in self._numbers]
        self.counters = counters_of(card.inputs)
        self._at_once = min((c.rows_at_once() for c in self.counters.values()), default=None)
        self._required = np.array([not column.optional for column in self._numbers], dtype=bool)
        self._session = ort.InferenceSession(
            model, sess_options=_options(threads), providers=["CPUExecutionProvider"]
        )

    @classmethod
    def load(cls, folder: Path | str, *, threads: int = 1) -> "Scorer":
        """Load the scorer that `save_scorer` wrote to `folder`.

        Args:
            folder: Where its files are.
            threads: Threads of one call: 1 for rows that come one by one, where handing work to
                others costs more than the work; more for thousands of rows at once.

        Raises:
            ScorerInputError: if files are missing, of another format, or do not belong together.
        """
        try:
            text = (Path(folder) / CARD_FILE).read_text(encoding="utf-8")
            model = (Path(folder) / MODEL_FILE).read_bytes()
        except OSError as error:
            raise ScorerInputError(
                f"a scorer's folder has {CARD_FILE} and {MODEL_FILE}; {error}. "
                "Name the folder that save_scorer wrote."
            ) from error
        card = Card.from_json(text)
        if sha256_of(model) != card.sha256:
            raise ScorerInputError(
                f"{MODEL_FILE} has to have the hash {card.sha256} of its card; it has "
                f"{sha256_of(model)}. One of the files was changed: save or download both again."
            )
        return cls(card, model, threads=threads)

    def probabilities(self, columns: Mapping[str, Values]) -> NDArray[np.float64]:
        """P(label = 1) of each row, or of each class, in row order.

        Args:
            columns: One sequence of values a column, all equally long: numbers or texts; None and
                NaN stand for null, where the card calls the column optional. Optional columns
                may be left out; columns that the card does not name are ignored. Of a text of words
                there may be a matrix of what they count, as `counters` makes it, in its place.

        Returns:
            Shape (n,); where the card has more classes than two, (n, classes).

        Raises:
            ScorerInputError: if a required column or value is missing, or values are of the
                wrong type.
        """
        given, rows = self._given(columns)
        if rows == 0:
            return np.empty(0 if self.card.has_two_classes else (0, len(self.card.classes)))
        # One row a column: each stays one piece of memory, and nulls are found in one go.
        matrix = self._matrix([given[name] for name in self._number_names])
        nulls = np.isnan(matrix)
        if nulls.any():
            self._refuse_nulls(nulls)
        feeds: dict[str, NDArray[Any]] = dict(
            zip(self._number_names, matrix.reshape(-1, rows, 1), strict=True)
        )
        for column in self._texts:
            feeds[column.name] = self._text_array(column, given[column.name])
        return self._answers(feeds, rows)

    def columns(self, rows: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
        """Rows as the columns that `probabilities` takes; what a row lacks is null."""
        return {name: [row.get(name) for row in rows] for name in self._names}

    def predict(self, columns: Mapping[str, Values]) -> tuple[NDArray[Any], NDArray[np.float64]]:
        """Predicted label, as `labels` has it, and what `probabilities` gives."""
        probabilities = self.probabilities(columns)
        return self.labels(probabilities), probabilities

    def numbers(self, probabilities: NDArray[np.float64]) -> NDArray[np.int64]:
        """The number of the predicted class of each row.

        Args:
            probabilities: As `probabilities` gives them.

        Returns:
            Of two classes, 1 at or above the card's threshold; of more, the most likely one, the
            first of several.
        """
        if self.card.threshold is None:
            found: NDArray[np.int64] = probabilities.argmax(axis=1)
            return found
        return (probabilities >= self.card.threshold).astype(np.int64)

    def labels(self, probabilities: NDArray[np.float64]) -> NDArray[Any]:
        """The predicted class of each row: its name where classes have names, else its number."""
        numbers = self.numbers(probabilities)
        return np.array(self.card.classes, object)[numbers] if self.card.classes else numbers

    def _answers(self, feeds: dict[str, NDArray[Any]], rows: int) -> NDArray[np.float64]:
        if self._at_once is None or rows <= self._at_once:
            return self._run(feeds, rows)
        starts = range(0, rows, self._at_once)
        found = []
        for start in starts:
            end = min(start + starts.step, rows)
            part = {name: held[start:end] for name, held in feeds.items()}
            found.append(self._run(part, end - start, start))
        return np.concatenate(found)

    def _run(
        self, feeds: dict[str, NDArray[Any]], rows: int, first: int = 0
    ) -> NDArray[np.float64]:
        """What the graph says of some rows, of which the first has that number."""
        for name, counter in self.counters.items():
            if feeds[name].dtype == object:
                feeds[name] = counter.counts(feeds[name][:, 0].tolist())
        # The last of an odd number of rows is computed by other instructions than the others, and
        # differs in its last bit: it gets company, so that a row has one answer wherever it stands.
        if rows % 2:
            feeds = {name: np.concatenate((held, held[-1:])) for name, held in feeds.items()}
        try:
            found: NDArray[np.float64] = self._session.run(OUTPUTS, feeds)[0][:rows]
        except UnicodeEncodeError as error:
            raise ScorerInputError(
                f"texts have to be valid Unicode; {error.object!r} holds half a character "
                "(a lone surrogate). Send the text as UTF-8."
            ) from error
        nothing = np.isnan(found if found.ndim == 1 else found.sum(axis=1))
        if nothing.any():
            raise ScorerInputError(
                f"row {first + int(np.flatnonzero(nothing)[0])} has no probability: the model "
                "can't bear a null or infinite value there. Give finite values."
            )
        return found

    def _given(self, columns: Mapping[str, Values]) -> tuple[dict[str, Any], int]:
        """The columns of the card, those left out filled with nulls, and the number of rows."""
        given = {name: columns.get(name) for name in self._names}
        absent = {name for name, values in given.items() if values is None}
        if absent:
            self._refuse_absent(absent, columns)
        lengths = {len(values) for values in given.values() if values is not None}
        if len(lengths) != 1:
            found = {name: len(values) for name, values in given.items() if values is not None}
            raise ScorerInputError(
                f"columns have to be equally long; their lengths are {found}. "
                "Give one value a row in each."
            )
        rows = lengths.pop()
        for name in absent:
            given[name] = [None] * rows
        return given, rows

    def _refuse_absent(self, absent: set[str], columns: Mapping[str, Values]) -> None:
        needed = [c.name for c in self.card.inputs if c.name in absent and not c.optional]
        if needed:
            raise ScorerInputError(
                f"the model needs the columns {needed}, which are missing; it got "
                f"{sorted(columns)}. Add them."
            )

    def _matrix(self, given: list[Values]) -> NDArray[np.float64]:
        # The usual case, lists of plain numbers, is checked and converted in one go for all.
        if set(map(type, given)) == {list}:
            flat = list(chain.from_iterable(given))
            if set(map(type, flat)) <= PLAIN:
                with suppress(OverflowError):
                    return np.array(flat, dtype=np.float64).reshape(len(given), -1)
        pairs = zip(self._numbers, given, strict=True)
        return np.array([as_numbers(column, values) for column, values in pairs])

    def _refuse_nulls(self, nulls: NDArray[np.bool_]) -> None:
        bad = nulls.any(axis=1) & self._required
        if bad.any():
            names = [self._numbers[place].name for place in np.flatnonzero(bad)]
            row = int(np.flatnonzero(nulls[np.flatnonzero(bad)[0]])[0])
            raise ScorerInputError(
                f"the columns {names} are required and hold null (first in row {row}). "
                "Give a number in every row."
            )

    def _text_array(self, column: InputColumn, values: Values) -> NDArray[Any]:
        if column.rule is not None and isinstance(values, np.ndarray) and values.ndim == 2:
            return values
        texts = as_texts(column, values)
        if None in texts:
            if not column.optional:
                raise ScorerInputError(
                    f"column {column.name!r} is required and holds null (first in row "
                    f"{texts.index(None)}). Give a text in every row."
                )
            missing = "" if column.rule is not None else self.card.missing_text
            texts = [missing if text is None else text for text in texts]
        return np.array(texts, dtype=object).reshape(-1, 1)


def _options(threads: int) -> ort.SessionOptions:
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.execution_mode = ort.ExecutionMode.ORT_SEQUENTIAL
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return options
