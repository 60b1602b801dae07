"""Calls that need the admin key: it is asked for, used once and forgotten."""

import streamlit as st

from components.words import plain
from refusals import ApiError, CallsOffError, DownError, KeyRefusedError, SlowError

WRONG = "**The admin key is wrong.** {unchanged} Enter it again."


def field(name: str) -> None:
    """The field of the key, which stands in a form that is cleared on submit.

    Args:
        name: Where the session has it until it is taken.
    """
    st.text_input(
        "Admin key", type="password", key=name, autocomplete="off",
        help="`HITCAST_ADMIN_KEY` of the API; used for this one call and not kept",
    )  # fmt: skip


def taken(name: str) -> str:
    """The key that was entered; the session has it no more."""
    return str(st.session_state.pop(name, "")).strip()


def unusable(key: str, unchanged: str) -> str | None:
    """What to tell of a key that can't be sent; None of one that can."""
    if not key:
        return "**No admin key:** enter it, then press the button again."
    try:
        key.encode("latin-1")
    except UnicodeEncodeError:
        return WRONG.format(unchanged=unchanged)
    # It would fail in the HTTP library, with the key in the error's text.
    return None if key.isprintable() else WRONG.format(unchanged=unchanged)


def refusal(error: ApiError, unchanged: str, *, doing: str, late: str) -> str:
    """What to tell of a call that failed, whatever it was for.

    Args:
        error: What the API answered.
        unchanged: That all is as it was.
        doing: What the call is for: "Switching".
        late: What may still come of a call that was not answered in time.
    """
    said = plain(str(error)).rstrip(".")
    match error:
        case CallsOffError():
            return (
                f"**{doing} is off:** the API was started without an admin key. Set "
                "`HITCAST_ADMIN_KEY` where it is started, and start it again."
            )
        case KeyRefusedError():
            return WRONG.format(unchanged=unchanged)
        case SlowError():
            return f"**It takes long:** {said}. {late}"
        case DownError():
            return f"**The scoring API is not there:** {said}. Try again when it is back."
        case _:
            return f"**The API refused:** {said}. {unchanged}"
