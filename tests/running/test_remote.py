"""A Spark Connect server that has to be there."""

import re
import socket

import pytest

from hitcast.errors import EnvironmentSetupError
from hitcast.running.remote import expect_server


def test_a_server_that_listens_is_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        expect_server(f"sc://127.0.0.1:{server.getsockname()[1]}/;user_id=a")


def test_one_that_does_not_is_told_at_once_without_its_token() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(
        EnvironmentSetupError, match=rf"sc://127.0.0.1:{port} \(SPARK_REMOTE\)"
    ) as e:
        expect_server(f"sc://127.0.0.1:{port}/;token=secret")
    assert "secret" not in str(e.value) and "unset SPARK_REMOTE" in str(e.value)


@pytest.mark.parametrize("address", ["sc://host:port", "localhost:15002", "local[2]"])
def test_an_address_that_is_none_is_told(address: str) -> None:
    with pytest.raises(EnvironmentSetupError, match=re.escape(f"{address} (SPARK_REMOTE)")):
        expect_server(address)
