"""What a page shows when the API does not answer as asked, and how it comes back by itself."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import streamlit as st

from answers import Input
from components.connection import client
from components.words import plain, title_of
from refusals import ApiError, DownError, KeyRefusedError, NotReadyError, RefusedError, SlowError

LOOK_SECONDS = 3
AGAIN = f"This page looks again every {LOOK_SECONDS} seconds and goes on by itself."


@contextmanager
def told() -> Iterator[None]:
    """Show an error of the API in place of what the block would have shown."""
    try:
        yield
    except ApiError as error:
        st.session_state["trouble"] = not isinstance(error, RefusedError) or error.status == 429
        tell(error)


def tell(error: ApiError) -> None:
    """Say what is wrong and what to do."""
    match error:
        case DownError():
            st.error(
                f"**The scoring API is not there:** {error}. Start it with `make serve`, or set "
                f"`HITCAST_API_URL` to where it is. {AGAIN}", icon=":material/cloud_off:",
            )  # fmt: skip
        case NotReadyError():
            st.warning(
                f"**No model can answer yet:** {error}. {AGAIN}", icon=":material/hourglass:"
            )
        case SlowError():
            st.warning(
                f"**The answer takes too long:** {error}. The machine may be busy. {AGAIN}",
                icon=":material/timer:",
            )
        case KeyRefusedError():
            st.error(
                f"**The key was refused:** {error}. Set `HITCAST_API_KEY` where the studio was "
                "started, and start it again.", icon=":material/key_off:",
            )  # fmt: skip
        case RefusedError() if error.status == 429:
            st.warning(f"**Too many requests:** {error}. {AGAIN}", icon=":material/speed:")
        case _:
            st.error(f"**The API refused the request:** {error}.", icon=":material/block:")


def lacks(columns: Sequence[Input]) -> None:
    """Say what has to be given before there can be an answer."""
    names = " and ".join(f"**{plain(title_of(column))}**" for column in columns)
    st.info(f"The model answers as soon as it has {names}.", icon=":material/edit_note:")


def watch() -> None:
    """Say how the API is, and run the page again when that changes or an error has passed.

    Kept in the session: `health`, the state last seen; `served` and `generated`, the version that
    is served and whether it was trained on generated rows; and `trouble`, whether the page shows
    an error that may pass.
    """
    st.session_state.update(health=None, trouble=False)
    _heartbeat()


@st.fragment(run_every=LOOK_SECONDS)
def _heartbeat() -> None:
    health, line = _look()
    before = st.session_state["health"]
    st.session_state["health"] = health
    answers = health[0] in ("ready", "degraded")
    (st.caption if answers else st.warning)(line)
    if before not in (None, health) or (st.session_state["trouble"] and answers):
        st.rerun()


def _look() -> tuple[tuple[object, ...], str]:
    try:
        found = client().readiness()
        if found["status"] == "unready":
            return ("unready",), "No model can answer yet: " + "; ".join(found["problems"])
        model = client().model()
    except KeyRefusedError:
        return ("refused",), "The API refuses the key."
    except ApiError as error:
        return ("down",), f"No connection: {error}."
    st.session_state.update(served=model["version"], generated=model["generated"])
    served = f"version {model['version']}"
    if model["alias"]:
        served += f" ({model['alias']})"
    if found["status"] == "degraded":
        return ("degraded", served), f"{served} answers, but: " + "; ".join(found["problems"])
    return ("ready", served), f"Connected: {served}"
