"""Whether a Spark Connect server is there, before its client waits for one that is not."""

import socket
from urllib.parse import urlsplit

from hitcast.errors import EnvironmentSetupError

PORT = 15002
"""What a server has where nobody says otherwise."""
SECONDS = 10.0


def expect_server(remote: str) -> None:
    """Make sure that something answers where `remote` (`sc://HOST:PORT/;…`) leads.

    Spark's client tries again for ten minutes, says nothing and can't be stopped meanwhile.

    Raises:
        EnvironmentSetupError: if nothing does.
    """
    try:
        found = urlsplit(remote)
        if found.scheme != "sc":
            raise ValueError("no address of that form")
        with socket.create_connection((found.hostname or "", found.port or PORT), SECONDS):
            return
    except (OSError, ValueError) as error:
        # What follows the address may hold a token.
        raise EnvironmentSetupError(
            f"expected a Spark Connect server at {remote.partition('/;')[0]} (SPARK_REMOTE), got: "
            f"{error}; start it, correct the address (sc://HOST:PORT), or unset SPARK_REMOTE to "
            "run Spark here"
        ) from None
