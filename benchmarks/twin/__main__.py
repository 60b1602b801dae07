"""Derives the twin's profile anew: python -m benchmarks.twin --sample PATH."""

import argparse
import sys
from pathlib import Path

from benchmarks.twin.derive import derive_profile
from hitcast.errors import SourceError
from hitcast.sources.twin.profile import PROFILE_PATH, save_profile


def main(arguments: list[str] | None = None) -> None:
    """Derive the profile from a sample of real lines and write it.

    Raises:
        SourceError: if there is no such sample.
    """
    parser = argparse.ArgumentParser(prog="python -m benchmarks.twin")
    parser.add_argument("--sample", type=Path, required=True, help="CSV file of real lines")
    parser.add_argument("--out", type=Path, default=PROFILE_PATH, help="JSON file to write")
    options = parser.parse_args(arguments)
    if not options.sample.is_file():
        raise SourceError(
            f"--sample needs a CSV file of real tracks; there is none at {options.sample}. "
            "Pass the path of a sample with the columns of the real file."
        )
    save_profile(derive_profile(options.sample), options.out)
    sys.stderr.write(f"wrote {options.out} ({options.out.stat().st_size:,} bytes)\n")


if __name__ == "__main__":
    main()
