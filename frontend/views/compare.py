"""Compare: what several versions say of the same row, and takes of it side by side."""

import time
from collections.abc import Sequence

import pandas as pd
import streamlit as st

from answers import Input, Prediction, Row, Schema
from components import connection, takes, track, trust
from components.registry import side_by_side, versions
from components.registry.versions import Version
from components.trouble import lacks, told
from components.words import shown, title_of
from profiles import Profiles
from refusals import ApiError, NotReadyError, RefusedError, SlowError

# Comments, not docstrings: Streamlit writes a page's bare strings on the page.
# As many versions as the API keeps in memory.
MOST = 5
AGAIN_SECONDS = 10
CHOSEN, SERVED_THEN = "compared", "compared_while_serving"
# What sets a row apart is that share of the range where nine rows in ten lie; so many are named.
APART, NAMED = 0.1, 4


def main() -> None:
    """Draw the page."""
    st.title("Compare")
    with told():
        schema = connection.schema()
        trust.banner(schema)
        compare(schema)


def compare(schema: Schema) -> None:
    """The present row, each chosen version's answer to it, and the takes."""
    row = track.current(schema)
    with told():
        present(schema, row)
        lost = track.lacking(schema, row)
        # In containers, so that what comes below stays where it is, and keeps what is being typed.
        with st.container(), st.spinner("Asking the versions …"):
            chosen = choose()
            asked = [] if lost else [(version, ask(schema, row, version)) for version in chosen]
        with st.container():
            if lost:
                lacks(lost)
            side_by_side.show(schema, asked)
        silent = [version for version, answer in asked if isinstance(answer, ApiError)]
        take_section(schema, row, [v for v in chosen if v not in silent], lost)
        if silent:
            ask_again([version.number for version in silent], time.monotonic())
    track.remember(schema)


def present(schema: Schema, row: Row) -> None:
    """The row in few words, all of its values behind a click."""
    profiles = connection.served_profiles()
    with st.container(border=True):
        told_of = (*schema.about, *schema.texts)
        about = [shown(c, row[c.name]) for c in told_of if row[c.name] is not None]
        if about:
            # Not as Markdown: an address that somebody sends may hold any text.
            st.text(" · ".join(about))
        # Where there are no numbers, nothing is near or far.
        if profiles is not None and profiles.of(row).has_numbers:
            far = ", ".join(apart(schema, row, profiles)) or "hardly anything"
            st.caption(f"Apart from the typical {track.kind(schema, row)}: {far}.")
        with st.expander("All values"):
            typical = profiles.of(row).typical if profiles else {}
            lines = [
                {"Input": title_of(c), "Value": shown(c, row[c.name])}
                | ({"Typical": shown(c, typical[c.name])} if c.name in typical else {})
                for c in schema.inputs
            ]
            st.dataframe(pd.DataFrame(lines), hide_index=True, alt="All values of the present row")
        st.page_link("views/studio.py", label="Change it in the Studio", icon=":material/tune:")


def apart(schema: Schema, row: Row, profiles: Profiles) -> list[str]:
    """The values that are farthest from the typical ones, farthest first."""
    profile, found = profiles.of(row), []
    for column in schema.features:
        typical = profile.typical.get(column.name)
        spread = profile.other.get(column.name) or profile.positive.get(column.name)
        # Names have no distance.
        coded = column.names or column.category
        if typical is None or not spread or coded or spread[-1] <= spread[0]:
            continue
        # What is left out is neither near nor far.
        if row[column.name] is None:
            continue
        far = abs(row[column.name] - typical) / (spread[-1] - spread[0])
        value, usual = shown(column, row[column.name]), shown(column, typical)
        if far >= APART:
            found.append((far, f"{title_of(column).lower()} {value} (typical {usual})"))
    return [text for _, text in sorted(found, reverse=True)[:NAMED]]


def choose() -> list[Version]:
    """The versions to ask: at first the one that is served and those that aliases name."""
    found = versions.registered()
    served = connection.client().model()["version"]
    options = {version.number: version for version in found.versions}
    if served:
        options.setdefault(served, Version(served))
    if CHOSEN not in st.session_state or st.session_state.get(SERVED_THEN) != served:
        kept = [served, *st.session_state.get(CHOSEN, found.aliases.values())]
        st.session_state[CHOSEN] = [n for n in dict.fromkeys(kept) if n in options][:MOST]
        st.session_state[SERVED_THEN] = served
    numbers = st.multiselect(
        "Versions", list(options), key=CHOSEN, format_func=lambda n: options[n].label,
        max_selections=MOST, persist_state="session", placeholder="Choose versions",
        help="Those with a name are the aliases; the first is what the others are compared with",
    )  # fmt: skip
    if not numbers:
        st.info("Choose at least one version.", icon=":material/arrow_upward:")
    elif len(options) == 1:
        st.caption("There is one version so far: each training registers another.")
    return [options[number] for number in numbers]


def ask(schema: Schema, row: Row, version: Version) -> Prediction | ApiError:
    """A version's answer, or why there is none if others can still answer."""
    try:
        return connection.client().predict(track.sent(row), schema.output, version=version.number)
    except (NotReadyError, SlowError) as error:
        return error
    except RefusedError as error:
        if error.status == 404:
            return error
        raise


@st.fragment(run_every=AGAIN_SECONDS)
def ask_again(numbers: Sequence[int], since: float) -> None:
    """Run the page again as soon as one of these versions can answer.

    Asked for its profiles, because those are not written to the inference log.
    """
    if time.monotonic() - since < AGAIN_SECONDS / 2:
        return
    for number in numbers:
        try:
            connection.client().profiles(number)
        except ApiError:
            continue
        st.rerun()


def take_section(schema: Schema, row: Row, able: Sequence[Version], lost: Sequence[Input]) -> None:
    """Takes of the row, scored by each version that can answer; a row that lacks inputs is none."""
    st.subheader("Takes")
    st.caption(
        f"A take is the {schema.entity} as it stands, kept under a name. There is room for "
        f"{takes.MOST}; they are gone when this page is reloaded, so download them before."
    )
    if not lost:
        takes.keep_control(schema, row)
    rows = [track.sent(take) for take in takes.kept().values()]
    if not rows:
        return
    predict = connection.client().predict_batch
    takes.show(schema, {v.label: predict(rows, version=v.number) for v in able})


main()
