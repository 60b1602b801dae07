"""Serving another version: asks for the admin key, uses it once and forgets it."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from components import admin
from components.connection import client
from components.registry.versions import Models, named
from refusals import ApiError, NotReadyError, RefusedError

KEY, OUTCOME = "admin_key", "switch_outcome"
UNCHANGED = "Nothing has changed: what answered before still does."


def show(found: Models) -> None:
    """What to serve, the admin key, and what came of it."""
    choices = found.choices()
    st.caption(
        "An alias is followed when it moves; a version stays. The choice holds for all who use "
        "this API, also after a restart."
    )
    name = st.selectbox("Serve", list(choices), key="serve", width=360)
    if name is None:
        return
    # The choice stands outside, so that it is not cleared with the key.
    with st.form("switch", clear_on_submit=True, border=False, width=360):
        admin.field(KEY)
        st.form_submit_button(
            f"Serve {name}", key="switch_now", icon=":material/swap_horiz:",
            on_click=switch, args=(choices[name],),
        )  # fmt: skip
    done, text = st.session_state.pop(OUTCOME, (True, None))
    if text:
        (st.success if done else st.error)(text)


def switch(which: Mapping[str, Any]) -> None:
    """Ask the API once; a callback, so that the key is gone before the page is drawn."""
    key = admin.taken(KEY)
    with st.spinner("Loading the version …"):
        st.session_state[OUTCOME] = outcome(key, which)


def outcome(key: str, which: Mapping[str, Any]) -> tuple[bool, str]:
    """Whether the switch was made, and what to tell of it."""
    if refused := admin.unusable(key, UNCHANGED):
        return False, refused
    try:
        state = client().switch(key, **which)
    except ApiError as error:
        return False, _told(error)
    if state["following"] < state["workers"]:
        return True, (
            f"**It takes long:** {state['following']} of {state['workers']} workers of this API "
            "have switched so far; the others follow by themselves."
        )
    return True, f"Now {named(state['version'], state['alias'])} answers, for all who use this API."


def _told(error: ApiError) -> str:
    said = str(error).rstrip(".")
    match error:
        case NotReadyError():
            return f"**That version can't be loaded:** {said}. {UNCHANGED}"
        case RefusedError() if error.status == 404:
            return f"**There is no such version any more:** {said}. {UNCHANGED} Choose another."
    late = "The switch may still come; the top of this page says what answers."
    return admin.refusal(error, UNCHANGED, doing="Switching", late=late)
