"""The Models page, as tests use it."""

from typing import Any

from streamlit.testing.v1 import AppTest

from client import Client
from tests.frontend.conftest import ADMIN, Api


def opened(page: AppTest) -> AppTest:
    """The page, opened by its address."""
    return page.switch_page("views/models.py").run()


def table(page: AppTest) -> Any:
    """The versions on the page, by their number."""
    return page.dataframe[0].value.set_index("Version")


def switch(page: AppTest, name: str, key: str = ADMIN) -> AppTest:
    """Choose what to serve, enter a key and press the button."""
    page.selectbox(key="serve").set_value(name).run()
    page.text_input(key="admin_key").set_value(key)
    return page.button(key="switch_now").click().run()


def served(api: Api) -> Any:
    """The version that answers."""
    return Client(api.url).model()["version"]
