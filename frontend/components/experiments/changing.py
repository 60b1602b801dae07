"""Calls that start, change and end an experiment, with the admin key, and what came of them."""

import time
from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from components import admin
from components.connection import client
from components.words import plain
from refusals import ApiError, NotReadyError, RefusedError

OUTCOME = "experiment_outcome"
TOLD_SECONDS = 30
UNCHANGED = "Nothing has changed: what ran before still does."
Done = tuple[bool, dict[str, Any] | None]
"""Whether all workers follow already, and what runs."""


def told() -> None:
    """What came of the last call, for a while: the page draws itself again when things change."""
    (done, text), since = st.session_state.get(OUTCOME, ((True, ""), 0.0))
    if text and time.monotonic() - since < TOLD_SECONDS:
        (st.success if done else st.error)(text)


def start(key_name: str, wanted: Mapping[str, Any]) -> None:
    """Start an experiment, or change the one that runs; a callback, as `switching` has it."""
    missing = None if wanted["name"] else "**No name:** give the experiment one, then try again."
    _call(key_name, lambda key: client().start_experiment(key, wanted), wanted["name"], missing)


def end(key_name: str, sure_name: str, name: str) -> None:
    """End what runs, if somebody is sure."""
    sure = st.session_state.get(sure_name)
    missing = None if sure else f"**Not ended:** tick that {plain(name)} is to end, then try again."
    _call(key_name, lambda key: client().end_experiment(key), None, missing)


def _call(
    key_name: str, ask: Callable[[str], Done], expected: str | None, missing: str | None
) -> None:
    # The key is taken in any case, so that it is gone before the page is drawn.
    key = admin.taken(key_name)
    with st.spinner("All workers load the versions …" if expected else "Ending …"):
        refused = missing or admin.unusable(key, UNCHANGED)
        found = (False, refused) if refused else _outcome(key, ask, expected)
    st.session_state[OUTCOME] = found, time.monotonic()


def _outcome(key: str, ask: Callable[[str], Done], expected: str | None) -> tuple[bool, str]:
    """Whether it was done, and what to tell of it."""
    try:
        all_follow, state = ask(key)
    except ApiError as error:
        return False, _refusal(error)
    runs = state["name"] if state else None
    if runs != expected:
        other = f"{plain(runs)} runs now" if runs else "none runs now"
        return False, f"**Another call came in between:** {other}."
    if all_follow:
        return True, f"{plain(runs)} is kept as you see it above, by all workers of this API." if (
            runs
        ) else "The experiment has ended: one version answers all."  # fmt: skip
    if state and state["following"] < state["workers"]:
        how_far = f"{state['following']} of {state['workers']} workers of this API have it so far"
    else:
        how_far = "not all workers of this API have it yet"
    return True, f"**It takes long:** it is kept, and {how_far}; they follow by themselves."


def _refusal(error: ApiError) -> str:
    said = plain(str(error)).rstrip(".")
    match error:
        case NotReadyError():
            return f"**It can't be done now:** {said}. {UNCHANGED}"
        case RefusedError() if error.status == 404:
            return f"**There is nothing of that name:** {said}. {UNCHANGED}"
        case RefusedError() if error.status == 409:
            return f"**Another experiment is in the way:** {said}. {UNCHANGED}"
    late = "The change may still come; the top of this page says what runs."
    return admin.refusal(error, UNCHANGED, doing="Changing experiments", late=late)
