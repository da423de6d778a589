"""Why a feed gave nothing, and what to do, in words. The warehouse has the same words (`news.in_words`; a test compares)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

# Outcome of a poll -> what happened, what to do.
REASONS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "dns": ("the host name is not known", "look for a slip in the address, or whether the site moved"),
        "connect": (
            "the server cannot be reached",
            "open the site in a browser; it may be down, or this machine offline",
        ),
        "tls": ("the server's certificate is not accepted", "tell the publisher; http:// instead of https:// may work"),
        "timeout": ("the server takes too long", "it is asked again by itself, less and less often"),
        "blocked_address": (
            "the host leads to an address that is not public",
            "only public addresses are asked; give the public one",
        ),
        "bad_url": ("it is an address that is never asked", "give an http or https address on a usual port"),
        "robots": ("robots.txt forbids it", "ask the publisher for leave, or look for another feed of theirs"),
        "credential": ("its credential cannot be used", "mend the connection in Airflow, or take another one"),
        "bad_redirect": ("it redirects in a loop, too often or nowhere", "open it in a browser and give where it ends"),
        "protocol": ("the answer breaks the rules of HTTP", "tell the publisher; look for another feed of theirs"),
        "truncated": ("the answer ends too early", "it is asked again by itself"),
        "bad_encoding": ("the answer is compressed in a way that cannot be undone", "tell the publisher"),
        "too_large": ("the answer is too large", "look for a feed of one section, or of the newest entries only"),
        "http_status": (
            "the server refuses",
            "open it in a browser; if it shows there, the publisher keeps programs out",
        ),
        "throttled": ("the server asks for patience", "it is asked again by itself, when the server allows it"),
        "bot_challenge": (
            "it sets a riddle for browsers (Cloudflare)",
            "ask the publisher to let feed readers in; it is asked again by itself, less and less often",
        ),
        "gone": ("nothing is at this address any more", "`newswire feeds discover` on the site finds where it went"),
        "not_a_feed": ("what is there is not a feed", "`newswire feeds discover` finds the feeds of a site"),
        "unreadable": ("there is a feed, but it cannot be read", "tell the publisher; look for another feed of theirs"),
        "killed": ("the document takes too much time or memory to read", "look for a feed of one section"),
    }
)


def in_words(outcome: str, detail: str | None) -> str:
    """What happened and what to do: `what: detail; mend`."""
    what, mend = REASONS.get(outcome, (outcome, "report it: this should not happen"))
    return f"{what}{f': {detail}' if detail else ''}; {mend}"
