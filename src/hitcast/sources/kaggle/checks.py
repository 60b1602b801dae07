"""Whether what came is what was sent."""

import base64
import contextlib
import functools
import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HEAD = 1 << 16


class BrokenError(Exception):
    """Not all came, or not as it was sent; worth another attempt.

    Attributes:
        what: What happened to the download.
        how: When, or by what sign.
    """

    def __init__(self, what: str, how: str) -> None:
        super().__init__(f"{what} {how}")
        self.what, self.how = what, how


def require_checksum(response: Any, path: Path) -> None:
    """Compare with the storage's MD5, where it names one, and drop the file if it differs.

    The storage has none for what was put together from parts, and that of the compressed bytes for
    what it stores compressed.

    Raises:
        BrokenError: if the file has another MD5.
    """
    hashes = (part.strip() for part in response.headers.get("X-Goog-Hash", "").split(","))
    expected = next((part[4:] for part in hashes if part.startswith("md5=")), None)
    stored = response.headers.get("X-Goog-Stored-Content-Encoding", "identity")
    if expected is None or stored != "identity":
        return
    with path.open("rb") as body:
        md5 = functools.partial(hashlib.md5, usedforsecurity=False)
        found = base64.b64encode(hashlib.file_digest(body, md5).digest()).decode()
    if found != expected:
        path.unlink()
        raise BrokenError("arrived damaged", f"(MD5 {found}, where Kaggle says {expected})")


@contextlib.contextmanager
def unspoilt(path: Path) -> Iterator[None]:
    """Drop what had come if it is overwritten by something that did not come whole.

    Asked to go on, the storage may answer with an error; the client (up to 2.2.4; pull request 1179
    of Kaggle/kaggle-cli) then takes the error's page for the file, and would go on behind it.
    """
    before = _head(path)
    try:
        yield
    except BaseException:
        if not _head(path).startswith(before):
            path.unlink(missing_ok=True)
        raise


def _head(path: Path) -> bytes:
    if not path.exists():
        return b""
    with path.open("rb") as body:
        return body.read(HEAD)
