"""What a refused extract shows of its lines."""

import pytest

from hitcast.declaration.use_case import UseCase
from hitcast.ingest.checks import rules_of
from hitcast.ingest.examples import commonest, disguised


@pytest.mark.parametrize(
    ("column", "text", "shown"),
    [
        ("score", "101", "'101'"),
        ("weight", " -1.5e3 ", "'-1.5e3'"),
        ("score", "Ann Doe", "7 characters #"),
        ("weight", "12 Oak Street", "13 characters #"),
        ("author", "12", "2 characters #"),
        ("price", None, "nothing"),
    ],
)
def test_words_are_told_by_length_and_hash_wherever_they_stand(
    books: UseCase, column: str, text: str | None, shown: str
) -> None:
    told = disguised(text, books.column(column))
    assert told == shown if "#" not in shown else told.startswith(shown)
    assert told == disguised(text, books.column(column)), "equal ones are known by it"


def test_private_numbers_are_told_so_too_and_privacy_is_no_rule(books: UseCase) -> None:
    private = books.column("score").model_copy(update={"private": True})
    assert disguised("101", private).startswith("3 characters #")
    columns = tuple(private if c.name == "score" else c for c in books.columns)
    assert rules_of(books.model_copy(update={"columns": columns})) == rules_of(books)


def test_the_rules_that_most_lines_break_come_first_with_what_they_expect(books: UseCase) -> None:
    by_rule = {"title.required": 2, "line.fields": 2, "score.maximum": 1000, "pages.type": 1}
    assert commonest(by_rule, books) == [
        "score.maximum (whole number between 0 and 100 points) by 1,000 lines",
        "line.fields by 2 lines",
        "title.required by 2 lines",
    ]
