"""The client that all pages share, and what they ask for again and again, kept for a while."""

import os
from collections.abc import Mapping

import streamlit as st

from answers import Schema
from calls import SETTINGS
from client import Client
from profiles import Profiles

ICON = "icon"
"""Where the session keeps the use case's symbol."""


def client() -> Client:
    """The client of the API that the environment names."""
    return _kept({name: os.environ.get(name) for name in SETTINGS})


@st.cache_resource(show_spinner=False)
def _kept(settings: Mapping[str, str | None]) -> Client:  # noqa: ARG001 - what it is kept by
    return Client()


def schema() -> Schema:
    """The model's inputs, with the texts that the served version knows."""
    found = _schema(client().url, st.session_state.get("served"))
    st.session_state[ICON] = found.words.get("icon")
    return found


@st.cache_data(ttl=60, show_spinner=False)
def _schema(url: str, served: int | None) -> Schema:  # noqa: ARG001 - what the answer is kept by
    return client().schema()


def profiles(version: int) -> Profiles | None:
    """Typical rows by value, as a version's training saw them; None where it wrote none."""
    return _profiles(client().url, version)


def served_profiles() -> Profiles | None:
    """Those of the version that was being served when the page last looked."""
    version = st.session_state.get("served")
    return profiles(version) if version else None


@st.cache_resource(ttl=600, max_entries=20, show_spinner=False)
def _profiles(url: str, version: int) -> Profiles | None:  # noqa: ARG001
    return client().profiles(version)
