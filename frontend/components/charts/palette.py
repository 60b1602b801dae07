"""Colours of charts: Okabe and Ito's, which colour-blind people tell apart, in light and dark."""

import altair as alt
import streamlit as st

AnyChart = alt.Chart | alt.LayerChart | alt.FacetChart
"""What Altair's layers may give."""

FILL = "#2F8BC9"
DOWN = "#E69F00"
BASE = "#D98200"
TRACK = "#8888884d"
SERIES = (FILL, DOWN, "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442", "#888888")
"""Of what stands side by side, eight at most."""


def ink() -> str:
    """The colour of lines and text on the page's background."""
    return "#FAFAFA" if st.context.theme.type == "dark" else "#31333F"
