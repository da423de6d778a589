"""Why a document gives no feed: the two answers that `parse_feed` has besides a feed."""

from __future__ import annotations

from newswire.errors import NewswireError


class NotAFeed(NewswireError, ValueError):
    """The document is something else: empty, a web page, another kind of XML or JSON."""


class UnreadableFeed(NewswireError, ValueError):
    """The document means to be a feed, and nothing can be read from it."""
