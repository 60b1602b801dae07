"""Units: told apart by what they are called, and called so nowhere on disk."""

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from hitcast.running.home import Home
from hitcast.running.unit_ids import hashed, key_of
from serving.columns import Row
from serving.experiments import units
from serving.experiments.units import UnitIds, unit_of
from serving.main import create_app
from tests.serving.conftest import settings_of, wait_for
from tests.serving.experiments.conftest import begin, in_log, started
from tests.serving.experiments.test_shadows import SHADOWED, rows_of
from tests.serving.following import followed

SECRET = "somebody-4711@example.org"


def holding(folder: Path, text: bytes) -> list[Path]:
    """The files below a folder that hold a text."""
    return [p for p in folder.rglob("*") if p.is_file() and text in p.read_bytes()]


def test_no_file_holds_what_a_unit_is_called(home: Home, track: Row, tmp_path: Path) -> None:
    shipped = tmp_path / "shipped"
    with followed(home.folder), started(home, log_ship_to=str(shipped)) as client:
        for shadowed in (False, True):
            if shadowed:
                begin(client, arms=SHADOWED)
            for path, body in (
                ("/predict", track),
                ("/predict", {**track, "energy": 7}),
                ("/predict/batch", {"instances": [track, 7]}),
                ("/invocations", {"dataframe_records": [track]}),
                ("/feedback", {"prediction_id": "x", "outcome": 1}),
            ):
                client.post(path, json=body, headers={"X-Unit-Id": SECRET})
        wait_for(lambda: rows_of(client)["shadow"] == 3, "what the shadow scores")
    assert holding(tmp_path, SECRET.encode()) == []
    assert {line["unit"] for line in in_log(home)} == {hashed(key_of(home), SECRET)}
    assert holding(shipped, hashed(key_of(home), SECRET).encode())
    assert (home.folder / "unit.key").stat().st_mode & 0o777 == 0o600


def test_a_key_in_the_settings_goes_before_the_home_s(tmp_path: Path) -> None:
    ids = UnitIds(settings_of(home=tmp_path, unit_key="a key"))
    ids.tend()
    assert ids.of([(b"x-unit-id", b"u")]) == hashed(b"a key", "u")
    assert ids.of([(b"x-unit-id", b" ")]) is None
    assert not list(tmp_path.iterdir())


def test_without_a_key_lines_have_no_unit_which_is_told_and_answers_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(units, "RETRY_SECONDS", 0.0)
    (tmp_path / "unit.key").write_text("")
    with TestClient(create_app(settings_of(home=tmp_path))) as client:
        assert "the log's lines have no units" in client.get("/readyz").text
        assert str(tmp_path) not in client.get("/readyz").text
        (tmp_path / "unit.key").unlink()
        wait_for(lambda: "no units" not in client.get("/readyz").text, "a key")
    assert (tmp_path / "unit.key").read_bytes()


def test_units_are_read_as_callers_write_them() -> None:
    for unit in ("user-1", "Ærø", "x" * 5000):
        assert unit_of([(b"host", b"x"), (b"x-unit-id", unit.encode())]) == unit
    assert unit_of([(b"x-unit-id", "Ærø".encode("latin-1"))]) == "Ærø"
    assert unit_of([(b"x-unit-id", b"one"), (b"x-unit-id", b"two")]) == "one"
    assert unit_of([(b"x-unit", b"one")]) is None


def test_remembered_units_do_not_grow_without_bound(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(units, "REMEMBERED", 10)
    ids = UnitIds(settings_of(home=tmp_path, unit_key="k"))
    for number in range(100):
        unit = f"u{number}" * (1 + number % 2 * 100)
        assert ids.of([(b"x-unit-id", unit.encode())]) == hashed(b"k", unit)
    assert len(ids._known) <= 10
    assert max(map(len, ids._known)) <= units.LONGEST_CACHED
