"""Fetch a file or an archive through Kaggle's client, and go on where it was cut off."""

import contextlib
import io
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hitcast.errors import SourceError
from hitcast.sources.kaggle.checks import BrokenError, require_checksum, unspoilt
from hitcast.sources.kaggle.offers import UnreachableError, offered
from hitcast.sources.kaggle.parts import Parts, require_room
from hitcast.sources.kaggle.refusals import megabytes

# What had come of a chunk when the connection broke is lost.
CHUNK = 1 << 16
ATTEMPTS = 3
PAUSE = 5.0  # Seconds before the second attempt; twice that before the third.


@dataclass(frozen=True)
class Fetch:
    """How a dataset is fetched.

    Attributes:
        api: Kaggle's client, signed in.
        dataset: The dataset as `owner/name`.
        progress: Whether to show a bar with the time left on stderr.
        patience: Seconds that the server may stay silent.
    """

    api: Any
    dataset: str
    progress: bool
    patience: float

    def fetch(self, file: str | None, parts: Parts) -> Path:
        """Fetch the file, or with None the archive, whole; cut off, it goes on twice.

        Raises:
            NotAloneError: if Kaggle does not give that file alone.
            SourceError: if it is refused, or broke off each time.
            OSError: if the disk can't take it.
        """
        path = parts.path(file)
        for attempt in range(1, ATTEMPTS):
            try:
                return self._attempt(file, path, parts)
            except BrokenError as broken:
                then = "going on from there" if parts.are_of_use() else "starting over"
                sys.stderr.write(f"The download {broken}; {then}.\n")
            except UnreachableError:
                # The network that cut the download off may be away for a while; one that was never
                # there is told at once.
                if attempt == 1:
                    raise
            time.sleep(attempt * PAUSE)
        try:
            return self._attempt(file, path, parts)
        except BrokenError as broken:
            again = "goes on from there" if parts.last() else "starts over"
            raise SourceError(
                f"The download of {self.dataset} {broken.what} {ATTEMPTS} times, last "
                f"{broken.how}. Check the network and run it again: it {again}."
            ) from broken

    def _attempt(self, file: str | None, path: Path, parts: Parts) -> Path:
        with offered(self.api, self.dataset, file, self.patience) as response:
            self._save(response, path, parts)
        return path

    def _save(self, response: Any, path: Path, parts: Parts) -> None:
        """Let the client write the body to `path`, behind what is there of the same version.

        The client itself (from 2.2.4 on) keeps beside it what the server said of the file, and
        starts over if that has changed. It could also repeat, but then does so on a full disk too.
        Its `dataset_download_file`, which calls this, lets neither that nor the timeout be set.
        """
        import requests
        from urllib3.exceptions import HTTPError

        size = int(response.headers.get("Content-Length") or 0)
        parts.keep = _can_go_on(response)
        require_room(path.parent, size - _length(path))
        if self.progress:
            sys.stderr.write(f"Downloading {self.dataset}: {path.stem}, {megabytes(size)}\n")
        try:
            # Its lines name signed addresses; its bar is on stderr.
            with contextlib.redirect_stdout(io.StringIO()), unspoilt(path):
                self.api.download_file(
                    response,
                    str(path),
                    None,
                    quiet=not self.progress,
                    resume=True,
                    chunk_size=CHUNK,
                    max_retries=0,
                    timeout=self.patience,
                )
        except (requests.RequestException, HTTPError) as error:
            raise BrokenError("was cut off", f"after {megabytes(_length(path), size)}") from error
        except ValueError as error:  # The client's word for another length than announced.
            path.unlink(missing_ok=True)
            raise BrokenError("had another length", f"than {megabytes(size)}") from error
        except OSError:
            parts.keep = False
            raise
        require_checksum(response, path)
        parts.keep = False


def _can_go_on(response: Any) -> bool:
    """Whether the storage gives the rest of a file, and says which version it is."""
    told = response.headers
    return told.get("Accept-Ranges") == "bytes" and bool(
        told.get("ETag") or told.get("Last-Modified")
    )


def _length(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
