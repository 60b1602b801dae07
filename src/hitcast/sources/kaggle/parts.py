"""Where a download grows until it is whole, and what stays of it for the next run."""

import contextlib
import errno
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from hitcast.sources.kaggle.refusals import megabytes

VOLUMES = Path("/Volumes")
FILE, ARCHIVE = ".file", ".archive"


@dataclass
class Parts:
    """The folder in which a dataset's download grows.

    Attributes:
        folder: The folder; Kaggle's client keeps there what has come, and beside it what the
            server said of the file (its ETag or Last-Modified, its size).
        lasting: Whether the next run finds the folder.
        keep: Whether the server lets a download go on with what is there.
    """

    folder: Path
    lasting: bool
    keep: bool = True

    def path(self, file: str | None) -> Path:
        """Where the dataset's file, or with None the whole archive, grows."""
        return self.folder / (f"{Path(file).name}{FILE}" if file else f"archive{ARCHIVE}")

    def are_of_use(self) -> bool:
        """Whether the next attempt finds bytes to go on from."""
        grown = (path for path in self.folder.iterdir() if path.suffix in (FILE, ARCHIVE))
        return self.keep and any(path.stat().st_size for path in grown)

    def last(self) -> bool:
        """Whether the next run finds bytes to go on from."""
        return self.lasting and self.are_of_use()


@contextlib.contextmanager
def parts_of(dataset: str, folder: Path) -> Iterator[Parts]:
    """Open the place for a dataset's download beside where its file will be.

    It is removed in the end, unless the download broke off and can be continued. A second download
    to the same folder at the same time gets a place of its own, that is always removed.
    """
    with contextlib.ExitStack() as held:
        if not _on_a_volume(folder) and held.enter_context(_alone(folder)):
            parts = Parts(folder / ".kaggle" / dataset.replace("/", "+"), lasting=True)
            parts.folder.mkdir(parents=True, exist_ok=True)
        else:
            # Databricks' volumes can't be appended to ("Volumes limitations" in its documentation:
            # work on a local disk, then copy), so there a download goes on within one run only.
            where = None if _on_a_volume(folder) else folder
            parts = Parts(Path(tempfile.mkdtemp(prefix=".kaggle-", dir=where)), lasting=False)
        try:
            yield parts
        finally:
            if not parts.last():
                shutil.rmtree(parts.folder, ignore_errors=True)
                with contextlib.suppress(OSError):
                    (folder / ".kaggle").rmdir()


def put(whole: Path, target: Path) -> None:
    """Move the whole file to its place, where an older one stays until then."""
    try:
        whole.replace(target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        beside = target.with_name(f".{target.name}.part")
        try:
            shutil.copyfile(whole, beside)
            beside.replace(target)
        finally:
            beside.unlink(missing_ok=True)


def require_room(folder: Path, size: int) -> None:
    """Fail before the first byte if `size` bytes can't fit."""
    free = shutil.disk_usage(folder).free
    if size > free:
        raise OSError(errno.ENOSPC, f"{megabytes(size)} to write, {megabytes(free)} free")


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[bool]:
    """Whether no other process downloads to the folder; the system lets go when one dies."""
    held = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:  # Also where there are no locks: then each has a place of its own.
            yield False
        else:
            yield True
    finally:
        os.close(held)


def _on_a_volume(folder: Path) -> bool:
    return folder.resolve().is_relative_to(VOLUMES)
