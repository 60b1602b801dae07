from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from client import Client
from hitcast.declaration.use_case import UseCase
from hitcast.models.registry import Registry
from hitcast.running.home import Home
from serving.row_models import example
from serving.versions.workers import Mark, Report
from tests.copies import copy_home
from tests.frontend.conftest import ADMIN, Api, StartApi, studio_on
from tests.frontend.faults import halted, lost_files
from tests.frontend.homes import insights_of
from tests.frontend.models_page import opened, served, switch, table
from tests.frontend.pages import words
from tests.servers import free_port
from tests.serving.conftest import wait_for
from tests.small_models import make_track_scorer, register_folder


@pytest.fixture
def models(studio: AppTest) -> AppTest:
    """The Models page, opened."""
    return opened(studio)


def test_an_alias_is_served_after_a_switch_and_all_pages_show_it(
    own_api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = opened(studio_on(own_api.url, monkeypatch))
    switch(page, "staging (version 2)")
    assert not page.exception
    assert page.success[0].value == "Now version 2 (staging) answers, for all who use this API."
    assert page.metric[0].value == "Version 2"
    assert served(own_api) == 2
    page.run()
    assert not page.success
    first = studio_on(own_api.url, monkeypatch).run()
    assert first.metric[0].value == "Not likely popular"
    assert first.sidebar.caption[0].value == "Connected: version 2 (staging)"


def test_a_switch_that_not_all_workers_follow_yet_is_told_of(
    own_home: Path, own_api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("serving.switching.PATIENCE_SECONDS", 0.5)
    slow = Mark(own_home / "model_cache" / "spotify")
    slow.tell(Report(alias="production", place="1-run"))
    page = switch(opened(studio_on(own_api.url, monkeypatch)), "staging (version 2)")
    assert "1 of 2 workers of this API have switched so far" in page.success[0].value
    assert page.metric[0].value == "Version 2"
    slow.close()


def test_a_version_stays_served_wherever_the_aliases_move(
    own_api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = switch(opened(studio_on(own_api.url, monkeypatch)), "version 3")
    assert page.success[0].value == "Now version 3 answers, for all who use this API."
    assert "Version 3 was selected, wherever the aliases move." in words(page)
    assert page.metric[2].value == "Generated"
    assert "Trained on generated tracks" in words(studio_on(own_api.url, monkeypatch).run())


def test_what_can_be_served_is_each_alias_and_each_version(models: AppTest) -> None:
    assert models.selectbox(key="serve").options == [
        "production (version 1)", "staging (version 2)", "version 3", "version 2", "version 1"
    ]  # fmt: skip
    models.selectbox(key="serve").set_value("version 3").run()
    assert models.button(key="switch_now").label == "Serve version 3"


@pytest.mark.parametrize("key", [ADMIN, "a-wrong-key"])
def test_the_admin_key_is_used_once_and_kept_nowhere(
    own_api: Api, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, key: str
) -> None:
    calls: list[str] = []
    real = Client.switch

    def counted(self: Client, admin_key: str, **which: Any) -> dict[str, Any]:
        calls.append(admin_key)
        return real(self, admin_key, **which)

    monkeypatch.setattr(Client, "switch", counted)
    page = switch(opened(studio_on(own_api.url, monkeypatch)), "staging (version 2)", key)
    assert calls == [key]
    for _ in range(2):
        state = page.session_state._state._state
        # What pages see of it, and all that Streamlit holds.
        held = repr([dict(state.filtered_state), state])
        assert "'served'" in held
        assert key not in held
        assert page.text_input(key="admin_key").value == ""
        assert key not in repr(page.query_params)
        assert key not in repr([element.proto for element in page.get("text_input")])
        assert key not in words(page)
        page.run()
    assert calls == [key]
    assert key not in caplog.text


def test_the_field_of_the_key_hides_it_and_asks_browsers_not_to_keep_it(models: AppTest) -> None:
    proto = models.text_input(key="admin_key").proto
    assert proto.type == proto.PASSWORD
    assert proto.autocomplete == "off"
    assert any(block.proto.form.clear_on_submit for block in models.get("form"))


@pytest.mark.parametrize("key", ["wrong", "пароль", "schl\u00fcssel", "a\x00b"])
def test_a_wrong_admin_key_changes_nothing(shared_api: Api, models: AppTest, key: str) -> None:
    switch(models, "staging (version 2)", key)
    assert not models.exception
    assert "The admin key is wrong" in models.error[0].value
    assert "Nothing has changed" in models.error[0].value
    assert served(shared_api) == 1
    assert models.selectbox(key="serve").value == "staging (version 2)"


def test_without_an_admin_key_nothing_is_asked(models: AppTest) -> None:
    switch(models, "staging (version 2)", "  ")
    assert "No admin key" in models.error[0].value


def test_spaces_around_the_key_do_no_harm(own_api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    switch(opened(studio_on(own_api.url, monkeypatch)), "version 2", f" {ADMIN} ")
    assert served(own_api) == 2


def test_an_api_without_an_admin_key_says_that_switching_is_off(
    small_home: Path, start_api: StartApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    with start_api(small_home, admin_key="") as api:
        page = switch(opened(studio_on(api.url, monkeypatch)), "staging (version 2)")
        assert "Switching is off" in page.error[0].value
        assert "HITCAST_ADMIN_KEY" in page.error[0].value
        assert served(api) == 1


def test_a_version_that_can_t_be_loaded_does_not_replace_the_one_that_answers(
    own_home: Path, start_api: StartApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    with lost_files(own_home, 3), start_api(own_home) as api:
        page = switch(opened(studio_on(api.url, monkeypatch)), "version 3")
        assert "That version can't be loaded" in page.error[0].value
        assert "Nothing has changed" in page.error[0].value
        assert served(api) == 1
        page.run()
        assert "its scorer can't be fetched" in table(page)["Problem"][3]


def test_an_alias_that_has_gone_is_told_of(
    own_home: Path, own_api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = opened(studio_on(own_api.url, monkeypatch))
    page.selectbox(key="serve").set_value("staging (version 2)").run()
    Registry(Home(own_home), "spotify").remove_alias("staging")
    wait_for(lambda: "staging" not in Client(own_api.url).models()["aliases"], "its end")
    page.text_input(key="admin_key").set_value(ADMIN)
    page.button(key="switch_now").click().run()
    assert "There is no such version any more" in page.error[0].value
    assert served(own_api) == 1


def test_a_selected_version_that_does_not_answer_is_told_of(
    own_home: Path, own_api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    with lost_files(own_home, 3):
        Registry(Home(own_home), "spotify").set_alias("production", 3)
        wait_for(lambda: Client(own_api.url).model()["problem"] is not None, "the problem")
        page = opened(studio_on(own_api.url, monkeypatch))
    assert page.metric[0].value == "Version 1"
    assert "This is not what was selected" in words(page)


def test_the_studio_knows_the_genres_of_the_version_that_is_served_now(
    own_home: Path, spotify: UseCase, tmp_path: Path, start_api: StartApi,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    place = make_track_scorer(tmp_path / "new/scorer", spotify, 0.0, ("house", "pop", "techno"))
    insights_of(spotify).save(place)
    row = example(spotify, optional=False)
    number = register_folder(Home(own_home), "spotify", place, row)
    with start_api(own_home) as api:
        page = studio_on(api.url, monkeypatch).run()
        assert page.selectbox(key="in_genre").options == ["pop", "techno"]
        client = Client(api.url)
        wait_for(lambda: len(client.models()["versions"]) == number, "the new version")
        page.switch_page("views/models.py").run()
        switch(page, f"version {number}")
        page = studio_on(api.url, monkeypatch).run()
        assert page.selectbox(key="in_genre").options == ["house", "pop", "techno"]


def test_a_switch_without_the_api_is_told_of(
    small_home: Path, start_api: StartApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = free_port()
    with start_api(small_home, port) as api:
        page = opened(studio_on(api.url, monkeypatch))
    page.text_input(key="admin_key").set_value(ADMIN)
    page.button(key="switch_now").click().run()
    assert not page.exception
    assert "The scoring API is not there" in words(page)


def test_an_api_that_takes_too_long_is_told_of(
    own_process: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HITCAST_API_SECONDS", "0.5")
    monkeypatch.setattr("client.SWITCH_SECONDS", 0.5)
    page = opened(studio_on(own_process.url, monkeypatch))
    page.text_input(key="admin_key").set_value(ADMIN)
    with halted(own_process.pid):
        page.button(key="switch_now").click().run()
        assert "The answer takes too long" in words(page)
    page.run()
    assert "The switch may still come" in words(page)


def test_without_a_served_version_another_can_still_be_chosen(
    tmp_path: Path, small_home: Path, start_api: StartApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    with start_api(home, alias="nobody") as api:
        copy_home(small_home, home)
        wait_for(lambda: bool(Client(api.url).models()["versions"]), "the versions")
        page = opened(studio_on(api.url, monkeypatch))
        assert "No model can answer yet" in words(page)
        assert "got 'nobody'" in words(page)
        switch(page, "version 2")
        assert page.metric[0].value == "Version 2"
        assert "No model can answer yet" not in words(page)
