"""What the tests of exploring share: another use case."""

import pytest

from hitcast.declaration.sections import Views
from hitcast.declaration.use_case import UseCase
from tests.ingest.books import books_like


@pytest.fixture(scope="session")
def books(spotify: UseCase) -> UseCase:
    """A use case with none of the tracks' columns."""
    without = {"entity": "book", "profiles": None, "views": Views()}
    like = books_like(spotify).model_copy(update=without)
    # Checked anew: a copy keeps the features that the other one has worked out.
    return UseCase.model_validate(like.model_dump())
