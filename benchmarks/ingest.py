"""Ingest of the full-size twin: Hitcast beside DuckDB, Polars and pandas.

What the peers do, and what they leave out, stands in `ingest_peers`. Their rows go to one Parquet
file, and to one Delta table by delta-rs. Run as `make bench-ingest`.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

import pyarrow.parquet as pq
from deltalake import write_deltalake

from benchmarks.ingest_peers import PEERS
from benchmarks.table import print_table, run_timed
from hitcast.declaration.loading import load_use_case
from hitcast.sources.twin import write_twin

FULL = 1_159_764
FEW = 2_000
TARGETS = (
    "targets, session start included: first ingest 35 s or less, the same file again 10 s, "
    f"{FEW:,} rows 15 s"
)


def main() -> int:
    """Generate, ingest twice, run the peers, print the table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rows", type=int, default=FULL)
    options.add_argument("--home", type=Path, help="keep it here (default: temporary)")
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        home = given.home or Path(scratch, "home")
        rows = _ours(home, FEW) + _ours(home / "full", given.rows)
        source = _twin(home / "full", given.rows)
        rows += _peers(source, Path(scratch))
    print_table(f"Ingest of {given.rows:,} generated rows", rows)
    print(TARGETS)
    return 0


def _twin(home: Path, rows: int) -> Path:
    """The file that the job's `--twin` takes, made where it is not there."""
    path = home / "sources" / f"{load_use_case().name}-twin-{rows}-0.csv"
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True)
        write_twin(path, rows)
    return path


def _ours(home: Path, rows: int) -> list[dict[str, object]]:
    _twin(home, rows)
    job: list[str | Path] = [sys.executable, "jobs/ingest.py", "--home", home, "--twin", str(rows)]
    first, again = run_timed(job), run_timed(job)
    return [
        _row(f"Hitcast, first ingest of {rows:,}", first.result["inserted"], first.seconds),
        _row("Hitcast, same file again", again.result["inserted"], again.seconds),
    ]


def _peers(source: Path, scratch: Path) -> list[dict[str, object]]:
    use_case, told = load_use_case(), []
    for name, peer in PEERS.items():
        began = time.perf_counter()
        rows, _ = peer(source, use_case)
        made = time.perf_counter() - began
        pq.write_table(rows, scratch / f"{name}.parquet")
        seconds = time.perf_counter() - began
        told.append(_row(f"{name}: to one Parquet file", rows.num_rows, seconds))
        began = time.perf_counter()
        write_deltalake(scratch / name, rows)
        seconds = made + time.perf_counter() - began
        told.append(_row(f"{name}: to one Delta table", rows.num_rows, seconds))
    return told


def _row(what: str, rows: int, seconds: float) -> dict[str, object]:
    return {"what": what, "rows written": rows, "seconds": seconds}


if __name__ == "__main__":
    sys.exit(main())
