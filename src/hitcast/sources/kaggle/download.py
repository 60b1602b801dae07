"""Download one file of a Kaggle dataset: alone where Kaggle gives it so, else out of the archive.

Whatever goes wrong ends in one `SourceError`; the file appears in the folder whole or not at all.
"""

import contextlib
import re
import sys
from pathlib import Path, PurePosixPath

from hitcast.errors import SourceError
from hitcast.sources.kaggle.fetch import Fetch
from hitcast.sources.kaggle.offers import NotAloneError
from hitcast.sources.kaggle.parts import Parts, parts_of, put
from hitcast.sources.kaggle.refusals import WITHOUT_KAGGLE, disk_trouble
from hitcast.sources.kaggle.sign_in import signed_in
from hitcast.sources.kaggle.unzip import unzip, wrapped_member


def download(
    dataset: str, file: str, folder: Path, *, progress: bool = True, patience: float = 60.0
) -> Path:
    """Download one file of a dataset from Kaggle.

    Always fetched anew, as the dataset may have a new version. Cut off, it goes on where it ended,
    in this run (twice) and in the next, as long as the dataset's version is the same.

    Args:
        dataset: The dataset as `owner/name`, as in its address on kaggle.com.
        file: The file's name within the dataset.
        folder: Where the file goes; an older one there stays until the new one is whole.
        progress: Whether to show a bar with the time left on stderr.
        patience: Seconds that the server may stay silent.

    Returns:
        Path of the file, in `folder`.

    Raises:
        SourceError: if credentials, dataset or file are missing or refused, Kaggle can't be
            reached, what it sends is cut off or broken, or the disk can't take it.
    """
    if not re.fullmatch(r"[\w.-]+/[\w.-]+", dataset):
        raise SourceError(
            f"A Kaggle dataset is named owner/name; got {dataset!r}. Correct the use case in conf/."
        )
    target = folder / PurePosixPath(file).name
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # The client prints, but stdout belongs to the job's result.
        with contextlib.redirect_stdout(sys.stderr), parts_of(dataset, folder) as parts:
            fetch = Fetch(signed_in(patience), dataset, progress, patience)
            put(_whole(fetch, file, parts), target)
    except OSError as error:
        raise SourceError(disk_trouble(folder, error)) from error
    return target


def _whole(fetch: Fetch, file: str, parts: Parts) -> Path:
    """Fetch the file, and unzip it if it came zipped."""
    unzipped = parts.folder / "unzipped"
    try:
        path = fetch.fetch(file, parts)
    except NotAloneError:
        # Some files of large or nested datasets can't be had by themselves, though they are listed
        # (issues 295, 427, 444 and 508 of Kaggle/kaggle-cli).
        if fetch.progress:
            sys.stderr.write(f"Kaggle does not give {file} alone; taking the whole archive.\n")
        unzip(fetch.fetch(None, parts), file, unzipped)
        return unzipped
    member = wrapped_member(path, file)
    if member is None:
        _require_no_page(path, file)
        return path
    unzip(path, member, unzipped)
    return unzipped


def _require_no_page(path: Path, file: str) -> None:
    """Refuse a page of words about the trouble, sent in place of the file."""
    with path.open("rb") as body:
        start = body.read(1000).lstrip().lower()
    if start.startswith((b"<html", b"<!doctype html")) and not file.endswith((".html", ".htm")):
        raise SourceError(
            f"Kaggle should have sent {file}; a web page came. Run it again later, or go "
            f"{WITHOUT_KAGGLE}"
        )
