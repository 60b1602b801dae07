"""Kaggle's token from a secret scope of a Databricks workspace."""

import os

from hitcast.errors import SourceError

SECRET = "kaggle-api-token"
"""What the token is called in the scope."""


def take_token(scope: str) -> None:
    """Put the token of `scope` into the environment, where Kaggle's client looks for it.

    Raises:
        SourceError: if there is no workspace, or it does not give the secret.
    """
    from databricks.sdk import WorkspaceClient
    from databricks.sdk.errors import DatabricksError

    try:
        token = WorkspaceClient().dbutils.secrets.get(scope=scope, key=SECRET)
    except (DatabricksError, ValueError) as error:
        told = " ".join(str(error).split())
        raise SourceError(
            f"expected Kaggle's token as the secret {SECRET} in the scope {scope}, got: {told}; "
            f"put it there with: databricks secrets put-secret {scope} {SECRET}"
        ) from None
    os.environ["KAGGLE_API_TOKEN"] = token.strip()
