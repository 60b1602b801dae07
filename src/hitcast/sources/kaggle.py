"""A CSV file of a Kaggle dataset, downloaded through Kaggle's own client.

The client (package `kaggle`) signs in, prints and may exit while it is imported, so it is imported
here only, when a download starts. Whatever goes wrong ends in one `SourceError`; the file appears
in the folder whole or not at all.
"""

import contextlib
import errno
import functools
import io
import os
import re
import shutil
import sys
import tempfile
import time
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from tqdm import tqdm

from hitcast.errors import SourceError

CHUNK = 1 << 20
ATTEMPTS = 3
NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
WITHOUT_KAGGLE = "without Kaggle: --csv PATH for a file of your own, --twin ROWS for generated rows"
HOW_TO_GET_A_KEY = (
    "To get a key: Kaggle account -> Settings -> API -> create a token; set KAGGLE_API_TOKEN to it "
    "or save it as ~/.kaggle/access_token. A legacy key works too: put kaggle.json at "
    "~/.kaggle/kaggle.json (chmod 600), or set KAGGLE_USERNAME and KAGGLE_KEY. "
    f"docs/kaggle-key.md has the steps. Or {WITHOUT_KAGGLE}"
)
# The error behind it quotes the token, so it is never chained.
MALFORMED = f"The Kaggle credentials hold signs that none can have. {HOW_TO_GET_A_KEY}"


class _CutOffError(Exception):
    """The answer's body ended, or stood still, before all of it had come."""


def download(
    dataset: str, file: str, folder: Path, *, progress: bool = True, patience: float = 60.0
) -> Path:
    """Download a dataset's archive from Kaggle and unzip one file of it.

    Always fetched anew, as the dataset may have a new version; started over twice if cut off.

    Args:
        dataset: The dataset as `owner/name`, as in its address on kaggle.com.
        file: The file's name within the dataset's archive.
        folder: Where the file goes; an older one there stays until the new one is whole.
        progress: Whether to show a bar with the time left on stderr.
        patience: Seconds that the server may stay silent.

    Returns:
        Path of the unzipped file, in `folder`.

    Raises:
        SourceError: if credentials, dataset or file are missing or refused, Kaggle can't be
            reached, the archive is cut off or broken, or the disk can't take it.
    """
    if not re.fullmatch(r"[\w.-]+/[\w.-]+", dataset):
        raise SourceError(
            f"A Kaggle dataset is named owner/name; got {dataset!r}. Correct the use case in conf/."
        )
    target = folder / PurePosixPath(file).name
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".kaggle-", dir=folder) as scratch:
            archive, part = Path(scratch, "archive.zip"), Path(scratch, "part")
            # The client prints, but stdout belongs to the job's result.
            with contextlib.redirect_stdout(sys.stderr):
                _fetch(_signed_in(), dataset, archive, progress=progress, patience=patience)
            _unzip(archive, file, part)
            part.replace(target)
    except OSError as error:
        raise SourceError(_disk_trouble(folder, error)) from error
    return target


def _signed_in() -> Any:
    """Import Kaggle's client and sign in with the credentials in the environment or at home."""
    import requests

    said = io.StringIO()
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            from kaggle.api.kaggle_api_extended import KaggleApi
        with contextlib.redirect_stdout(said):
            api = KaggleApi()
            # With VERBOSE in the environment the client would print the key.
            api.args = [arg for arg in api.args if arg != "--verbose"]
            api.authenticate()
    except ImportError as error:
        what = f"Kaggle's client does not start ({error}). Install the locked requirements again"
        raise SourceError(f"{what}, or go {WITHOUT_KAGGLE}") from error
    except SystemExit as error:
        raise SourceError(f"{_why_not_signed_in(api.config)} {HOW_TO_GET_A_KEY}") from error
    except requests.RequestException as error:
        raise SourceError(_refusal("its sign-in", error)) from error
    except ValueError:
        raise SourceError(MALFORMED) from None
    except OSError as error:
        what = f"Kaggle's client can't use its configuration ({error})."
        raise SourceError(f"{what} Set KAGGLE_CONFIG_DIR to a folder of your own.") from error
    sys.stderr.write(said.getvalue())
    return api


def _why_not_signed_in(config: str) -> str:
    """Tell a token that Kaggle refused from credentials that are not there."""
    from kagglesdk import get_access_token_from_env

    token, origin = get_access_token_from_env()
    if token:
        return f"Kaggle refused the token in {origin}: it is mistyped, expired or revoked."
    found = [name for name in ("KAGGLE_USERNAME", "KAGGLE_KEY") if os.environ.get(name)]
    if Path(config).is_file():
        found.append(f"{config} (which lacks a readable username or key)")
    have = " and ".join(found) or "neither"
    return f"Kaggle needs a token or a user name with its key; found {have}."


