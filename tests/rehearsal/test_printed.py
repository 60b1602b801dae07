"""The tables for people."""

from rehearsal.printed import states_table
from rehearsal.runners import Outcome


def test_a_tasks_figures_come_before_the_width_of_its_row_is_used_up() -> None:
    answer = (
        '{"source": "twin", "file": "/home/somebody/a/long/way/down/sources/spotify-twin-2000-0.csv'
        '", "counts": {"a": 1}, "inserted": 2000, "reasons": ["first: é"], "table_version": 0}'
    )
    told = states_table("weekly", "here", {"ingest": Outcome("succeeded", 1.0, answer)})
    figures = '{"source": "twin", "inserted": 2000, "reasons": ["first: é"], "table_version": 0}'
    assert told.splitlines()[-1] == f"ingest  succeeded  1.0  {figures}"


def test_an_error_stands_as_it_was_told() -> None:
    for error in ("error: expected a file at /a, found none", "[1, 2]", ""):
        told = states_table("weekly", "here", {"ingest": Outcome("failed", 1.0, error)})
        assert told.splitlines()[-1] == f"ingest  failed  1.0  {error}".rstrip()
