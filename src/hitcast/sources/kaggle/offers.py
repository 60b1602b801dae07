"""Ask Kaggle for a file of a dataset, or for its archive, and open what it offers."""

import contextlib
import functools
from collections.abc import Iterator
from typing import Any

from hitcast.errors import SourceError
from hitcast.sources.kaggle.patience import within
from hitcast.sources.kaggle.refusals import MALFORMED, refusal, status_of


class NotAloneError(Exception):
    """Kaggle does not give this file alone."""


class UnreachableError(SourceError):
    """Kaggle does not answer now, or says itself that it is out of order."""


@contextlib.contextmanager
def offered(api: Any, dataset: str, file: str | None, patience: float) -> Iterator[Any]:
    """Ask for the file, or with None for the archive; its body is still to be read.

    The client says where it is (a signed address of the storage), and that is then asked again by
    `requests`: as said in `patience`, the client's own answer might be waited on forever, while
    this one, and each that the client asks for to go on with a download, has a timeout.

    Raises:
        NotAloneError: if Kaggle has no such file by itself; its archive may have it.
        UnreachableError: if Kaggle can't be reached.
        SourceError: if it refuses.
    """
    import requests

    try:
        said = within(patience, functools.partial(_ask, api, dataset, file))
        said.close()
        asked = said.request
        response = requests.request(
            asked.method,
            said.url,
            data=asked.body,
            # Plain bytes: the length announced is then the file's own, and a part can be continued.
            headers={**asked.headers, "Accept-Encoding": "identity"},
            stream=True,
            timeout=patience,
        )
        response.raise_for_status()
    except requests.RequestException as error:
        status = status_of(error)
        if file is not None and status == 404:
            raise NotAloneError from error
        kind = UnreachableError if status is None or status >= 500 else SourceError
        raise kind(refusal(dataset, error)) from error
    except ValueError:
        raise SourceError(MALFORMED) from None
    with response:
        yield response


def _ask(api: Any, dataset: str, file: str | None) -> Any:
    from kagglesdk.datasets.types.dataset_api_service import ApiDownloadDatasetRequest

    request = ApiDownloadDatasetRequest()
    request.owner_slug, request.dataset_slug = dataset.split("/")
    request.file_name = file
    with api.build_kaggle_client() as client:
        return client.datasets.dataset_api_client.download_dataset(request)
