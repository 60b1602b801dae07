"""Why and what if: what drives an answer, what would change it, and who it is compared with."""

import streamlit as st

from answers import Input, Prediction, Profiles, Row, Schema
from components import connection, references, track, trust
from components.charts import effects, strips, what_if
from components.controls import control
from components.trouble import told
from components.verdict import in_short, measured
from components.words import plain, title_of


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
        top = st.container()
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
        else:
            explained = connection.client().explain(
                track.sent(row), column.name if column else None, version=answer.version
            )
            with right:
                if column is not None:
                    what_if.show(column, row, explained)
            with left:
                st.subheader("What sets it apart")
                if schema.classes:
                    what = plain(measured(schema, answer))
                    st.caption(f"Points of the probability of being {what}")
                effects.show(schema, explained["effects"], f"the typical {track.kind(schema, row)}")
            beside(schema, row, answer, profiles)
    st.caption(trust.not_cause(schema))
    track.remember(schema)


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
    if not schema.profiles_by:
        st.subheader(f"Beside {plain(whom)}")
        strips.show(schema, row, answer, profiles, whom)
        return
    left, right = st.columns(2, gap="large")
    with left:
        st.subheader(f"Beside {plain(whom)}")
        strips.show(schema, row, answer, profiles, whom)
    with right:
        st.subheader("References")
        # Not of the row's own class where that is not the positive one: what would make it so.
        alike = references.of_class(schema, track.kinds(schema, row))
        st.caption(f"The {plain(alike)} most like yours; a click takes their values over")
        references.offer(schema, row, where="why")


main()
