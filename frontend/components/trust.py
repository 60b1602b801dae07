"""How far the served version is to be trusted, in words, from its test metrics."""

import streamlit as st

from answers import Schema
from components.connection import client

GENERATED = (
    "**Trained on generated {many}.** The version that answers has not seen real ones: it shows "
    "how Hitcast works and tells nothing about {about}."
)


def not_cause(schema: Schema) -> str:
    """What an answer is not, and what the use case adds to that."""
    alike = "what each class looks like" if schema.several else (
        f"which {schema.many} resemble {schema.positive} ones"
    )  # fmt: skip
    note = schema.words.get("note") or (
        f"Another value asks it about another {schema.entity}; it changes none."
    )
    return f"Association, not cause: the model knows {alike}. {note}"


@st.cache_data(ttl=60, show_spinner=False)
def metrics_of(url: str, version: int) -> dict[str, float]:  # noqa: ARG001 - kept by the address
    """A version's metrics in the registry; empty if it has none."""
    for found in client().models()["versions"]:
        if found["version"] == version:
            return dict(found["metrics"])
    return {}


def show(schema: Schema, version: int) -> None:
    """Say how often the version is right, and what its answer is not."""
    metrics = metrics_of(client().url, version)
    precision, recall = metrics.get("test_precision"), metrics.get("test_recall")
    accuracy = metrics.get("test_accuracy")
    if schema.several:
        if accuracy is not None:
            st.caption(
                f"Of 100 {schema.many} kept from its training, it names the right {schema.asked} "
                f"for {100 * accuracy:.0f}."
            )
    elif precision is not None and recall is not None:
        st.caption(
            f"On {schema.many} kept from its training: of 100 that it calls {schema.positive}, "
            f"{100 * precision:.0f} are; of 100 {schema.positive} ones it finds {100 * recall:.0f}."
        )
    st.caption(not_cause(schema))


def banner(schema: Schema) -> None:
    """Say so where the served version was trained on generated rows."""
    if st.session_state.get("generated"):
        about = schema.words.get("about") or f"real {schema.many}"
        st.info(GENERATED.format(many=schema.many, about=about), icon=":material/science:")
