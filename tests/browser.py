"""A real browser: Chromium without a window, driven by Selenium."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from selenium.common.exceptions import (
    ElementNotInteractableException,
    NoSuchElementException,
    StaleElementReferenceException,
)
from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.wait import WebDriverWait

QUIET = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--no-proxy-server", "--hide-scrollbars", "--disable-dev-shm-usage",
)  # fmt: skip
PASSING = (
    ElementNotInteractableException, NoSuchElementException, StaleElementReferenceException,
)  # fmt: skip
"""What is wrong with an element while a page is still being drawn."""
DESK, PHONE = (1280, 900), (390, 844)


def missing() -> str | None:
    """What has to be installed before a browser can be driven; None if nothing."""
    lost = [name for name in ("chromium", "chromedriver") if shutil.which(name) is None]
    if not lost:
        return None
    return f"no {' and '.join(lost)} here: on Debian, apt-get install chromium chromium-driver"


@contextmanager
def browser(
    size: tuple[int, int] = DESK, *, dark: bool = False, downloads: Path | None = None
) -> Iterator[Chrome]:
    """A browser with a profile of its own, gone after the block.

    Args:
        size: Width and height of the page in pixels; below 600 wide it is a phone.
        dark: Whether the person prefers dark pages.
        downloads: Where files are put that pages offer.
    """
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        options = ChromeOptions()
        options.binary_location = str(shutil.which("chromium"))
        for argument in (*QUIET, f"--user-data-dir={folder}/profile"):
            options.add_argument(argument)
        place = {"download.default_directory": str(downloads or folder)}
        options.add_experimental_option("prefs", place)
        driver = Chrome(options=options, service=Service(shutil.which("chromedriver")))
        try:
            width, height = size
            driver.execute_cdp_cmd(
                "Emulation.setDeviceMetricsOverride",
                {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600},
            )
            preference = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
            driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [preference]})
            yield driver
        finally:
            driver.quit()


def wait_until(driver: Chrome, found: Callable[[Chrome], Any], seconds: float = 30) -> Any:
    """Wait until a function of the page gives something true, and return that."""
    return WebDriverWait(driver, seconds, 0.02, ignored_exceptions=PASSING).until(found)


def wait_for(driver: Chrome, selector: str, text: str = "", seconds: float = 30) -> WebElement:
    """Wait until an element is on the page that holds a text, and return it."""

    def look(page: Chrome) -> WebElement | None:
        found = page.find_elements(By.CSS_SELECTOR, selector)
        return next((element for element in found if text in element.text), None)

    element: WebElement = wait_until(driver, look, seconds)
    return element


def press(driver: Chrome, selector: str, key: str) -> None:
    """Press a key on an element, as soon as it takes one."""

    def send(page: Chrome) -> bool:
        page.find_element(By.CSS_SELECTOR, selector).send_keys(key)
        return True

    wait_until(driver, send)
