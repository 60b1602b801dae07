"""What an endpoint answers of one row or of many, whichever way it writes probabilities."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from hitcast.declaration.use_case import UseCase
from hitcast.exploring.words import capital, listed, percent

EACH = "probability_"
"""How the columns of MLflow's answers begin that hold the probability of one of many classes."""
NEXT = 2
"""So many classes after the likeliest are told."""


@dataclass(frozen=True)
class Answer:
    """What was answered of one row.

    Attributes:
        label: 0 or 1, or the name of a class.
        probability: Of the positive class of two; of more, of the one that is answered.
        threshold: From where on a row is positive; None: nobody told, or classes are more than two.
        each: The probability of each class, where they are more than two.
    """

    label: Any
    probability: float
    threshold: float | None = None
    each: Mapping[str, float] = field(default_factory=dict)


def read_answer(detail: Mapping[str, Any], use_case: UseCase) -> Answer:
    """The answer of an API, in detail, or of an endpoint of MLflow's kind."""
    label = detail[use_case.label.output]
    if len(use_case.label.names) <= 2:
        return Answer(label, float(detail["probability"]), detail.get("threshold"))
    each = _each(detail)
    return Answer(label, each[str(label)], None, each)


def told_apart(answers: pd.DataFrame) -> pd.DataFrame:
    """Answers with a column for the probability of each class, as MLflow writes them.

    Args:
        answers: As an endpoint gave them; an API has the probabilities of many classes in one
            object a row.
    """
    if "probabilities" not in answers:
        return answers
    held = [one if isinstance(one, dict) else {} for one in answers["probabilities"]]
    names = dict.fromkeys(name for one in held for name in one)
    columns = {f"{EACH}{name}": pd.Series([one.get(name) for one in held]) for name in names}
    return answers.drop(columns="probabilities").assign(**columns)


def answers_in_words(detail: Mapping[str, Any], use_case: UseCase, note: str) -> list[str]:
    """What the answer to one row says."""
    answer = read_answer(detail, use_case)
    chance = percent(answer.probability)
    if answer.each:
        ranked = sorted(answer.each.items(), key=lambda pair: -pair[1])
        ranked = [pair for pair in ranked if pair[0] != answer.label][:NEXT]
        following = listed([f"{name} ({percent(value)})" for name, value in ranked])
        told = f"The answer is {answer.label}, with a probability of {chance}; next {following}"
    elif use_case.label.names:
        positive = use_case.label.names[-1]
        told = f"The answer is {answer.label}; {positive} has a probability of {chance}"
        if answer.threshold is not None:
            told += f", and is the answer from {percent(answer.threshold)} on"
    else:
        positive = use_case.positive
        verdict = positive if answer.label else f"not {positive}"
        told = f"The answer is {verdict}, with a probability of {chance}"
        if answer.threshold is not None:
            told += f"; from {percent(answer.threshold)} on it is {positive}"
    return [f"{told}.", f"{capital(note)}."]


def _each(detail: Mapping[str, Any]) -> dict[str, float]:
    held = detail.get("probabilities")
    if isinstance(held, Mapping):
        return {str(name): float(value) for name, value in held.items()}
    names = [name for name in detail if name.startswith(EACH)]
    return {name.removeprefix(EACH): float(detail[name]) for name in names}
