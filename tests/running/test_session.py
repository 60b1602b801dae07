"""Sessions of Spark: how they are left."""

from hitcast.running.session import _leave


def test_a_session_whose_server_is_gone_is_left_at_once() -> None:
    calls: list[object] = []

    class Client:
        def set_retry_policies(self, policies: list[object]) -> None:
            calls.append(policies)

    class Session:
        client = Client()

        def stop(self) -> None:
            calls.append("stop")
            raise ConnectionError

    _leave(Session())
    assert calls == [[], "stop"], "called once, and not again and again"
