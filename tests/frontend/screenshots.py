"""Pictures of every page for the documentation: `make screenshots`; needs Chromium.

They show what the home folder has: the version in production, its aliases, its references, the
experiment that runs and the reports of those before.
"""

import argparse
import csv
import os
import sys
import tempfile
import time
from pathlib import Path

from PIL import Image
from selenium.webdriver import Chrome

from hitcast.declaration.loading import load_use_case
from hitcast.running.home import Home
from serving.row_models import example
from tests.browser import DESK, PHONE, browser, missing, wait_for
from tests.conftest import ROOT
from tests.servers import api_and_studio

IMAGES = ROOT / "docs/images"
SETTLED_SECONDS = 2.5
TOAST_SECONDS = 6
UPLOADED_ROWS = 500
TRACK = "genre=techno&year=2022&energy=0.86&valence=0.31&tempo=128.0&danceability=0.74"
TABLE = "[data-testid=stDataFrame] canvas"
CHART = "[data-testid=stVegaLiteChart]"
PATHS = {
    "studio": f"/?{TRACK}", "why": f"/why?{TRACK}", "compare": f"/compare?{TRACK}",
    "batch": "/batch", "models": "/models",
    "experiments": "/experiments",
}  # fmt: skip
SHOWN = {
    "studio": CHART, "why": CHART, "compare": TABLE, "batch": TABLE, "models": TABLE,
    "experiments": "[data-testid=stExpander]",
}  # fmt: skip


def main() -> None:
    """Take every page at desk and phone width, light and dark."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--home", type=Path, help="a home with a model in production")
    given = options.parse_args()
    if lost := missing():
        sys.exit(lost)
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        upload = _upload(scratch)
        home = Home.resolve(given.home).folder
        with api_and_studio(home, scratch, os.environ, ROOT, HITCAST_LOG="false") as (_, url):
            for width, size in (("desk", DESK), ("phone", PHONE)):
                for theme in ("light", "dark"):
                    with browser(size, dark=theme == "dark") as page:
                        for name in PATHS:
                            _open(page, url, name, upload)
                            _take(page, size, IMAGES / f"studio-{name}-{width}-{theme}.png")


def _open(page: Chrome, url: str, name: str, upload: Path) -> None:
    """Open a page and do what makes it show something."""
    page.get(f"{url}{PATHS[name]}")
    if name == "batch":
        wait_for(page, "input[type=file]").send_keys(str(upload))
    if name == "compare":
        wait_for(page, "button", "Keep this take").click()
        # Until the note of it is gone.
        time.sleep(TOAST_SECONDS)
    wait_for(page, SHOWN[name])


def _upload(scratch: Path) -> Path:
    """Rows along each number's range, a few of them wrong."""
    path, row = scratch / "demos.csv", example(load_use_case(), optional=False)
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["title", *row])
        for place in range(UPLOADED_ROWS):
            share = place / UPLOADED_ROWS
            values = {**row, "energy": round(share, 3), "valence": round(1 - share, 3)}
            values |= {"year": 2000 + place % 24, "genre": ("pop", "techno", "folk")[place % 3]}
            if place % 100 == 99:
                values["tempo"] = 1000
            writer.writerow([f"Demo {place + 1}", *values.values()])
    return path


def _take(page: Chrome, size: tuple[int, int], path: Path) -> None:
    """The whole page, however long, in 256 colours: a sixth of the size."""
    time.sleep(SETTLED_SECONDS)
    height = page.execute_script(
        "return Math.ceil(document.querySelector('[data-testid=stMain]').scrollHeight)"
    )
    metrics = {"width": size[0], "deviceScaleFactor": 1, "mobile": size[0] < 600}
    tall = {**metrics, "height": max(height, size[1])}
    page.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", tall)
    time.sleep(1)
    page.save_screenshot(str(path))
    page.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {**metrics, "height": size[1]})
    with Image.open(path) as picture:
        picture.convert("RGB").quantize(256, dither=Image.Dither.NONE).save(path, optimize=True)


if __name__ == "__main__":
    main()
