"""Databricks' real client against a local server that keeps secrets."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from hitcast.errors import SourceError
from hitcast.sources.secret_scope import take_token
from tests.workspace import Workspace, workspace


@pytest.fixture
def databricks(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Workspace]:
    """A workspace that this process may call."""
    monkeypatch.delenv("KAGGLE_API_TOKEN", raising=False)
    with workspace(tmp_path) as found:
        monkeypatch.setenv("DATABRICKS_HOST", found.url)
        monkeypatch.setenv("DATABRICKS_TOKEN", "token-1")
        yield found


def test_the_token_goes_where_kaggles_client_looks(
    databricks: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KAGGLE_API_TOKEN", "older")
    databricks.secrets["hitcast", "kaggle-api-token"] = "KGAT_1\n"
    take_token("hitcast")
    assert os.environ["KAGGLE_API_TOKEN"] == "KGAT_1"


@pytest.mark.usefixtures("databricks")
def test_a_missing_secret_says_how_to_put_it_there() -> None:
    with pytest.raises(SourceError) as caught:
        take_token("hitcast")
    assert str(caught.value) == (
        "expected Kaggle's token as the secret kaggle-api-token in the scope hitcast, got: Secret "
        "does not exist with scope: hitcast and key: kaggle-api-token; put it there with: "
        "databricks secrets put-secret hitcast kaggle-api-token"
    )
    assert "KAGGLE_API_TOKEN" not in os.environ


def test_outside_a_workspace_the_error_names_what_is_missing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: os.PathLike[str]
) -> None:
    for name in [n for n in os.environ if n.startswith("DATABRICKS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(SourceError, match="cannot configure default credentials"):
        take_token("hitcast")
