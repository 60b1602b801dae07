"""Why and what if: what drives an answer, what would change it, and who it is compared with."""

import streamlit as st

from answers import Profiles, Row, Schema
from components import connection, references, track, trust
from components.charts import effects, strips, what_if
from components.controls import control
from components.trouble import told
from components.verdict import headline
from components.words import percent, title_of


def main() -> None:
    """Draw the page."""
    st.title("Why and what if")
    with told():
        schema = connection.schema()
        trust.banner(schema)
        why(schema)


@st.fragment
def why(schema: Schema) -> None:
    """All that depends on the row, run again by itself when the slider moves."""
    row = track.current(schema)
    with told():
        top = st.container()
        left, right = st.columns(2, gap="large")
        with right:
            st.subheader("What if")
            names = [column.name for column in schema.inputs if column.type != "text"]
            feature = st.selectbox(
                "Input to change", names, format_func=lambda name: title_of(schema.named(name)),
                index=names.index(schema.features[0].name), key="what_if", persist_state="session",
            )  # fmt: skip
            column = schema.named(feature)
            control(column, row, connection.served_profiles())
        answer = connection.client().predict(track.sent(row), schema.output)
        top.markdown(f"**{headline(schema, answer)}**: {percent(answer.probability)}")
        profiles = connection.profiles(answer.version)
        if profiles is None:
            st.info(f"Version {answer.version} was trained without profiles: train again for them.")
        else:
            explained = connection.client().explain(
                track.sent(row), feature, version=answer.version
            )
            with right:
                what_if.show(column, row, explained)
            with left:
                st.subheader("What sets it apart")
                effects.show(schema, explained["effects"], f"the typical {track.kind(schema, row)}")
            beside(schema, row, profiles)
    st.caption(trust.NOT_CAUSE.format(entity=schema.entity, output=schema.output))
    track.remember(schema)


def beside(schema: Schema, row: Row, profiles: Profiles) -> None:
    """The positive rows of its kind: all of them as strips, the nearest by name."""
    left, right = st.columns(2, gap="large")
    whom = f"{schema.output} {track.kind(schema, row)}s"
    with left:
        st.subheader(f"Beside {whom}")
        strips.show(schema, row, profiles, whom)
    with right:
        st.subheader("References")
        st.caption(f"The {whom} most like yours; a click takes their values over")
        references.offer(schema, row, where="why")


main()
