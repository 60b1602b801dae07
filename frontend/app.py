"""The studio: `streamlit run frontend/app.py`. Pages by which people use the served model."""

import streamlit as st

from components.trouble import watch

PAGES = (
    ("pages/studio.py", "Studio", "tune"),
    ("pages/why.py", "Why and what if", "insights"),
    ("pages/compare.py", "Compare", "compare_arrows"),
    ("pages/batch.py", "Batch", "table_view"),
    ("pages/models.py", "Models", "deployed_code"),
)


def main() -> None:
    """Draw the frame and the page that is open."""
    st.set_page_config("Hitcast", "🎧", layout="wide")
    pages = [st.Page(path, title=title, icon=f":material/{icon}:") for path, title, icon in PAGES]
    chosen = st.navigation(pages)
    with st.sidebar:
        watch()
    chosen.run()


main()
