"""Runs a wheel's entry point: `spark-submit launcher.py PACKAGE NAME PARAMETER…`."""

import sys
from importlib.metadata import distribution

if __name__ == "__main__":
    _, package, name, *parameters = sys.argv
    (found,) = distribution(package).entry_points.select(group="console_scripts", name=name)
    sys.argv = [name, *parameters]
    sys.exit(found.load()())
