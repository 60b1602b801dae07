"""Keys in all the ways in which they come, and those who guess; without a model."""

import logging
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from pydantic import ValidationError

from serving.main import create_app
from tests.serving.asgi import Headers, ask
from tests.serving.conftest import settings_of

LONG_KEY = "b7f3c1d29e8a4056"
OTHER = ("10.0.0.2", 1)


def app(home: Path, **settings: Any) -> FastAPI:
    """The app, not started: a call that a key opens is refused for its body, 422."""
    return create_app(settings_of(home=home, log=False, **settings))


def key(value: str) -> Headers:
    return [("X-API-Key", value)]


def statuses(made: FastAPI, *keys: str, **scope: Any) -> list[int]:
    return [ask(made, headers=key(value), **scope).status for value in keys]


def test_wrong_keys_are_counted_whatever_the_rate_limit(tmp_path: Path) -> None:
    made = app(tmp_path, api_keys=LONG_KEY, wrong_keys=3)
    assert statuses(made, "a", "b", "c", "d", "e") == [401, 401, 401, 429, 429]
    told = ask(made, headers=[("Authorization", "Bearer f")])
    assert b'"code": "wrong-keys"' in told.body
    assert 1 <= int(told.all("retry-after")[0]) <= 60
    assert statuses(made, "a", client=OTHER) == [401], "another address is another caller"
    assert ask(made).status == 401, "without a key nothing was guessed"


def test_thirty_wrong_keys_a_minute_are_looked_at_by_default(tmp_path: Path) -> None:
    found = statuses(app(tmp_path, admin_key="a"), *["guess"] * 32, method="PUT", path="/model")
    assert found == [401] * 30 + [429] * 2


def test_right_keys_do_not_count_as_guesses(tmp_path: Path) -> None:
    made = app(tmp_path, api_keys="one", wrong_keys=2)
    assert statuses(made, *["one"] * 5, "a", "b", "c") == [422] * 5 + [401, 401, 429]


def test_a_long_right_key_is_let_in_beside_one_who_guesses(tmp_path: Path) -> None:
    made = app(tmp_path, api_keys=f"short,{LONG_KEY}", admin_key="admin", wrong_keys=1)
    assert statuses(made, "a", "b", LONG_KEY) == [401, 429, 422]


def test_a_guess_that_is_right_is_not_confirmed(tmp_path: Path) -> None:
    made = app(tmp_path, api_keys=f"short,{LONG_KEY}", admin_key="admin", wrong_keys=1)
    assert statuses(made, "a") == [401]
    answers = [ask(made, headers=key(guess)) for guess in ("wrong", "short", "admin")]
    assert {answer.body for answer in answers} == {answers[0].body}
    assert {answer.status for answer in answers} == {429}


def test_a_guess_is_not_confirmed_by_the_rate_limit_either(tmp_path: Path) -> None:
    made = app(tmp_path, api_keys="short", rate_limit=1, wrong_keys=2)
    # The address' own allowance is used up at once; each wrong key is a guess nevertheless.
    assert statuses(made, "a", "b", "c") == [401, 429, 429]
    assert statuses(made, "short") == [429]
    assert statuses(made, "short", client=OTHER) == [422]


def test_with_an_admin_key_alone_a_key_is_no_way_around_the_rate_limit(tmp_path: Path) -> None:
    made = app(tmp_path, admin_key="admin", rate_limit=2)
    assert statuses(made, "x", "x", "wrong", "admin") == [422, 422, 429, 429]


def test_wrong_keys_without_a_limit_are_all_looked_at(tmp_path: Path) -> None:
    made = app(tmp_path, api_keys="one", wrong_keys=0)
    assert statuses(made, *["x"] * 50, "one") == [401] * 50 + [422]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ([("X-API-Key", "one"), ("X-API-Key", "one")], 422),
        ([("X-API-Key", ""), ("X-API-Key", "one")], 422),
        ([("X-API-Key", "one"), ("X-API-Key", "wrong")], 401),
        ([("X-API-Key", "wrong"), ("X-API-Key", "one")], 401),
        ([("X-API-Key", "one"), ("X-API-Key", "two")], 401),
        ([("Authorization", "Bearer one"), ("Authorization", "Bearer wrong")], 401),
        ([("Authorization", "Basic eDp5"), ("Authorization", "Bearer one")], 422),
        ([("X-API-Key", "one"), ("Authorization", "Bearer wrong")], 422),
    ],
)
def test_two_different_keys_are_none(tmp_path: Path, headers: Headers, status: int) -> None:
    assert ask(app(tmp_path, api_keys="one,two"), headers=headers).status == status


def test_a_key_may_hold_any_character(tmp_path: Path) -> None:
    made = app(tmp_path, api_keys="clé-żółć")
    sent = "clé-żółć".encode().decode("latin-1")
    assert statuses(made, sent, "clé") == [422, 401]


def test_keys_are_never_shown(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    given = {"api_keys": f"short,{LONG_KEY}", "admin_key": "admin-s", "version_keys": "naming-s"}
    settings = settings_of(home=tmp_path, **given)
    with caplog.at_level(logging.DEBUG):
        made = create_app(settings)
        answers = [ask(made, headers=key(value)).body for value in ("short", "admin-s", "wrong-s")]
    with pytest.raises(ValidationError) as caught:
        settings_of(home=tmp_path, max_batch=0, **given)
    told = f"{settings!r} {settings} {settings.model_dump()} {answers} {caught.value} {caplog.text}"
    for secret in ("short", LONG_KEY, "admin-s", "naming-s", "wrong-s"):
        assert secret not in told
    assert [found.get_secret_value() for found in settings.api_keys] == ["short", LONG_KEY]


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HITCAST_API_KEYS", "one, two,")
    monkeypatch.setenv("HITCAST_VERSION_KEYS", "three")
    monkeypatch.setenv("HITCAST_ADMIN_KEY", "secret")
    settings = settings_of()
    assert [found.get_secret_value() for found in settings.api_keys] == ["one", "two"]
    assert [found.get_secret_value() for found in settings.version_keys] == ["three"]
    assert settings.admin_key is not None
    assert settings.admin_key.get_secret_value() == "secret"
    assert settings.host == "127.0.0.1"
