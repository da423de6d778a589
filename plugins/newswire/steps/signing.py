"""Asking with a credential: whoever runs the steps knows where credentials are kept, the steps get them as values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeAlias

from newswire.errors import ConfigError
from newswire.records import Credential, HttpFailure
from newswire.web.request import Request

# The credential of a connection, by its id. Raises ConfigError, `problem; mend`, where there is none that can be used.
Credentials: TypeAlias = Callable[[str], Credential]


def no_credentials(connection: str) -> Credential:
    """For whoever has none."""
    raise ConfigError(f"the connection {connection!r} is not known here; define it in Airflow")


def signed(request: Request, connection: str | None, credentials: Credentials) -> Request | HttpFailure:
    """The request with the credential of a connection (None: without any), or why it cannot be made."""
    if connection is None:
        return request
    try:
        return replace(request, credential=credentials(connection))
    except ConfigError as error:
        return HttpFailure(url=request.url, cause="credential", detail=str(error), seconds=0)
