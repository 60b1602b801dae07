"""What the studio shows when the API does not answer as asked, and that it comes back."""

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
import requests
from streamlit.testing.v1 import AppTest

from tests.copies import copy_home
from tests.frontend.conftest import Api, StartApi, studio_on
from tests.frontend.pages import words
from tests.servers import free_port, listening
from tests.serving.conftest import wait_for


def status(api: Api) -> str:
    """What the API says of itself."""
    return str(requests.get(f"{api.url}/readyz", timeout=5).json()["status"])


@pytest.fixture
def slow_api(shared_api: Api) -> Iterator[tuple[str, threading.Event]]:
    """The shared API behind a door that lets predictions wait while the event is set."""
    wait, ended = threading.Event(), threading.Event()

    class Door(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._pass(requests.get(shared_api.url + self.path, timeout=10))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if wait.is_set():
                ended.wait(3)
            self._pass(requests.post(shared_api.url + self.path, data=body, timeout=10))

        def _pass(self, answer: requests.Response) -> None:
            self.send_response(answer.status_code)
            self.send_header("Content-Length", str(len(answer.content)))
            self.end_headers()
            self.wfile.write(answer.content)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with listening(Door) as url:
        yield url, wait
        ended.set()


Open = Callable[[str], dict[str, AppTest]]


@pytest.fixture
def open_pages(monkeypatch: pytest.MonkeyPatch) -> Open:
    """Opens the pages that show something of the API's at once, on an API's address."""

    def opened(url: str, name: str) -> AppTest:
        page = studio_on(url, monkeypatch).run()
        return page.switch_page(f"views/{name}.py").run()

    names = ("studio", "why", "compare", "models", "experiments")
    return lambda url: {name: opened(url, name) for name in names}


def test_each_page_says_that_the_api_is_gone_and_goes_on_when_it_is_back(
    open_pages: Open, start_api: StartApi, small_home: Path
) -> None:
    port = free_port()
    with start_api(small_home, port) as api:
        pages = open_pages(api.url)
        for name, page in pages.items():
            assert not page.error, name
    for name, page in pages.items():
        page.run()
        (told,) = page.error
        assert "The scoring API is not there" in told.value, name
        assert "make serve" in told.value, name
    with start_api(small_home, port):
        for name, page in pages.items():
            assert not page.run().error, name


def test_each_page_says_what_to_run_before_the_first_model_and_goes_on_after_it(
    open_pages: Open, start_api: StartApi, small_home: Path, tmp_path: Path
) -> None:
    home = tmp_path / "empty"
    home.mkdir()
    with start_api(home) as api:
        pages = open_pages(api.url)
        for name, page in pages.items():
            assert not page.exception, name
            assert "No model can answer yet" in page.warning[-1].value, name
            assert "run jobs/train.py" in page.warning[-1].value, name
        copy_home(small_home, home)
        wait_for(lambda: status(api) == "ready", "a ready API")
        for name, page in pages.items():
            assert "No model can answer yet" not in words(page.run()), name


def test_each_page_says_that_its_key_is_refused_and_what_to_set(
    open_pages: Open, start_api: StartApi, small_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with start_api(small_home, api_keys="right") as api:
        pages = open_pages(api.url)
        for name, page in pages.items():
            assert "The key was refused" in page.error[0].value, name
            assert "HITCAST_API_KEY" in page.error[0].value, name
        monkeypatch.setenv("HITCAST_API_KEY", "right")
        for name, page in pages.items():
            assert not page.run().error, name


def test_without_an_api_the_page_says_how_to_start_one(monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    page = studio_on(url, monkeypatch).run()
    assert not page.exception
    assert url in page.error[0].value
    assert "make serve" in page.error[0].value
    assert not page.metric


def test_the_page_goes_on_when_the_api_is_back(
    start_api: StartApi, small_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = free_port()
    page = studio_on(f"http://127.0.0.1:{port}", monkeypatch)
    with start_api(small_home, port):
        assert page.run().metric[0].value == "Likely popular"
    page.slider(key="in_energy").set_value(0.3).run()
    assert "The scoring API is not there" in words(page)
    # The sliders stay: only the answer is missing.
    assert page.slider(key="in_energy").value == 0.3
    with start_api(small_home, port):
        page.run()
        assert page.metric[0].value == "Not likely popular"
        assert not page.error


def test_an_answer_that_takes_too_long_is_told_and_asked_for_again(
    slow_api: tuple[str, threading.Event], monkeypatch: pytest.MonkeyPatch
) -> None:
    url, wait = slow_api
    monkeypatch.setenv("HITCAST_API_SECONDS", "0.5")
    page = studio_on(url, monkeypatch).run()
    assert page.metric[0].value == "Likely popular"
    wait.set()
    page.slider(key="in_energy").set_value(0.3).run()
    assert "The answer takes too long" in words(page)
    assert "within 0.5 s" in words(page)
    wait.clear()
    assert page.run().metric[0].value == "Not likely popular"


def test_a_limit_of_requests_is_told(
    start_api: StartApi, small_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with start_api(small_home, rate_limit="1") as api:
        page = studio_on(api.url, monkeypatch).run()
        assert not page.exception
        assert "Too many requests" in words(page)


def test_a_registry_that_is_gone_is_told_beside_the_answers(
    start_api: StartApi, own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with start_api(own_home) as api:
        wait_for(lambda: status(api) == "ready", "news of the registry")
        page = studio_on(api.url, monkeypatch).run()
        assert "Connected: version 1 (production)" in words(page)
        (own_home / "mlflow.db").rename(own_home / "gone.db")
        wait_for(lambda: status(api) == "degraded", "an API without its registry")
        page.run()
        assert page.metric[0].value == "Likely popular"
        assert "version 1 (production) answers, but" in words(page)
