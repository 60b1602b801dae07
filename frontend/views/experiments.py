"""Experiments: what runs, what jobs found about it, and how to start, change and end one."""

import time

import streamlit as st

from components import connection, trust
from components.experiments import forms, reports, running
from components.experiments.experiment import Experiment
from components.trouble import tell, told
from refusals import ApiError, RefusedError

# A comment, not a docstring: Streamlit writes a page's bare strings on the page.
AGAIN_SECONDS = 5


def main() -> None:
    """Draw the page."""
    st.title("Experiments")
    with told():
        schema = connection.schema()
        trust.banner(schema)
        found = what_runs()
        running.show(found)
        look_again(found, time.monotonic())
        try:
            aliases = connection.client().models()["aliases"]
        except RefusedError as error:
            # One exported scorer has no registry, so no experiment; it may have reports.
            tell(error)
        else:
            forms.show(found, aliases, several=schema.several)
        st.subheader("Reports")
        reports.show(connection.client().reports())


def what_runs() -> Experiment | None:
    """The experiment that runs."""
    found = connection.client().experiment()
    return None if found is None else Experiment.read(found)


@st.fragment(run_every=AGAIN_SECONDS)
def look_again(drawn: Experiment | None, since: float) -> None:
    """Draw the page again when something else runs, or runs in another way."""
    if time.monotonic() - since < AGAIN_SECONDS / 2:
        return
    try:
        runs = what_runs()
    except ApiError:
        # The sidebar looks, too, and says so.
        return
    if _key(runs) != _key(drawn):
        st.rerun()


def _key(found: Experiment | None) -> object:
    if found is None:
        return None
    broken = [arm.problem for arm in found.arms]
    return found.name, found.period, found.on, found.workers, found.following, found.ends, broken


main()
