"""Sign in to Kaggle, with the credentials in the environment or at home."""

import contextlib
import functools
import importlib
import io
import os
import sys
from pathlib import Path
from typing import Any

from hitcast.errors import SourceError
from hitcast.sources.kaggle.patience import within
from hitcast.sources.kaggle.refusals import HOW_TO_GET_A_KEY, MALFORMED, WITHOUT_KAGGLE, refusal

# The client asks Kaggle about the token while it is imported; the rest is reading it from the disk.
SECONDS_TO_IMPORT = 30.0


def signed_in(patience: float) -> Any:
    """Import Kaggle's client and sign in.

    Args:
        patience: Seconds that Kaggle may stay silent.

    Returns:
        The client's `KaggleApi`.

    Raises:
        SourceError: if credentials are missing or refused, Kaggle doesn't answer, or the client
            can't be used.
    """
    import requests

    said, config = io.StringIO(), ""
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            load = functools.partial(importlib.import_module, "kaggle.api.kaggle_api_extended")
            client = within(patience + SECONDS_TO_IMPORT, load)
        with contextlib.redirect_stdout(said):
            api = client.KaggleApi()
            config = api.config
            # With VERBOSE in the environment the client would print the key.
            api.args = [arg for arg in api.args if arg != "--verbose"]
            within(patience, api.authenticate)
    except ImportError as error:
        what = f"Kaggle's client does not start ({error}). Install the locked requirements again"
        raise SourceError(f"{what}, or go {WITHOUT_KAGGLE}") from error
    except SystemExit as error:
        raise SourceError(f"{_why_not(config)} {HOW_TO_GET_A_KEY}") from error
    except requests.RequestException as error:
        raise SourceError(refusal("its sign-in", error)) from error
    except ValueError:
        raise SourceError(MALFORMED) from None
    except OSError as error:
        what = f"Kaggle's client can't use its configuration ({error})."
        raise SourceError(f"{what} Set KAGGLE_CONFIG_DIR to a folder of your own.") from error
    sys.stderr.write(said.getvalue())
    return api


def _why_not(config: str) -> str:
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
