"""The studio: `streamlit run frontend/app.py`. Pages by which people use the served model."""

import streamlit as st

from components import track
from components.connection import ICON
from components.trouble import watch

PAGES = (
    ("views/studio.py", "Studio", "tune"),
    ("views/why.py", "Why and what if", "insights"),
    ("views/compare.py", "Compare", "compare_arrows"),
    ("views/batch.py", "Batch", "table_view"),
    ("views/models.py", "Models", "deployed_code"),
    ("views/experiments.py", "Experiments", "experiment"),
)


def main() -> None:
    """Draw the frame and the page that is open."""
    st.set_page_config("Hitcast", "📈", layout="wide")
    pages = [st.Page(path, title=title, icon=f":material/{icon}:") for path, title, icon in PAGES]
    chosen = st.navigation(pages)
    track.entered(chosen.url_path)
    with st.sidebar:
        watch()
    chosen.run()
    # The use case's own symbol is known when a page has asked for it.
    if icon := st.session_state.get(ICON):
        st.set_page_config(page_icon=f":material/{icon}:")


main()
