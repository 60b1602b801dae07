"""A file's content: packed by gzip or not, its checksum, and whether it keeps to the limits.

The checksum is that of the unpacked bytes: gzip writes a time and a name beside them, so that the
same lines packed on another day, or not at all, would count as others.
"""

import gzip
import hashlib
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from hitcast.declaration.source import Limits
from hitcast.errors import SourceError

CHUNK = 1 << 20
GZIP = b"\x1f\x8b"


@dataclass(frozen=True)
class Content:
    """A file that is there; `packed` says whether its bytes are gzip's."""

    path: Path
    packed: bool

    @contextmanager
    def opened(self) -> Iterator[BinaryIO]:
        """The unpacked bytes.

        Raises:
            SourceError: if they can't be read, or the file is damaged.
        """
        try:
            with gzip.open(self.path) if self.packed else self.path.open("rb") as file:
                yield cast(BinaryIO, file)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise SourceError(
                f"expected {self.path.name} to hold what gzip packed, found it damaged ({error}); "
                "get the file again"
            ) from None
        except OSError as error:
            raise SourceError(
                f"{self.path} can't be read ({error.strerror}); check its rights"
            ) from None

    def head(self) -> bytes:
        """The first bytes, as many as a header may have."""
        with self.opened() as file:
            return file.read(CHUNK)

    def goes_on_behind(self, length: int) -> bool:
        """Whether there is anything but white space behind the first bytes."""
        with self.opened() as file:
            file.read(length)
            return any(chunk.strip() for chunk in iter(lambda: file.read(CHUNK), b""))

    def checksum(self, limits: Limits, *, of_lines: bool = True) -> str:
        """The checksum of the whole content, once it is known to keep to the limits.

        Args:
            limits: The largest line and content.
            of_lines: Whether the content is made of lines.

        Raises:
            SourceError: if it is damaged or too large, or a line is too long: which one, and where
                the limit stands.
        """
        digest, size, begun = hashlib.sha256(), 0, 0
        # A line within a chunk keeps to the limit, so that only ends of chunks are looked at.
        length = min(CHUNK, limits.line_bytes) if of_lines else CHUNK
        with self.opened() as file:
            for chunk in iter(lambda: file.read(length), b""):
                digest.update(chunk)
                if of_lines:
                    first, last = _breaks(chunk)
                    if (size + first) - begun > limits.line_bytes:
                        raise self._too_long(begun, limits.line_bytes)
                    begun = size + last + 1 if last >= 0 else begun
                size += len(chunk)
                if size > limits.file_bytes:
                    raise self._too_large(limits.file_bytes)
        return digest.hexdigest()

    def _too_large(self, limit: int) -> SourceError:
        unpacked = " unpacked" if self.packed else ""
        return SourceError(
            f"expected {self.path.name} to have at most {limit:,} bytes{unpacked}, found more; if "
            "it is right, raise source.limits.file_bytes in conf/"
        )

    def _too_long(self, begun: int, limit: int) -> SourceError:
        breaks, left = {b"\n": 0, b"\r": 0}, begun
        with self.opened() as file:
            # In chunks: there may be far more before it than memory holds.
            while left > 0 and (chunk := file.read(min(CHUNK, left))):
                left -= len(chunk)
                breaks = {sign: count + chunk.count(sign) for sign, count in breaks.items()}
        number = 1 + max(breaks.values())
        return SourceError(
            f"{self.path.name}, line {number:,}: expected at most {limit:,} bytes, found more; "
            "if that is right, raise source.limits.line_bytes in conf/"
        )


def _breaks(chunk: bytes) -> tuple[int, int]:
    """Where the first and the last line of a chunk end: its length and -1 where none does."""
    firsts = [place for sign in (b"\n", b"\r") if (place := chunk.find(sign)) >= 0]
    last = max(chunk.rfind(b"\n"), chunk.rfind(b"\r"))
    return min(firsts, default=len(chunk)), last
