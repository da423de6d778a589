"""Why a request ends without a complete answer."""

from __future__ import annotations

from newswire.errors import NewswireError
from newswire.records import Cause


class Refusal(NewswireError):
    """Raised inside `web/` only; outside it is an `HttpFailure` with the same cause and sentence."""

    def __init__(self, cause: Cause, detail: str) -> None:
        super().__init__(f"{cause}: {detail}")
        self.cause: Cause = cause
        self.detail = detail
