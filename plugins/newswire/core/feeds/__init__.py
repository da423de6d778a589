r"""Feed documents: RSS 0.9x to 2.0, RDF, Atom, JSON Feed, news sitemaps, sitemaps and their indexes, as they really are.

bytes -> decoding -> text -> markup -> well-behaved XML -> syndication | sitemaps -> items -> ParsedFeed
                         \-> json_feed ------------------------------------------^
"""

from __future__ import annotations

from newswire.core.feeds.decoding import decode
from newswire.core.feeds.json_feed import read_json_feed
from newswire.core.feeds.markup import find_root, well_behaved
from newswire.core.feeds.refusals import NotAFeed, UnreadableFeed
from newswire.core.feeds.sitemaps import read_sitemap
from newswire.core.feeds.syndication import read_syndication
from newswire.core.feeds.timing import with_timing
from newswire.records import ParsedFeed

__all__ = ["NotAFeed", "UnreadableFeed", "parse_feed"]


def parse_feed(body: bytes, *, url: str, content_type: str | None = None) -> ParsedFeed:
    """Read a feed document.

    `url` is the address that answered: relative links are resolved against the feed's own link, then against it.
    `content_type` is the header as received; only its charset is used, and not believed against the bytes. All text comes
    back plain. What had to be repaired or left out stands in `problems`.

    Raises NotAFeed for anything that is no feed, UnreadableFeed for a feed of which nothing can be read. Hostile documents
    can take time and memory: call it in a child process (`steps/child.py`) unless the bytes are your own.
    """
    text, problems = decode(body, content_type)
    if text.lstrip().startswith(("{", "[")):
        return read_json_feed(text, url=url, problems=problems)
    root = find_root(text)
    xml = well_behaved(text, root)
    if root.kind in {"urlset", "sitemapindex"}:
        return read_sitemap(xml, root, url=url, problems=problems)
    return with_timing(read_syndication(xml, root, url=url, problems=problems), xml)
