"""Lists of feeds as people keep and exchange them: OPML and CSV, in and out.

A file is read whole or refused with the line and the mend; a single wrong line of it is a problem of that line, and the others
are read. What is written is read back as the same list.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from newswire.core.feed_lists.opml import read_opml, write_opml
from newswire.core.feed_lists.said import subscription
from newswire.core.feed_lists.tables import read_csv, write_csv
from newswire.core.urls import address_key
from newswire.records import ReadList, Subscription

__all__ = ["merged", "read_csv", "read_list", "read_opml", "subscription", "write_csv", "write_opml"]


def read_list(document: bytes, *, name: str) -> ReadList:
    """Read a list in either format; `name` is that of its file and stands before every problem.

    Raises ConfigError, `name:line: problem; mend`, for a document that is neither.
    """
    is_xml = document.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<") or name.endswith((".opml", ".xml"))
    return read_opml(document, name=name) if is_xml else read_csv(document, name=name)


def merged(subscriptions: Sequence[Subscription]) -> list[Subscription]:
    """Each address once: groups and tags together, of everything else what was said first."""
    by_key: dict[bytes, Subscription] = {}
    for one in subscriptions:
        key = address_key(one.url)
        by_key[key] = _merged(by_key[key], one) if key in by_key else one
    return list(by_key.values())


def _merged(first: Subscription, second: Subscription) -> Subscription:
    return replace(
        first,
        title=first.title or second.title,
        publisher=first.publisher or second.publisher,
        domain=first.domain or second.domain,
        country=first.country or second.country,
        language=first.language or second.language,
        kind=first.kind or second.kind,
        groups=tuple(dict.fromkeys(first.groups + second.groups)),
        tags=tuple(dict.fromkeys(first.tags + second.tags)),
        owner=first.owner or second.owner,
        note=first.note or second.note,
        connection=first.connection or second.connection,
    )
