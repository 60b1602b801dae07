import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from client import Client
from hitcast.declaration.use_case import UseCase
from refusals import DownError, KeyRefusedError, NotReadyError, RefusedError, SlowError
from serving.columns import Row
from serving.row_models import example
from tests.frontend.conftest import ADMIN, Api, StartApi
from tests.frontend.homes import BASE_RATES
from tests.servers import free_port, listening


@pytest.fixture
def track(spotify: UseCase) -> Row:
    return example(spotify, optional=False)


@pytest.fixture
def stranger() -> Iterator[str]:
    """A server that is not the API: `/slow` answers never, all else in plain text."""
    ended = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/readyz":
                ended.wait(20)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"hello")

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with listening(Handler) as url:
        yield url
        ended.set()


def test_the_schema_tells_what_can_be_changed_and_what_the_row_is(client: Client) -> None:
    schema = client.schema()
    assert (schema.output, schema.entity, schema.profiles_by) == ("popular", "track", "genre")
    assert [column.name for column in schema.about] == ["genre", "year", "artist_name"]
    assert len(schema.features) == 13
    names = schema.named("mode").names
    assert names is not None
    assert dict(names) == {"0": "minor", "1": "major"}


def test_a_prediction_comes_from_the_version_that_is_named(client: Client, track: Row) -> None:
    row = {**track, "energy": 0.6}
    served = client.predict(row, "popular")
    assert (served.label, served.version, served.alias) == (1, 1, "production")
    staged = client.predict(row, "popular", alias="staging")
    assert (staged.label, staged.version) == (0, 2)
    assert client.predict(row, "popular", version=3).generated


def test_calls_say_that_they_come_from_the_studio(
    client: Client, shared_api: Api, track: Row
) -> None:
    client.predict(track, "popular")
    (log,) = (shared_api.home / "inference_log").glob("*.open")
    assert json.loads(log.read_text(encoding="utf-8").splitlines()[-1])["source"] == "studio"


def test_a_batch_is_answered_in_order_with_a_reason_for_each_bad_row(
    client: Client, track: Row
) -> None:
    rows = [{**track, "energy": 0.9}, {**track, "energy": 7}, {**track, "energy": 0.1}]
    first, second, third = client.predict_batch(rows)
    assert (first["popular"], third["popular"]) == (1, 0)
    assert "energy" in second["error"]


def test_profiles_tell_base_rates(client: Client, track: Row) -> None:
    profiles = client.profiles(1)
    assert profiles is not None
    assert profiles.of({**track, "genre": "techno"}).base_rate == BASE_RATES["techno"]
    assert profiles.of({**track, "genre": "never heard of"}) == profiles.overall


def test_a_version_that_is_not_there_is_refused_with_its_problem(
    client: Client, track: Row
) -> None:
    with pytest.raises(RefusedError, match="99") as caught:
        client.predict(track, "popular", version=99)
    assert caught.value.status == 404


def test_a_bad_value_is_refused_with_its_field(client: Client, track: Row) -> None:
    with pytest.raises(RefusedError) as caught:
        client.predict({**track, "energy": 7}, "popular")
    assert caught.value.status == 422
    assert caught.value.problems[0][0] == "energy"


def test_nothing_at_the_address_is_told_as_that() -> None:
    url = f"http://127.0.0.1:{free_port()}"
    with pytest.raises(DownError, match=url):
        Client(url).schema()


def test_something_else_at_the_address_is_told_as_that(stranger: str) -> None:
    with pytest.raises(DownError, match="not the scoring API"):
        Client(stranger).schema()


def test_no_answer_in_time_is_told_as_that(stranger: str) -> None:
    with pytest.raises(SlowError, match="0.2 s"):
        Client(stranger, seconds=0.2).readiness()


def test_without_a_model_it_says_what_to_run(
    start_api: StartApi, tmp_path: Path, track: Row
) -> None:
    with start_api(tmp_path) as api:
        with pytest.raises(NotReadyError, match="jobs/train.py"):
            Client(api.url).predict(track, "popular")
        assert Client(api.url).readiness()["status"] == "unready"


def test_keys_are_sent_and_wrong_ones_told(
    start_api: StartApi, small_home: Path, track: Row
) -> None:
    with start_api(small_home, api_keys="right") as api:
        with pytest.raises(KeyRefusedError, match="X-API-Key"):
            Client(api.url, "wrong").predict(track, "popular")
        assert Client(api.url, "right").predict(track, "popular").version == 1


def test_the_admin_key_is_for_one_call_alone(start_api: StartApi, own_home: Path) -> None:
    with start_api(own_home) as api:
        client = Client(api.url)
        with pytest.raises(KeyRefusedError):
            client.switch("wrong", alias="staging")
        assert client.switch(ADMIN, alias="staging")["version"] == 2
    assert ADMIN not in str(vars(client)) + str(client._session.headers)
