"""Studio: move the sliders, or type numbers, and see at once what the model says."""

import streamlit as st

from answers import Prediction, Row, Schema
from components import connection, references, takes, track, trust, verdict
from components.controls import control, slides
from components.trouble import lacks, told
from components.words import NO_DIFFERENCE, plain, points, title_of
from profiles import Profiles

DRIVERS = 3
# From more inputs on, they stand as closely as they can be read.
LONG, FIELDS, NARROWEST = 16, 4, 130


def main() -> None:
    """Draw the page."""
    st.title("Studio")
    with told():
        schema = connection.schema()
        trust.banner(schema)
        studio(schema)


@st.fragment
def studio(schema: Schema) -> None:
    """Controls and answer, run again by themselves when a control moves."""
    row = track.current(schema)
    # A fragment writes where it wrote when the whole page ran, be there an answer then or not.
    st.bottom.empty()
    with told():
        profiles = connection.served_profiles()
        about(schema, row, profiles)
        starts = st.container(horizontal=True)
        left, right = st.columns([3, 2], gap="large")
        with left:
            sliders(schema, row, profiles)
            lost = track.lacking(schema, row)
            if not lost:
                takes.keep_control(schema, row)
        answered = False
        with right, told():
            if lost:
                lacks(lost)
            else:
                answer(schema, row)
                answered = True
        # Last, because the verdict should not wait for it.
        with starts:
            presets(schema, row, profiles)
            if answered and profiles is not None and schema.profiles_by:
                offer_references(schema, row)
    track.remember(schema)


def about(schema: Schema, row: Row, profiles: Profiles | None) -> None:
    """What the row is: all that can't be changed by producing it otherwise."""
    if not schema.about:
        return
    places = st.columns(len(schema.about), gap="medium")
    for place, column in zip(places, schema.about, strict=True):
        with place:
            control(column, row, profiles)


def is_long(schema: Schema) -> bool:
    """Whether there is so much to be changed that it stands closer together."""
    return len(schema.features) > LONG


def sliders(schema: Schema, row: Row, profiles: Profiles | None) -> None:
    """What can be changed, in two columns; many of them row by row, as many as find room.

    Texts of many words come first, as wide as there is room.
    """
    for column in schema.texts:
        control(column, row, profiles)
    others = [column for column in schema.features if not column.words]
    if is_long(schema):
        grid = st.grid(FIELDS, min_column_width=NARROWEST, gap="small")
        for column in others:
            with grid.container():
                control(column, row, profiles)
        return
    if not others:
        return
    half = (len(others) + 1) // 2
    places = st.columns(2, gap="medium")
    for place, columns in zip(places, (others[:half], others[half:]), strict=True):
        with place:
            for column in columns:
                control(column, row, profiles)


def presets(schema: Schema, row: Row, profiles: Profiles | None) -> None:
    """Places to start from: the typical row of its kind, the beginning."""
    # Of texts alone, none is typical.
    if profiles is not None and profiles.of(row).typical:
        what = "slider" if any(map(slides, schema.features)) else "number"
        st.button(
            f"Typical {track.kind(schema, row)}", icon=":material/equalizer:",
            on_click=references.take, args=(schema, profiles.of(row).typical),
            help=f"Sets every {what} to the median of its kind",
        )  # fmt: skip
    st.button(
        "Start over", icon=":material/restart_alt:", on_click=track.change,
        args=(track.start(schema),),
    )  # fmt: skip


def offer_references(schema: Schema, row: Row) -> None:
    """Positive rows to start from."""
    with st.popover(f"Reference {schema.entity}", icon=references.icon(schema)), told():
        ones = plain(references.of_class(schema, "ones"))
        st.caption(f"The {ones} most like yours; a click takes their values over")
        references.offer(schema, row, where="studio")


def answer(schema: Schema, row: Row) -> None:
    """What the model says, and what drives it most."""
    found = connection.client().predict(track.sent(row), schema.output)
    profiles = connection.profiles(found.version)
    profile = profiles.of(row) if profiles else None
    verdict.show(schema, found, profile, f"a typical {track.kind(schema, row)}")
    if profile is not None:
        drivers(schema, row, found)
    trust.show(schema, found.version)


def drivers(schema: Schema, row: Row, found: Prediction) -> None:
    """The inputs that add or take away most, against the typical row; and the words that do."""
    explained = connection.client().explain(track.sent(row), version=found.version)
    largest = [
        f"- {title_of(schema.named(effect['feature']))}: **{points(effect['effect'])}**"
        for effect in explained["effects"][:DRIVERS]
        if abs(effect["effect"]) >= NO_DIFFERENCE
    ]
    if largest:
        apart = f"What sets it apart from the typical {plain(track.kind(schema, row))}"
        lines = [f"{apart}{of_what(schema, found)}:", "", *largest]
        st.markdown("\n".join(lines))
    counted = [
        f"- {plain(effect['word'])}: **{points(effect['effect'])}**"
        for effect in explained.get("words", [])[:DRIVERS]
        if abs(effect["effect"]) >= NO_DIFFERENCE
    ]
    if counted:
        lines = [f"The words that count most{of_what(schema, found)}:", "", *counted]
        st.markdown("\n".join(lines))
    st.page_link("views/why.py", label="Why, and what would change it", icon=":material/insights:")


def of_what(schema: Schema, found: Prediction) -> str:
    """Which class's probability is meant, where that does not go without saying."""
    return f" (being {plain(verdict.measured(schema, found))})" if schema.classes else ""


main()
