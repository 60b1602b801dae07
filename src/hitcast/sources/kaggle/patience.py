"""Calls of Kaggle's client that may not take forever.

The client sets no timeout when it signs in or asks for a download, and takes none from outside:
`requests` hands "no timeout" down to the socket, so that `socket.setdefaulttimeout` changes
nothing, and the client's session, on which a timeout could be set, is private. What can be done
from outside is to stop waiting.
"""

from collections.abc import Callable
from concurrent.futures import Future, wait
from threading import Thread
from typing import TypeVar

Answer = TypeVar("Answer")


def within(seconds: float, call: Callable[[], Answer]) -> Answer:
    """Make the call in a thread of its own, and leave it alone if it stays silent.

    Whatever it raises is raised here, also SystemExit, by which the client ends when it finds no
    credentials. A thread left alone writes to no file and doesn't keep the program from ending.

    Raises:
        requests.ReadTimeout: if there is no answer after that many seconds.
    """
    import requests

    answer: Future[Answer] = Future()

    def run() -> None:
        try:
            answer.set_result(call())
        except BaseException as error:
            answer.set_exception(error)

    Thread(target=run, name="kaggle", daemon=True).start()
    if not wait([answer], timeout=seconds).done:
        raise requests.ReadTimeout(f"no answer within {seconds:g} seconds")
    return answer.result()
