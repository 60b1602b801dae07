"""Asks an endpoint what a version's own scorer has answered already."""

import tempfile
from pathlib import Path

from hitcast.declaration.use_case import UseCase
from hitcast.models.endpoint.questions import Questions
from hitcast.models.endpoint.workspace import Served
from hitcast.models.registry import PLACE, Registry


class Examiner:
    """Compares versions on one endpoint with their scorers, each of which is downloaded once.

    Args:
        served: The endpoint.
        registry: The model's versions.
        use_case: Names an example, should a version have none.
    """

    def __init__(self, served: Served, registry: Registry, use_case: UseCase) -> None:
        self._served = served
        self._registry = registry
        self._use_case = use_case
        self._questions: dict[int, Questions] = {}

    def about(self, number: int) -> Questions:
        """The questions about a version."""
        if number not in self._questions:
            with tempfile.TemporaryDirectory() as folder:
                # All of it: the row that it was logged with lies beside the scorer.
                model = self._registry.download_model(number, Path(folder))
                self._questions[number] = Questions.about(model / PLACE, self._use_case)
        return self._questions[number]

    def compare(self, number: int, entity: str | None = None) -> float:
        """Ask the endpoint, or one entity of it, whatever its traffic; returns the difference.

        Raises:
            EndpointError: if it does not answer, or not as the version's scorer.
        """
        questions = self.about(number)
        return questions.largest_difference(self._served.ask(questions.rows, entity))
