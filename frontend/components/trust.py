"""How far the served version is to be trusted, in words, from its test metrics."""

import streamlit as st

from answers import Schema
from components.connection import client

NOT_CAUSE = (
    "Association, not cause: the model knows which {entity}s resemble {output} ones. Moving a "
    "slider asks it about another {entity}; it does not make a hit."
)
GENERATED = (
    "**Trained on generated {entity}s.** The version that answers has not seen real ones: it shows "
    "how Hitcast works and tells nothing about music."
)


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
    if precision is not None and recall is not None:
        st.caption(
            f"On {schema.entity}s kept from its training: of 100 that it calls {schema.output}, "
            f"{100 * precision:.0f} are; of 100 {schema.output} ones it finds {100 * recall:.0f}."
        )
    st.caption(NOT_CAUSE.format(entity=schema.entity, output=schema.output))


def banner(schema: Schema) -> None:
    """Say so where the served version was trained on generated rows."""
    if st.session_state.get("generated"):
        st.info(GENERATED.format(entity=schema.entity), icon=":material/science:")
