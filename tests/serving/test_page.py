"""The page at `/`: what is sent, and what people see of it in a real browser."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml
from selenium.webdriver import Chrome, Keys
from selenium.webdriver.common.by import By
from selenium.webdriver.support.select import Select
from starlette.testclient import TestClient

from hitcast.declaration.use_case import UseCase
from serving.main import create_app
from serving.routes.page import FOLDER, PAGE, PARTS
from tests.browser import DESK, PHONE, browser, missing, press, wait_for, wait_until
from tests.exports import export, name_version
from tests.five import DECLARATION, GROWERS, ROW, write_five
from tests.servers import free_port, hosted
from tests.serving.conftest import insights_of, settings_of
from tests.small_models import make_track_scorer

needs_browser = pytest.mark.skipif(missing() is not None, reason=f"needs a browser: {missing()}")
HOSTILE = "<img src=x onerror=\"document.title='taken'\">"
"""What the page would run if it took a text for HTML."""


def client_of(home: Path, **settings: Any) -> TestClient:
    return TestClient(create_app(settings_of(home=home, log=False, **settings)))


@contextmanager
def page_of(home: Path, name: str, **settings: Any) -> Iterator[str]:
    """The address of an API with a page on the exported scorer in a home."""
    given = {"home": home, "scorer": home / "scorer", "use_case": name, "page": True, "log": False}
    with hosted(create_app(settings_of(**given, **settings)), "/readyz", free_port()) as url:
        yield f"{url}/"


def text_of(driver: Chrome, selector: str) -> str:
    """The text of the one element that a selector finds."""
    return str(driver.find_element(By.CSS_SELECTOR, selector).text)


@pytest.fixture
def seeds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A page on the use case with five classes; its entity and a meaning are hostile."""
    declared = yaml.safe_load(DECLARATION)
    declared["entity"] = HOSTILE
    declared["columns"]["shine"]["meaning"] = HOSTILE
    export(tmp_path / "scorer", UseCase.model_validate(declared))
    conf = write_five(tmp_path / "conf")
    (conf / "seeds.yml").write_text(yaml.safe_dump(declared, sort_keys=False), encoding="utf-8")
    monkeypatch.setenv("HITCAST_CONF", str(conf))
    with page_of(tmp_path, "seeds") as url:
        yield url


@pytest.fixture
def tracks(tmp_path: Path, spotify: UseCase) -> Iterator[str]:
    """A page on the tracks: P = sigmoid(energy - 0.5), trained on generated ones."""
    genres = ("pop", "techno")
    scorer = make_track_scorer(tmp_path / "scorer", spotify, -0.5, genres, generated=True)
    insights_of(spotify).save(scorer)
    name_version(scorer, spotify)
    with page_of(tmp_path, "spotify") as url:
        yield url


def test_the_page_is_sent_where_it_is_wanted_and_nothing_beside_it(tmp_path: Path) -> None:
    with_page, without = client_of(tmp_path, page=True), client_of(tmp_path)
    assert {path.name for path in FOLDER.iterdir()} == {PAGE, *PARTS}
    for path in ("/", *(f"/page/{part}" for part in PARTS)):
        assert without.get(path).json()["code"] == "not-found"
        found = with_page.get(path)
        assert found.status_code == 200
        assert "script-src 'self'" in found.headers["content-security-policy"]
        assert found.headers["content-type"].startswith("text/")
    for path in ("/page/page.html", "/page/..%2f__init__.py", "/page/"):
        assert with_page.get(path).status_code == 404
    assert "/page/{name}" not in with_page.get("/openapi.json").json()["paths"]


def test_nobody_may_frame_the_page_but_those_that_are_named(tmp_path: Path) -> None:
    alone = client_of(tmp_path, page=True).get("/")
    assert alone.headers["x-frame-options"] == "DENY"
    framed = client_of(tmp_path, page=True, framed_by="https://a.example, https://b.example")
    answer = framed.get("/")
    assert "x-frame-options" not in answer.headers
    policies = answer.headers.get_list("content-security-policy")
    assert "frame-ancestors https://a.example https://b.example" in policies
    with pytest.raises(ValueError, match="expected addresses such as https://example.org"):
        client_of(tmp_path, framed_by="example.org; script-src *")


