"""The studio in a real browser: from a slider's release to the new verdict, and a batch upload.

Prints medians and exits with 1 when a target is missed. Run as `make bench-studio`; needs Chromium.
"""

import argparse
import csv
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

import requests
from selenium.webdriver import Chrome, Keys
from selenium.webdriver.common.by import By

from benchmarks.table import ROOT, print_table, print_targets, train_home
from hitcast.declaration.loading import load_use_case
from serving.row_models import example
from tests.browser import browser, missing, wait_for, wait_until
from tests.servers import api_and_studio

SLIDER = ".st-key-in_year input[type=range]"
"""A slider whose ends change any model's answer."""
VERDICT = "[data-testid=stBottom]"
ROWS = 100_000
PAUSE_SECONDS = 0.6
"""Between two moves: what follows the verdict on the page is done by then."""
# Times run in the browser, from the key's release until the changed verdict has been painted.
WATCH = """
const words = () => document.querySelector(arguments[0]).innerText;
const before = words();
let released = null;
window.took = null;
addEventListener('keyup', () => { released = performance.now(); }, {once: true, capture: true});
const watcher = new MutationObserver(() => {
  if (words() === before) return;
  watcher.disconnect();
  requestAnimationFrame(() => setTimeout(() => { window.took = performance.now() - released; }));
});
watcher.observe(document.body, {subtree: true, childList: true, characterData: true});
"""


def main() -> int:
    """Train, start the API and the studio, play, print the table and what was missed."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rows", type=int, default=20_000, help="rows of the twin")
    options.add_argument("--moves", type=int, default=40, help="moves of a slider")
    options.add_argument("--home", type=Path, help="a home with a trained model, instead")
    given = options.parse_args()
    if lost := missing():
        sys.exit(lost)
    with tempfile.TemporaryDirectory() as scratch:
        home = given.home or Path(scratch, "home")
        if given.home is None:
            train_home(home, given.rows)
        with (
            api_and_studio(home, Path(scratch), os.environ, ROOT) as (api, url),
            browser() as driver,
        ):
            moves = _moves(driver, url, given.moves)
            calls = _calls(api, given.moves)
            upload = _upload(driver, url, Path(scratch))
    row = {"moves": len(moves), "median ms": statistics.median(moves), "slowest ms": max(moves)}
    row |= {"the API's answer alone, median ms": statistics.median(calls)}
    print_table("Slider release to new verdict: one user, a browser on the same machine", [row])
    return print_targets(
        [
            ("slider release to verdict, median ms", statistics.median(moves), 250.0, True),
            ("of which the API, median ms", statistics.median(calls), 10.0, True),
            (f"{ROWS:,} rows from upload to table, s", upload, 20.0, True),
        ]
    )


def _moves(driver: Chrome, url: str, count: int) -> list[float]:
    """Milliseconds from each release of the slider until the new verdict was on the screen."""
    driver.get(url)
    wait_for(driver, SLIDER)
    wait_for(driver, VERDICT, "%")
    found = []
    for move in range(count + 2):
        time.sleep(PAUSE_SECONDS)
        driver.execute_script(WATCH, VERDICT)
        slider = driver.find_element(By.CSS_SELECTOR, SLIDER)
        slider.send_keys(Keys.HOME if move % 2 else Keys.END)
        took = wait_until(driver, lambda d: d.execute_script("return window.took"))
        found.append(float(took))
    # The first two draw charts for the first time.
    return found[2:]


def _calls(api: str, count: int) -> list[float]:
    """Milliseconds of the call that a verdict needs, as the studio makes it."""
    session = requests.Session()
    session.trust_env = False
    row = example(load_use_case(), optional=False)
    found = []
    for _ in range(count):
        time.sleep(PAUSE_SECONDS / 10)
        begun = time.perf_counter()
        session.post(f"{api}/predict?detail=true", json=row).raise_for_status()
        found.append(1000 * (time.perf_counter() - begun))
    return found


def _upload(driver: Chrome, url: str, scratch: Path) -> float:
    """Seconds from choosing a file until the table of its answers is on the screen."""
    row = example(load_use_case(), optional=False)
    path = scratch / "tracks.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["track_id", *row])
        for place in range(ROWS):
            values = {**row, "energy": place / ROWS, "year": 2000 + place % 24}
            writer.writerow([f"track-{place}", *values.values()])
    driver.get(f"{url}/batch")
    wait_for(driver, "input[type=file]")
    begun = time.perf_counter()
    driver.find_element(By.CSS_SELECTOR, "input[type=file]").send_keys(str(path))
    wait_for(driver, "[data-testid=stDataFrame] canvas", seconds=180)
    return time.perf_counter() - begun


if __name__ == "__main__":
    sys.exit(main())