def _fetch(api: Any, dataset: str, archive: Path, *, progress: bool, patience: float) -> None:
    """Save the dataset's archive, starting over when the connection breaks off."""
    for attempt in range(1, ATTEMPTS + 1):
        try:
            with _opened(api, dataset, patience) as response:
                _save(response, archive, dataset, progress=progress)
            return
        except _CutOffError as cut:
            if attempt == ATTEMPTS:
                what = f"The download of {dataset} was cut off {ATTEMPTS} times, last after {cut}."
                raise SourceError(f"{what} Check the network and run it again.") from cut
            sys.stderr.write(f"Download cut off after {cut}; starting over.\n")
            time.sleep(attempt)


@contextlib.contextmanager
def _opened(api: Any, dataset: str, patience: float) -> Iterator[Any]:
    """Ask for the dataset's archive; its body is still to be read."""
    import requests
    from kagglesdk.datasets.types.dataset_api_service import ApiDownloadDatasetRequest

    request = ApiDownloadDatasetRequest()
    request.owner_slug, request.dataset_slug = dataset.split("/")
    with api.build_kaggle_client() as client:
        # The client sets no timeout: a connection that died silently would be waited on forever.
        session = client.http_client()._session
        session.send = functools.partial(session.send, timeout=patience)
        try:
            response = client.datasets.dataset_api_client.download_dataset(request)
        except requests.RequestException as error:
            raise SourceError(_refusal(dataset, error)) from error
        except ValueError:
            raise SourceError(MALFORMED) from None
        with response:
            yield response


def _save(response: Any, archive: Path, dataset: str, *, progress: bool) -> None:
    """Write the answer's body to `archive` and check its length."""
    import requests

    coded = "Content-Encoding" in response.headers
    size = 0 if coded else int(response.headers.get("Content-Length") or 0)
    _require_room(archive.parent, size)
    done = 0
    bar = tqdm(total=size or None, desc=dataset, unit="B", unit_scale=True, disable=not progress)
    with bar, archive.open("wb") as out:
        try:
            for chunk in response.iter_content(CHUNK):
                out.write(chunk)
                done += len(chunk)
                bar.update(len(chunk))
        except requests.RequestException as error:
            raise _CutOffError(_megabytes(done, size)) from error
    if size and done != size:
        raise _CutOffError(_megabytes(done, size))


def _unzip(archive: Path, file: str, part: Path) -> None:
    """Unzip `file`, and nothing else, to `part`; zipfile checks its length and checksum."""
    try:
        with zipfile.ZipFile(archive) as bundle:
            names = [name for name in bundle.namelist() if not name.endswith("/")]
            if file not in names:
                raise SourceError(
                    f"The Kaggle dataset should hold {file}; its archive has {names[:10]}"
                    f"{' and more' if len(names) > 10 else ''}. Name one of them in conf/."
                )
            _require_room(part.parent, bundle.getinfo(file).file_size)
            with bundle.open(file) as member, part.open("wb") as out:
                shutil.copyfileobj(member, out, CHUNK)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise SourceError(
            f"Kaggle should have sent a zip archive; the {_megabytes(archive.stat().st_size)} that "
            f"came can't be unzipped ({error}). Run it again, or go {WITHOUT_KAGGLE}"
        ) from error


def _require_room(folder: Path, size: int) -> None:
    """Fail before the first byte if `size` bytes can't fit."""
    free = shutil.disk_usage(folder).free
    if size > free:
        raise OSError(errno.ENOSPC, f"{_megabytes(size)} to write, {_megabytes(free)} free")


def _disk_trouble(folder: Path, error: OSError) -> str:
    """Say what the disk refused and what to do."""
    if error.errno in NO_ROOM:
        what = f"No room for the download in {folder} ({error.strerror})."
        return f"{what} Free some space or choose another --home, and run it again."
    return f"Can't write the download to {folder} ({error}). Choose a folder that you may write to."


def _refusal(dataset: str, error: Any) -> str:
    """Say why Kaggle did not give the archive."""
    status = getattr(error.response, "status_code", None)
    # Without the address: it may be a signed one, as good as a key while it lasts.
    said = " ".join(str(error).partition(" for url: ")[0].split())
    page = f"kaggle.com/datasets/{dataset}"
    if status == 401:
        return f"Kaggle refused the credentials (401). {HOW_TO_GET_A_KEY}"
    if status == 403:
        return (
            f"Kaggle refused access to {dataset} (403: {said}). Either the key is wrong, or the "
            f"dataset is private or unknown: sign in and open {page}. {HOW_TO_GET_A_KEY}"
        )
    if status == 404:
        return f"Kaggle has no dataset {dataset} (404). Open {page} and correct the use case."
    if status is not None:
        what = f"Kaggle answered {status} when asked for {dataset} ({said}). Run it again later"
    else:
        what = f"Kaggle can't be reached ({type(error).__name__}). Check network and proxy"
    return f"{what}, or go {WITHOUT_KAGGLE}"


def _megabytes(count: int, total: int = 0) -> str:
    """Format bytes in MB, with the total where it is known."""
    return f"{count / 1e6:,.1f}{f' of {total / 1e6:,.1f}' if total else ''} MB"
