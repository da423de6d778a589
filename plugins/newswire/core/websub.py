"""WebSub, decided: which hub a feed names, whether a push is signed, when to ask a hub again.

The W3C Recommendation of 23 January 2018 (https://www.w3.org/TR/websub/) is cited by section.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable
from datetime import datetime
from typing import Literal

from newswire.core.retry_after import retry_after_s
from newswire.core.text import clean_text, plain_text
from newswire.core.urls import resolve
from newswire.records import FeedHub, HttpFailure, HttpReply, HubRequest

CALLBACK_PATH = "/websub"  # below the API server's address: all that is to be reached from outside
LEASE_S = 14 * 86_400  # asked for, and believed at most: a secret that leaked lives no longer
_MAX_URL_CHARS = 2_000
_HOUR_S = 3600
_PATIENCE_CAP_S = 7 * 24 * _HOUR_S
_SHOWN_CHARS = 200
_READ_OF_A_REFUSAL = 4_000  # bytes
_ACCEPTED = range(200, 300)

# --- Discovery (section 4) -------------------------------------------------------------------------------------------

_LINK = re.compile(r"<([^<>]*)>((?:\s*;\s*[\w!#$&+.^`|~-]+(?:\s*=\s*(?:\"[^\"]*\"|[^\s\",;]*))?)*)")
_REL = re.compile(r";\s*rel\s*=\s*(?:\"([^\"]*)\"|([^\s\",;]*))", re.IGNORECASE)


def link_target(values: Iterable[str], relation: str) -> str | None:
    """The target of the first link with this relation in the values of the header Link (RFC 8288)."""
    for value in values:
        for target, parameters in _LINK.findall(value):
            found = _REL.search(parameters)
            if found and relation in (found[1] or found[2]).lower().split():
                return str(target).strip()
    return None


def feed_hub(hub: str | None, topic: str | None, *, base: str, feed_url: str) -> FeedHub | None:
    """The hub of a feed, named at `base`, and the topic to ask it for; a feed that names no topic is its own."""
    hub_url = _usable(base, hub)
    return FeedHub(hub_url=hub_url, topic_url=_usable(base, topic) or feed_url) if hub_url else None


def _usable(base: str, link: str | None) -> str | None:
    target = resolve(base, link) if link else None
    return target if target and len(target) <= _MAX_URL_CHARS else None


# --- Authenticated content distribution (section 7.1) ----------------------------------------------------------------

Distrust = Literal["unsigned", "forged"]
_METHODS = {"sha1": hashlib.sha1, "sha256": hashlib.sha256, "sha384": hashlib.sha384, "sha512": hashlib.sha512}


def distrust(body: bytes, signature: str | None, secret: str) -> Distrust | None:
    """Why a push is not to be believed; None: who sent it knows the secret."""
    method, _, said = (signature or "").strip().partition("=")
    if not said:
        return "unsigned"
    digest = _METHODS.get(method.strip().lower())
    if digest is None:
        return "forged"
    right = hmac.new(secret.encode(), body, digest).hexdigest()
    return None if hmac.compare_digest(right.encode(), said.strip().lower().encode("utf-8", "replace")) else "forged"


# --- Asking a hub (section 5.1) --------------------------------------------------------------------------------------


def hub_form(request: HubRequest, *, callback_url: str) -> tuple[tuple[str, str], ...]:
    """What is asked of a hub."""
    form = [("hub.mode", request.mode), ("hub.topic", request.topic_url), ("hub.callback", callback_url)]
    if request.mode == "subscribe":
        form += [("hub.lease_seconds", str(LEASE_S)), ("hub.secret", request.secret)]
    return tuple(form)


def patience_s(failures: int, *, jitter: float) -> float:
    """How long a hub that was asked may take before it is asked again: an hour, doubled each time, at most a week."""
    return min(_HOUR_S * 2.0 ** min(failures, 10), _PATIENCE_CAP_S) * (1 + 0.2 * jitter)


def refusal(reply: HttpReply, request: HubRequest) -> str | None:
    """Why a hub did not take a request, in words; None: it did, and will verify.

    A hub may repeat what it was asked, so the secret and the callback are taken out of its words.
    """
    if isinstance(reply, HttpFailure):
        return f"{reply.cause}: {shortened(_hidden(reply.detail, request))}"
    if reply.status in _ACCEPTED:
        return None
    words = plain_text(reply.body[:_READ_OF_A_REFUSAL].decode("utf-8", "replace"))
    return f"HTTP {reply.status}: {shortened(_hidden(words, request))}".rstrip(": ")


def _hidden(words: str, request: HubRequest) -> str:
    return words.replace(request.secret, "…").replace(request.token, "…")


def wait_s(reply: HttpReply, *, now: datetime) -> float:
    """How long a hub asks to be left alone."""
    asked = None if isinstance(reply, HttpFailure) else retry_after_s(reply.header("Retry-After"), now)
    return float(asked or 0)


def shortened(words: str) -> str:
    """What a stranger says, as one short line."""
    return " ".join(clean_text(words).split())[:_SHOWN_CHARS]


# --- The hub's answer (section 5.3) ----------------------------------------------------------------------------------

_DIGITS = re.compile(r"[0-9]{1,9}")


def granted_lease_s(said: str | None) -> int:
    """The lease that a hub grants, never believed to be longer than what was asked for."""
    said = (said or "").strip()
    return min(int(said), LEASE_S) if _DIGITS.fullmatch(said) else LEASE_S
