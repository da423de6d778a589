"""What a host of the newsroom answers, before HTTP: a document, a redirect, or nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """Bytes to serve."""

    body: bytes
    content_type: str
    modified_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Redirect:
    """Another place to look."""

    status: int
    location: str


Answer = Document | Redirect


class Hosts(Protocol):
    """Something that answers for hosts."""

    def answer(self, host: str, path: str, query: str) -> Answer | None:
        """The answer to a request, its path and query percent-decoded; None: nothing is there."""
