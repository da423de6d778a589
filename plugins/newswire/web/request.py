"""What is asked of the web, and within which limits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from newswire import __version__
from newswire.errors import ConfigError
from newswire.records import Credential
from newswire.web.addresses import is_own

Kind = Literal["feed", "page", "sitemap", "robots", "hub", "webhook"]

KB = 1024
MB = 1024 * KB


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One address to ask for. What the caller adds (validators, headers) is sent to that site only, not where it redirects."""

    url: str
    kind: Kind
    etag: str | None = None  # as the site sent it, for If-None-Match
    last_modified: str | None = None  # as the site sent it, for If-Modified-Since
    headers: tuple[tuple[str, str], ...] = ()
    credential: Credential | None = None  # sent to the origin of `url` only, and over https only
    robots: bool = False  # ask only what robots.txt allows, at every hop
    form: tuple[tuple[str, str], ...] | None = field(default=None, repr=False)  # to be posted; may hold a secret
    json: str | None = field(
        default=None, repr=False
    )  # to be posted, as these very characters; a redirect is not followed


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """When a request is given up. Waiting for the turn of its host is not counted."""

    total_s: float = 30
    connect_s: float = 10  # name lookup, TCP and TLS together
    read_s: float = 15  # longest silence
    wire_bytes: int
    decoded_bytes: int
    ratio: int = 100  # decoded bytes for each byte on the wire, once there are `ratio_from_bytes`
    ratio_from_bytes: int = 256 * KB
    cut: bool = False  # keep the head of a longer body instead of refusing it
    gz_files: bool = False  # the document may be a .gz file, without any content coding (sitemaps.org)


LIMITS: Mapping[Kind, Limits] = MappingProxyType(
    {
        "feed": Limits(wire_bytes=10 * MB, decoded_bytes=15 * MB, gz_files=True),
        "page": Limits(wire_bytes=10 * MB, decoded_bytes=5 * MB),
        "sitemap": Limits(total_s=60, wire_bytes=50 * MB, decoded_bytes=50 * MB, gz_files=True),
        # RFC 9309, 2.5: at least 500 KiB are read, the rest may be ignored.
        "robots": Limits(wire_bytes=500 * KB, decoded_bytes=500 * KB, cut=True),
        "hub": Limits(wire_bytes=64 * KB, decoded_bytes=64 * KB, cut=True),  # a word about a refusal
        # Standard Webhooks 1.0.0, "Request timeouts": 15 to 30 s; of the answer only the status counts.
        "webhook": Limits(total_s=20, wire_bytes=64 * KB, decoded_bytes=64 * KB, cut=True),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class WebSettings:
    """How all requests of one `Web` are made."""

    user_agent: str = f"Newswire/{__version__} (+https://github.com/newswire-project/newswire; news ingestion)"
    robots_agent: str = "Newswire"  # the product token that robots.txt names (RFC 9309, 2.2.1)
    host_gap_s: float = 1.0  # from the end of one request to a host to the start of the next
    max_in_flight: int = 100
    limits: Mapping[Kind, Limits] = field(default_factory=lambda: LIMITS)
    # The newsroom: every host is found at this address of our own, which speaks plain HTTP, and nowhere else.
    connect_to: tuple[str, int] | None = None
    internal: bool = (
        False  # addresses of this machine and of private networks are asked too: for webhooks of the operator
    )

    def __post_init__(self) -> None:
        if self.connect_to is not None and not is_own(self.connect_to[0]):
            raise ConfigError(f"connect_to must be a loopback or private address, not {self.connect_to[0]}")
        if self.connect_to is not None and self.internal:
            raise ConfigError(
                "connect_to and internal exclude each other: every host is found at one address, or each at its own"
            )
