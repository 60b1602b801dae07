"""Takes: rows that a person keeps under names, to see them beside each other."""

import csv
import re
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from answers import Input, Row, Said, Schema
from components import track
from components.words import percent, shown, title_of

MOST = 5
LONGEST_NAME = 30
TAKES, NAME = "takes", "take_name"
FORMULA = re.compile(r"[=+\-@\t\r\n]")
"""What a cell begins with that spreadsheets run as a formula."""

Answers = Mapping[str, Sequence[Mapping[str, Any]]]
"""What each version, by its label, says of each take."""


def kept() -> dict[str, Row]:
    """The takes of this session by name, in the order in which they were kept."""
    takes: dict[str, Row] = st.session_state.setdefault(TAKES, {})
    return takes


def keep_control(schema: Schema, row: Row) -> None:
    """A field for a name and a button that keeps the row under it."""
    takes = kept()
    full = len(takes) >= MOST
    with (
        st.form("keep_take", clear_on_submit=True, border=False),
        st.container(horizontal=True, vertical_alignment="bottom"),
    ):
        # Wide enough for a name beside Streamlit's own hint in the field.
        name = st.text_input(
            "Name of the take", key=NAME, placeholder=next_name(takes), disabled=full,
            autocomplete="off", width=360,
        )  # fmt: skip
        asked = st.form_submit_button(
            "Keep this take", key="keep", icon=":material/bookmark_add:", disabled=full
        )
    if full:
        st.caption(f"{MOST} takes are kept, which is the most: remove one to keep another.")
    if not asked or full:
        return
    name = name.strip() or next_name(takes)
    if problem := refusal(name, takes):
        st.warning(problem)
        return
    takes[name] = dict(row)
    del st.session_state[NAME]
    st.toast(
        f"Kept this {schema.entity} as {name}: see it under Compare", icon=":material/bookmark:"
    )
    st.rerun()


def refusal(name: str, takes: Mapping[str, Row]) -> str | None:
    """Why a take can't have this name; None if it can."""
    if len(name) > LONGEST_NAME:
        return f"A name has at most {LONGEST_NAME} characters, this one has {len(name)}."
    if name.casefold() in {known.casefold() for known in takes}:
        return f"There is a take called {name} already: give this one another name."
    return None


def next_name(takes: Mapping[str, Row]) -> str:
    """The first of "Take 1", "Take 2" … that is free."""
    known = {name.casefold() for name in takes}
    return next(name for n in range(1, MOST + 2) if (name := f"Take {n}").casefold() not in known)


def remove(name: str) -> None:
    """Forget a take; a callback."""
    kept().pop(name, None)


def load(name: str) -> None:
    """Make a take the present row; a callback."""
    if name in kept():
        track.change(kept()[name])
        st.toast(f"{name} is the present one now", icon=":material/upload:")


def ordered(schema: Schema, rows: Sequence[Row]) -> tuple[list[Input], list[Input]]:
    """The inputs in which rows differ, and those in which they are the same."""
    differ = [c for c in schema.inputs if any(row[c.name] != rows[0][c.name] for row in rows)]
    return differ, [c for c in schema.inputs if c not in differ]


def table(schema: Schema, takes: Mapping[str, Row], answers: Answers) -> pd.DataFrame:
    """A line for each take, to be read: what the versions say, what differs, the rest."""
    differ, same = ordered(schema, list(takes.values()))
    lines = []
    for place, (name, row) in enumerate(takes.items()):
        said = {label: _verdict(schema, found, place) for label, found in answers.items()}
        values = {title_of(c): shown(c, row[c.name]) for c in (*differ, *same)}
        lines.append({"Take": name, **said, **values})
    return pd.DataFrame(lines)


def show(schema: Schema, answers: Answers) -> None:
    """The takes in a table, and what can be done with them."""
    takes = kept()
    differ, _ = ordered(schema, list(takes.values()))
    # By itself a column keeps the width that the first take needed.
    width = 30 + 9 * max(len("Take"), *map(len, takes))
    pinned = {"Take": st.column_config.TextColumn(pinned=True, width=min(width, 200))}
    st.dataframe(
        table(schema, takes, answers), hide_index=True, column_config=pinned,
        alt=f"{len(takes)} takes, with what each version says of them and their values",
    )  # fmt: skip
    if len(takes) > 1:
        names = ", ".join(title_of(column) for column in differ)
        st.caption(f"They differ in: {names}." if names else "They are all the same.")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.selectbox("A take", list(takes), key="take", width=260)
        st.button(
            f"Make it the present {schema.entity}", key="load_take", icon=":material/upload:",
            on_click=load, args=(name,),
        )  # fmt: skip
        st.button(
            "Remove it", key="remove_take", icon=":material/delete:", on_click=remove, args=(name,)
        )
        st.download_button(
            "Download all as CSV", as_csv(schema, takes, answers), f"{schema.entity}_takes.csv",
            "text/csv", key="download_takes", icon=":material/download:", on_click="ignore",
        )  # fmt: skip


def _verdict(schema: Schema, found: Sequence[Mapping[str, Any]], place: int) -> str:
    answer = found[place]
    if "error" in answer:
        return str(answer["error"])
    said = Said.of(answer, schema)
    if schema.classes:
        return f"{percent(said.chance)}, {said.label}"
    positive = schema.positive if said.label else f"not {schema.positive}"
    return f"{percent(said.probability)}, {positive}"


def as_csv(schema: Schema, takes: Mapping[str, Row], answers: Answers) -> bytes:
    """The same for other programs: values as the API takes them, and no formulas."""
    lines = []
    for place, (name, row) in enumerate(takes.items()):
        line = {"take": _safe(name), **{c.name: _safe(row[c.name]) for c in schema.inputs}}
        for label, found in answers.items():
            answer = found[place]
            if schema.several:
                each = answer.get("probabilities") or {}
                line |= {f"probability_{c}: {label}": each.get(c) for c in schema.classes}
            else:
                line[f"probability: {label}"] = answer.get("probability")
            line[f"{schema.output}: {label}"] = answer.get(schema.output)
        lines.append(line)
    # As objects, whole numbers beside missing ones stay whole; a lone carriage return in a text
    # would end a line if it were not quoted; Excel knows UTF-8 by the mark at the start.
    frame = pd.DataFrame(lines, dtype=object)
    return frame.to_csv(index=False, quoting=csv.QUOTE_NONNUMERIC).encode("utf-8-sig")


def _safe(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and FORMULA.match(value) else value
