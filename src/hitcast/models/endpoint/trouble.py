"""What can go wrong with an endpoint, told in one line."""

from collections.abc import Iterator
from contextlib import contextmanager

from hitcast.errors import EndpointError


class SlowError(EndpointError):
    """An update goes on beyond the time there was; nothing can cancel it but the workspace's UI."""


class BusyError(EndpointError):
    """Somebody else changes the endpoint at the same time."""


class ForbiddenError(EndpointError):
    """Who runs this may not do it; that says nothing about the version."""


@contextmanager
def plainly(name: str, what: str) -> Iterator[None]:
    """Tell the SDK's errors as ours; `what` is what was expected of the endpoint `name`."""
    from databricks.sdk.errors import DatabricksError, PermissionDenied, Unauthenticated

    try:
        yield
    except (PermissionDenied, Unauthenticated) as error:
        raise ForbiddenError(
            f"expected {name} {what}, got a refusal: {line(error)}; who runs this job needs CAN "
            "MANAGE on the endpoint, and its creator EXECUTE on the model and USE on catalog and "
            "schema"
        ) from None
    except (DatabricksError, TimeoutError) as error:
        raise EndpointError(f"expected {name} {what}, got: {line(error)}") from None


def line(error: BaseException) -> str:
    """An error in one line, with the one behind it, which a mere timeout does not tell."""
    cause = error.__cause__
    told = " ".join(str(error).split()) or type(error).__name__
    return f"{told} ({line(cause)})" if cause is not None else told
