"""What a failed download says: what was expected, what arrived, what to do."""

import errno
from pathlib import Path
from typing import Any

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


def disk_trouble(folder: Path, error: OSError) -> str:
    """Say what the disk refused and what to do."""
    if error.errno in NO_ROOM:
        what = f"No room for the download in {folder} ({error.strerror})."
        return f"{what} Free some space or choose another --home, and run it again."
    return f"Can't write the download to {folder} ({error}). Choose a folder that you may write to."


def refusal(dataset: str, error: Any) -> str:
    """Say why Kaggle did not give what was asked for."""
    status = status_of(error)
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


def status_of(error: Any) -> int | None:
    """The HTTP status behind an error of `requests`; None if there was no answer."""
    return getattr(error.response, "status_code", None)


def megabytes(count: int, total: int = 0) -> str:
    """Format bytes in MB, with the total where it is known."""
    return f"{count / 1e6:,.1f}{f' of {total / 1e6:,.1f}' if total else ''} MB"
