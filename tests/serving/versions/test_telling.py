import os
from errno import EACCES
from pathlib import Path

import pytest

from hitcast.errors import RegistryError
from serving.versions.telling import told, without_paths


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("a database at /srv/x/mlflow.db, found none", "a database at mlflow.db, found none"),
        ("at sqlite:////srv/x/mlflow.db; train", "at mlflow.db; train"),
        ("No such file: '/srv/x/card.json'. Name", "No such file: 'card.json'. Name"),
        ("read:/srv/x", "read:x"),
        ("and/or 3/4 of https://mlflow.example/a/b", "and/or 3/4 of https://mlflow.example/a/b"),
    ],
)  # fmt: skip
def test_a_path_loses_all_but_its_last_part(text: str, plain: str) -> None:
    assert without_paths(text) == plain


def test_a_folder_with_spaces_is_not_told_either() -> None:
    home = Path("/home/my songs")
    error = RegistryError(f"expected a tracking database at {home}/mlflow.db, found none")
    assert told(error, [home]) == "expected a tracking database at mlflow.db, found none"


def test_of_an_error_of_the_system_its_meaning_is_told() -> None:
    assert told(OSError(EACCES, os.strerror(EACCES), "/srv/x")) == "permission denied"
    assert told(KeyError("/srv/x")) == "KeyError"
