"""What tests of collect share."""

from pathlib import Path

import pytest

from hitcast.running.home import Home


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home with nothing in it, whose tables are those of `lakehouse`."""
    return Home(tmp_path)
