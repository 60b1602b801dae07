"""Why and what if: what drives an answer, what would change it, and who it is compared with."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from answers import Input, Prediction, Row, Schema
from components import connection, references, track, trust
from components.charts import effects, passage, strips, what_if
from components.controls import control
from components.trouble import lacks, told
from components.verdict import in_short, measured
from components.words import plain, title_of
from profiles import Profiles


def main() -> None:
    """Draw the page."""
    st.title("Why and what if")
    with told():
        schema = connection.schema()
        trust.banner(schema)
        why(schema)


@st.fragment
def why(schema: Schema) -> None:
    """All that depends on the row, run again by itself when the control moves."""
    row = track.current(schema)
    with told():
        if lost := track.lacking(schema, row):
            lacks(lost)
            st.page_link("views/studio.py", label="Give it in the Studio", icon=":material/tune:")
        else:
            explanation(schema, row)
    st.caption(trust.not_cause(schema))
    track.remember(schema)


def explanation(schema: Schema, row: Row) -> None:
    """The answer and what it comes from: the words of texts, then the numbers, then its like."""
    top, counted = st.container(), st.container()
    left, right = st.columns(2, gap="large")
    with right:
        column = choose(schema)
        if column is not None:
            control(column, row, connection.served_profiles())
    answer = connection.client().predict(track.sent(row), schema.output)
    top.markdown(in_short(schema, answer))
    profiles = connection.profiles(answer.version)
    if profiles is None:
        st.info(f"Version {answer.version} was trained without profiles: train again for them.")
        return
    explained = connection.client().explain(
        track.sent(row), column.name if column else None, version=answer.version
    )
    with counted:
        if any(row[text.name] is not None for text in schema.texts):
            words(schema, row, answer, explained)
    with right:
        if column is not None:
            what_if.show(column, row, explained)
    with left:
        # Without a number among the inputs, nothing is typical.
        if explained["effects"]:
            st.subheader("What sets it apart")
            say_of_what(schema, answer)
            effects.show(schema, explained["effects"], f"the typical {track.kind(schema, row)}")
    beside(schema, row, answer, profiles)


def words(schema: Schema, row: Row, answer: Prediction, explained: Mapping[str, Any]) -> None:
    """The texts with the words that decided, and these as bars."""
    found = explained.get("words", [])
    left, right = st.columns([3, 2], gap="large")
    with left:
        st.subheader("In its words")
        for column in schema.texts:
            if row[column.name] is not None:
                own = [effect for effect in found if effect["column"] == column.name]
                if len(schema.texts) > 1:
                    st.markdown(f"**{plain(title_of(column))}**")
                of = measured(schema, answer)
                passage.show(row[column.name], own, of, title_of(column))
        st.page_link("views/studio.py", label="Change it in the Studio", icon=":material/tune:")
    with right:
        st.subheader("Words that decided")
        say_of_what(schema, answer)
        effects.show_words(schema, found)


def say_of_what(schema: Schema, answer: Prediction) -> None:
    """Which class's probability is meant, where that does not go without saying."""
    if schema.classes:
        st.caption(f"Points of the probability of being {plain(measured(schema, answer))}")


def choose(schema: Schema) -> Input | None:
    """The input to change, of those that are numbers; None where there is none."""
    # Which categories of a private input are known is not told.
    numbers = [c for c in schema.inputs if c.type != "text" and not (c.private and c.category)]
    names = [column.name for column in numbers]
    if not names:
        return None
    st.subheader("What if")
    first = next((column.name for column in schema.features if column.name in names), names[0])
    feature = st.selectbox(
        "Input to change", names, format_func=lambda name: title_of(schema.named(name)),
        index=names.index(first), key="what_if", persist_state="session",
    )  # fmt: skip
    return schema.named(feature)


def beside(schema: Schema, row: Row, answer: Prediction, profiles: Profiles) -> None:
    """The rows of its class and kind: all of them as strips, the nearest by name."""
    whom = f"{schema.positive} {track.kinds(schema, row)}"
    if schema.classes:
        whom = f"{track.kinds(schema, row)} of class {answer.label}"
    # Without a number among the inputs, there is nothing to lay beside theirs.
    numbers = profiles.of(row).has_numbers
    if not schema.profiles_by:
        if numbers:
            st.subheader(f"Beside {plain(whom)}")
            strips.show(schema, row, answer, profiles, whom)
        return
    left, right = st.columns(2, gap="large")
    if numbers:
        with left:
            st.subheader(f"Beside {plain(whom)}")
            strips.show(schema, row, answer, profiles, whom)
    with right if numbers else left:
        st.subheader("References")
        # Not of the row's own class where that is not the positive one: what would make it so.
        alike = references.of_class(schema, track.kinds(schema, row))
        st.caption(f"The {plain(alike)} most like yours; a click takes their values over")
        references.offer(schema, row, where="why")


main()
