"""What the API's description says of a use case, in the use case's own words."""

from hitcast.declaration.use_case import UseCase


def one_of(use_case: UseCase) -> str:
    """One row, with its article."""
    article = "an" if use_case.entity[:1].lower() in "aeiou" else "a"
    return f"{article} {use_case.entity}"


def summary(use_case: UseCase) -> str:
    """What the whole API is for."""
    if use_case.label.names:
        return f"Tells which {use_case.label.output} {one_of(use_case)} is."
    return f"Tells whether {one_of(use_case)} is {use_case.positive}."


def about_one(use_case: UseCase) -> str:
    """What is asked about one row."""
    if use_case.label.names:
        return f"Which {use_case.label.output} is one {use_case.entity}?"
    return f"Is one {use_case.entity} {use_case.positive}?"


def about_many(use_case: UseCase) -> str:
    """What is asked about several."""
    if use_case.label.names:
        return f"Which {use_case.label.output} are these {use_case.many}?"
    return f"Are these {use_case.many} {use_case.positive}?"


def alike(use_case: UseCase) -> str:
    """What others are compared with: positive rows; of more classes than two, all."""
    if len(use_case.label.names) > 2:
        return use_case.many
    return f"{use_case.positive} {use_case.many}"
