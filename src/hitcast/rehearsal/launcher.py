"""Runs an entry point of the wheel as a script: `spark-submit launcher.py NAME PARAMETER…`."""

import sys
from importlib.metadata import entry_points

if __name__ == "__main__":
    del sys.argv[0]
    (found,) = entry_points(group="console_scripts", name=sys.argv[0])
    sys.exit(found.load()())
