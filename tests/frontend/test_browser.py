"""The studio in a real browser: keyboard, files, an API that goes and comes back."""

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium.webdriver import ActionChains, Chrome, Keys
from selenium.webdriver.common.by import By

from hitcast.declaration.loading import load_use_case
from hitcast.declaration.use_case import UseCase
from serving.row_models import example
from tests.browser import PHONE, browser, missing, press, wait_for, wait_until
from tests.conftest import ROOT
from tests.frontend.conftest import Api, StartApi
from tests.jobs.commands import activated
from tests.placed import small_app
from tests.servers import free_port, hosted, studio_at
from tests.vocabularies import SONG

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(missing() is not None, reason=f"needs a browser: {missing()}"),
]
ENERGY = ".st-key-in_energy input[type=range]"
VERDICT = "[data-testid=stMetricValue]"
ALERT = "[data-testid=stAlert]"
BOTTOM = "[data-testid=stBottom]"


@pytest.fixture(scope="module")
def downloads(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("downloads")


@pytest.fixture(scope="module")
def window(downloads: Path) -> Iterator[Chrome]:
    """A browser at desk width; each start takes seconds, so the tests take turns."""
    with browser(downloads=downloads) as driver:
        yield driver


@pytest.fixture
def page(window: Chrome) -> Iterator[Chrome]:
    """The browser for one test: each opens the studio anew, which begins a session of its own."""
    yield window
    window.get("about:blank")


@pytest.fixture(scope="module")
def url(shared_api: Api, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The studio on the shared API."""
    log = tmp_path_factory.mktemp("log") / "studio.log"
    with studio_at(shared_api.url, log, activated(), ROOT) as found:
        yield found


def test_a_slider_moved_by_keyboard_changes_the_verdict(page: Chrome, url: str) -> None:
    page.get(url)
    wait_for(page, VERDICT, "Likely popular")
    press(page, ENERGY, Keys.HOME)
    wait_for(page, VERDICT, "Not likely popular")
    wait_for(page, BOTTOM, "Not likely popular: 38 %")
    press(page, ENERGY, Keys.END)
    wait_for(page, BOTTOM, "Likely popular: 62 %")


def test_every_slider_and_select_box_can_be_reached_by_the_tab_key(page: Chrome, url: str) -> None:
    page.get(url)
    all_of_them = (
        "const all = [...document.querySelectorAll("
        "'input[type=range], [data-testid=stSelectbox] input')]; "
    )
    # The last ones may still be missing when the verdict is there already: eleven sliders, and
    # select boxes for the genre and the three categories.
    wait_until(page, lambda d: d.execute_script(f"{all_of_them} return all.length") >= 15)
    reached = set()
    for _ in range(80):
        ActionChains(page).send_keys(Keys.TAB).perform()
        place = page.execute_script(f"{all_of_them} return all.indexOf(document.activeElement)")
        reached.add(place)
    assert reached - {-1} == set(range(15))


def test_the_address_can_be_shared(page: Chrome, url: str) -> None:
    page.get(url)
    wait_for(page, VERDICT, "Likely popular")
    press(page, ENERGY, Keys.HOME)
    wait_until(page, lambda d: "energy=0.0" in d.current_url)
    shared = page.current_url
    with browser(PHONE) as phone:
        phone.get(shared)
        wait_for(phone, BOTTOM, "Not likely popular: 38 %")


def test_values_go_from_page_to_page(page: Chrome, url: str) -> None:
    page.get(url)
    wait_for(page, VERDICT, "Likely popular")
    press(page, ENERGY, Keys.HOME)
    wait_for(page, BOTTOM, "38 %")
    wait_for(page, "[data-testid=stPageLink] a", "Why, and what would change it").click()
    wait_for(page, "h1", "Why and what if")
    wait_for(page, "p", "Not likely popular: 38 %")
    wait_for(page, "[data-testid=stSidebarNavLink]", "Studio").click()
    wait_for(page, BOTTOM, "38 %")
    energy = wait_for(page, ENERGY)
    assert float(str(energy.get_attribute("value"))) == 0


def test_a_text_that_is_typed_gets_a_verdict_and_one_that_is_emptied_loses_it(
    page: Chrome, tmp_path: Path
) -> None:
    app = small_app(tmp_path, load_use_case("lyrics", folder=ROOT / "conf"))
    with (
        hosted(app, "/livez", free_port(), alone=True) as api,
        studio_at(api, tmp_path / "studio.log", activated(), ROOT) as url,
    ):
        page.get(url)
        wait_for(page, ALERT, "The model answers as soon as it has Lyrics.")
        press(page, "textarea", f"{SONG} <img src=x> *mar*")
        press(page, "textarea", Keys.CONTROL + Keys.ENTER)
        wait_for(page, BOTTOM, "BOSSA NOVA")
        wait_for(page, "[data-testid=stSidebarNavLink]", "Why").click()
        wait_for(page, "[role=region]", "meu coração! <img src=x> *mar*")
        assert not page.find_elements(By.CSS_SELECTOR, "[role=region] img, [role=region] em")
        wait_for(page, "mark[title^='mar: +']", "MAR")
        wait_for(page, "mark[title^='coracao: −']", "coração")
        wait_for(page, "[data-testid=stSidebarNavLink]", "Studio").click()
        press(page, "textarea", Keys.CONTROL + "a")
        press(page, "textarea", Keys.DELETE)
        press(page, "textarea", Keys.CONTROL + Keys.ENTER)
        wait_for(page, ALERT, "The model answers as soon as it has Lyrics.")
        wait_until(page, lambda d: "BOSSA" not in d.find_element(By.CSS_SELECTOR, BOTTOM).text)


def test_a_file_is_uploaded_scored_and_downloaded(
    page: Chrome, url: str, tmp_path: Path, downloads: Path, spotify: UseCase
) -> None:
    row = example(spotify, optional=False)
    upload = tmp_path / "tracks.csv"
    with upload.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["title", *row])
        for title, energy in (("calm", 0.1), ("wild", 0.9), ("wrong", 7)):
            writer.writerow([title, *({**row, "energy": energy}).values()])
    page.get(f"{url}/batch")
    wait_for(page, "input[type=file]").send_keys(str(upload))
    wait_for(page, "[data-testid=stDataFrame]")
    wait_for(page, "[data-testid=stDownloadButton] button", "esults").click()
    found = wait_until(page, lambda _: next(downloads.glob("*.csv"), None))
    rows = list(csv.DictReader(found.open(encoding="utf-8-sig")))
    assert [row["title"] for row in rows] == ["calm", "wild", "wrong"]
    assert [row["popular"] for row in rows] == ["0", "1", ""]
    assert "energy" in rows[2]["reason"]


def test_the_page_tells_that_the_api_is_gone_and_goes_on_when_it_is_back(
    page: Chrome, start_api: StartApi, small_home: Path, tmp_path: Path
) -> None:
    port = free_port()
    api = f"http://127.0.0.1:{port}"
    with studio_at(api, tmp_path / "studio.log", activated(), ROOT) as url:
        with start_api(small_home, port):
            page.get(url)
            wait_for(page, VERDICT, "Likely popular")
        # Nobody touches the page from here on.
        wait_for(page, ALERT, "The scoring API is not there")
        with start_api(small_home, port):
            wait_for(page, VERDICT, "Likely popular")
            wait_until(page, lambda d: not d.find_elements(By.CSS_SELECTOR, ALERT))