@pytest.mark.slow
@needs_browser
def test_a_slider_moved_by_keyboard_changes_the_answer(tracks: str) -> None:
    with browser(DESK) as page:
        page.get(tracks)
        wait_for(page, "#verdict", "Likely popular")
        assert text_of(page, "h1") == "Popularity of Spotify tracks"
        assert "Trained on generated tracks" in text_of(page, "#generated")
        assert text_of(page, "#chance") == "54 % probability of being popular"
        press(page, "input[aria-label=Energy]", Keys.HOME)
        wait_for(page, "#verdict", "Not likely popular")
        shares = [bar.text for bar in page.find_elements(By.CSS_SELECTOR, ".bar .share")]
        assert shares == ["38 %", "62 %"]
        genre = page.find_element(By.XPATH, "//label[.='Genre']/following::select[1]")
        assert [option.text for option in Select(genre).options] == ["pop", "techno"]
        # In seconds, though the model takes milliseconds; sent unchanged where it is untouched.
        label = page.find_element(By.XPATH, "//label[.='Duration (s)']")
        field = page.find_element(By.ID, str(label.get_attribute("for")))
        assert field.get_attribute("value") == "198"


@pytest.mark.slow
@needs_browser
def test_what_the_api_refuses_stands_at_its_field(tracks: str) -> None:
    with browser(DESK) as page:
        page.get(tracks)
        wait_for(page, "#verdict", "popular")
        label = page.find_element(By.XPATH, "//label[.='Year']")
        year = page.find_element(By.ID, str(label.get_attribute("for")))
        year.clear()
        year.send_keys("3000", Keys.TAB)
        wait_for(page, ".wrong", "less than or equal to 2100")
        assert text_of(page, "#state") == "No answer: see the fields in red."
        year.clear()
        year.send_keys(Keys.TAB)
        wait_for(page, "#state", "Fill in year to get an answer.")
        year.send_keys("2020", Keys.TAB)
        wait_until(page, lambda _: not page.find_element(By.ID, "state").is_displayed())
        assert not [w for w in page.find_elements(By.CSS_SELECTOR, ".wrong") if w.is_displayed()]


@pytest.mark.slow
@needs_browser
def test_every_class_has_its_bar_and_no_text_is_taken_for_html(seeds: str) -> None:
    with browser(PHONE) as page:
        page.get(seeds)
        # A private text has no list, and no stand-in.
        wait_for(page, "#state", "Fill in grower to get an answer.")
        grower = page.find_element(By.TAG_NAME, "textarea")
        grower.send_keys(HOSTILE, Keys.TAB)
        wait_for(page, "#notes", "The training has not seen this grower")
        grower.clear()
        grower.send_keys(GROWERS[0], Keys.TAB)
        wait_until(page, lambda _: not text_of(page, "#notes"))
        label = page.find_element(By.XPATH, "//label[.='Grains']")
        grains = page.find_element(By.ID, str(label.get_attribute("for")))
        grains.clear()
        grains.send_keys(str(100 * ROW["grains"]), Keys.TAB)
        wait_for(page, "#verdict", "Einkorn")
        names = [bar.text for bar in page.find_elements(By.CSS_SELECTOR, ".bar .name")]
        assert names == ["Emmer", "Spelt", "Einkorn", 'Durum "hard"', "Khorasan"]
        assert text_of(page, ".bar.answered .name") == "Einkorn"
        assert text_of(page, "#short").startswith("Einkorn: ")
        assert HOSTILE in text_of(page, "#lead")
        assert page.find_elements(By.TAG_NAME, "img") == []
        assert page.title == "Kinds of seeds"
        wide = page.execute_script("return document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0
