"""Batch: upload a table and get an answer for every line of it."""

import pandas as pd
import streamlit as st

from answers import Input, Schema
from components import connection, trust
from components.track import legal_range
from components.trouble import told
from components.upload import pictures, results, table
from components.upload.lines import TableError
from components.upload.scoring import Batch, score
from components.words import percent, plain

# What the session keeps: the table that was read last, and its answers.
UPLOAD, BATCH = "batch_upload", "batch"


def main() -> None:
    """Draw the page."""
    st.title("Batch")
    above = st.container()
    # Before anything that may fail: a file would be lost with its widget.
    file = st.file_uploader("CSV file", "csv", key="batch_file", on_change=forget)
    with told():
        schema = connection.schema()
        with above:
            introduce(schema)
        helps(schema)
        if UPLOAD not in st.session_state and file is not None:
            take(file.name, file.getvalue(), schema)
        if UPLOAD in st.session_state:
            answer(st.session_state[UPLOAD], schema)


def forget() -> None:
    """Another file was chosen, or none: what was known of the last one goes."""
    st.session_state.pop(UPLOAD, None)
    st.session_state.pop(BATCH, None)


def introduce(schema: Schema) -> None:
    """Say what the page is for."""
    trust.banner(schema)
    of_classes = f"which {schema.asked} each of them is"
    seen = of_classes if schema.classes else f"which are likely {schema.positive}"
    st.markdown(
        f"Upload a table with a line for each {schema.entity}, up to {table.MOST_ROWS:,} of them, "
        f"and see {seen}. Columns that the model does not know are kept."
    )


def helps(schema: Schema) -> None:
    """The template, and what its columns hold."""
    st.download_button(
        "Template", table.template(schema), f"{stem(schema.many)}_template.csv", "text/csv",
        icon=":material/download:", on_click="ignore",
        help="A CSV file with the columns that the model needs and an example",
    )  # fmt: skip
    with st.expander("What the columns hold", icon=":material/help:"):
        columns = {
            "Column": [column.name for column in schema.inputs],
            "Values": [legal(column) for column in schema.inputs],
            "Meaning": [column.meaning for column in schema.inputs],
        }
        names = "What the columns of the template hold"
        st.dataframe(pd.DataFrame(columns), alt=names, hide_index=True, height="content")


def stem(words: str) -> str:
    """Words as a file may be called."""
    return words.replace(" ", "_")


def legal(column: Input) -> str:
    """What may stand in a column."""
    found = {"text": "text", "integer": "whole number", "number": "number"}[column.type]
    if column.minimum is not None or column.maximum is not None:
        found += f", {legal_range(column.minimum, column.maximum)}"
    if column.words and column.longest:
        found += f" of up to {column.longest:,} characters"
    return found if column.required else f"{found}, or nothing"


def take(name: str, content: bytes, schema: Schema) -> None:
    """Read the file, or say why it can't be used; the next upload replaces it."""
    try:
        with st.spinner(f"Reading {plain(name)}"):
            st.session_state[UPLOAD] = table.read(name, content, schema)
    except TableError as error:
        st.error(f"**{plain(name)} can't be scored.** {error}", icon=":material/upload_file:")


def answer(upload: table.Upload, schema: Schema) -> None:
    """Score what is not scored yet, and show the results."""
    if BATCH not in st.session_state:
        st.session_state[BATCH] = Batch.of(upload, connection.client().model())
    batch: Batch = st.session_state[BATCH]
    if batch.done < batch.rows:
        bar = st.progress(0.0)

        def tell(done: int) -> None:
            told_so_far = f"{done:,} of {batch.rows:,} {schema.many} scored"
            bar.progress(done / batch.rows, told_so_far)

        score(batch, schema, connection.client(), tell)
        bar.progress(1.0, "Drawing the results")
        show(batch, schema)
        bar.empty()
    else:
        show(batch, schema)


def show(batch: Batch, schema: Schema) -> None:
    """The results: in a few figures, as a histogram, as tables, as a file."""
    if not batch.kept:
        batch.kept = {"scored": results.scored(batch, schema), "refused": results.refused(batch)}
    scored, refused = batch.kept["scored"], batch.kept["refused"]
    summary(batch, schema, scored, refused)
    if len(scored):
        st.altair_chart(
            pictures.drawn(scored, batch.threshold, schema),
            alt=pictures.told(scored, batch.threshold, schema), key="batch_histogram",
        )  # fmt: skip
        results.show_scored(scored, schema)
    if len(refused):
        st.subheader("Lines that could not be scored")
        st.caption("Mend them in your file and upload it again; the others were scored.")
        results.show_refused(refused)


def summary(batch: Batch, schema: Schema, scored: pd.DataFrame, refused: pd.DataFrame) -> None:
    """How many, which version, and the file to take away."""
    st.subheader(f"Results of {plain(batch.upload.name)}")
    with st.container(horizontal=True):
        many = f"{schema.many[:1].upper()}{schema.many[1:]}"
        st.metric(f"{many} scored", f"{len(scored):,}", border=True)
        for name, count in results.counts(scored, schema).items():
            share = f" ({percent(count / len(scored))})" if len(scored) else ""
            st.metric(name, f"{count:,}{share}", border=True)
        st.metric("Could not be scored", f"{len(refused):,}", border=True)
    alias = f" ({batch.alias})" if batch.alias else ""
    st.caption(f"Scored by version {batch.version}{alias}, which {says(batch, schema)}.")
    with st.container(horizontal=True):
        name = batch.upload.name.removesuffix(".csv")
        st.download_button(
            "Results as CSV", lambda: results.as_csv(batch, schema), f"{name}_scored.csv",
            "text/csv", icon=":material/download:", on_click="ignore", type="primary",
            help="Every line of the file in its order, with the answer, or the reason why not",
        )  # fmt: skip
        served = st.session_state.get("served")
        if served not in (None, batch.version):
            st.button(
                f"Score again with version {served}", icon=":material/refresh:",
                on_click=st.session_state.pop, args=(BATCH, None),
                help="Another version is served by now",
            )  # fmt: skip


def says(batch: Batch, schema: Schema) -> str:
    """When the version says what."""
    if batch.threshold is None:
        return f"names the most likely of {len(schema.classes)} classes"
    what = schema.classes[-1] if schema.classes else f"likely {schema.positive}"
    return f"says “{plain(what)}” from a probability of {percent(batch.threshold)} on"


main()
