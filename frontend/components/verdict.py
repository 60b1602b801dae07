"""What the model says of a row: verdict, picture, plain words, and how far to trust them."""

import streamlit as st

from answers import Prediction, Said, Schema
from components.charts import chances, gauge
from components.words import percent, plain, shown, times_as_likely, title_of
from profiles import Profile


def headline(schema: Schema, said: Said) -> str:
    """The verdict in a few words: the class's name, where classes have names."""
    if schema.classes:
        return str(said.label)
    return f"Likely {schema.positive}" if said.label else f"Not likely {schema.positive}"


def in_short(schema: Schema, said: Said) -> str:
    """Verdict and probability in one line of Markdown."""
    return f"**{plain(headline(schema, said))}**: {percent(said.chance)}"


def measured(schema: Schema, said: Said) -> str:
    """What the probability is that of: the positive class, or of several the answer."""
    return str(said.label) if schema.several else schema.positive


def show(schema: Schema, answer: Prediction, profile: Profile | None, whom: str) -> None:
    """Draw the verdict.

    Args:
        schema: What the answer is called.
        answer: The model's answer.
        profile: The rows like this one, for the base rate.
        whom: What a typical row like it is called.
    """
    st.metric("Verdict", headline(schema, answer), border=True)
    # On a phone the verdict is out of sight while the sliders are in use.
    st.bottom.markdown(in_short(schema, answer))
    if schema.several:
        chances.show(schema, answer, profile)
    else:
        gauge.show(schema, answer, profile, whom)
    of = measured(schema, answer)
    line = f"**{percent(answer.probability)}** probability of being {plain(of)}"
    if profile is not None:
        usual = profile.shares.get(of, 0.0) if schema.several else profile.base_rate
        line += f": {times_as_likely(answer.probability, usual, whom)}"
    st.markdown(f"{line}.")
    for name in answer.unknown:
        what = title_of(schema.named(name)).lower()
        st.caption(f"The training has not seen this {what}; the answer does without it.")
    for name, (low, high) in answer.outside.items():
        column = schema.named(name)
        seen = f"{shown(column, low)} to {shown(column, high)}"
        st.caption(f"{title_of(column)}: the training has seen {seen}; beyond, this is a guess.")
