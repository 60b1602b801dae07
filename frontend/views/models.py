"""Models: which versions there are, how good they are, and which one answers."""

from typing import Any

import streamlit as st

from answers import Schema
from components import connection, trust
from components.registry import overview, switching, versions
from components.trouble import told
from components.words import percent
from refusals import NotReadyError


def main() -> None:
    """Draw the page."""
    st.title("Models")
    with told():
        schema = connection.schema()
        trust.banner(schema)
        found = versions.registered()
        with told():
            served(schema, connection.client().model())
        if found.problem:
            st.warning(
                f"**The registry does not answer:** {found.problem}. The list below is what it "
                "held last; predictions go on.", icon=":material/cloud_off:",
            )  # fmt: skip
        st.subheader("Versions")
        overview.show(schema, found)
        st.subheader("Serve another version")
        switching.show(found)


def served(schema: Schema, model: dict[str, Any]) -> None:
    """What answers now.

    Raises:
        NotReadyError: if nothing does.
    """
    if model["version"] is None:
        raise NotReadyError(model["problem"] or "no version is loaded")
    grid = st.grid(3, min_column_width=200)
    grid.metric(
        "Answers now", f"Version {model['version']}", border=True, height="stretch",
        delta_description=f"chosen by the alias {model['alias']}" if model["alias"] else None,
    )  # fmt: skip
    if model["threshold"] is None:
        grid.metric(
            "Classes", str(len(schema.classes)), border=True, height="stretch",
            delta_description="of which it says the most likely one",
        )  # fmt: skip
    else:
        says = schema.classes[-1] if schema.classes else schema.positive
        grid.metric(
            "Threshold", percent(model["threshold"]), border=True, height="stretch",
            delta_description=f"from which on it says {says}",
        )  # fmt: skip
    grid.metric(
        "Trained on", "Generated" if model["generated"] else "Real", border=True, height="stretch",
        delta_description=schema.many,
    )  # fmt: skip
    alias, version = model["selected"]["alias"], model["selected"]["version"]
    follows = (
        f"Version {version} was selected, wherever the aliases move."
        if version is not None
        else f"The alias {alias} was selected: when it moves, the API follows by itself."
    )
    st.caption(f"Family: {model['family'].replace('_', ' ')}. {follows}")
    if model["problem"]:
        st.warning(
            f"**This is not what was selected:** {model['problem']}. The API goes over to it as "
            "soon as it can.", icon=":material/sync_problem:",
        )  # fmt: skip


main()
