r"""Feed documents: RSS 0.9x to 2.0, RDF, Atom, JSON Feed, news sitemaps, sitemaps and their indexes, as they really are.

bytes -> decoding -> text -> pruning -> markup -> well-behaved XML -> syndication -> items -> ParsedFeed
                         |          \-> sitemaps ----------------------------------^
                         \-> json_feed ---------------------------------------------^
"""

from __future__ import annotations

from contextlib import suppress

from newswire.core.feeds.decoding import decode
from newswire.core.feeds.json_feed import read_json_feed
from newswire.core.feeds.markup import Root, find_root, well_behaved
from newswire.core.feeds.pruning import Uncertain, outline_of
from newswire.core.feeds.refusals import NotAFeed, UnreadableFeed
from newswire.core.feeds.sitemaps import read_sitemap
from newswire.core.feeds.syndication import read_new_items, read_syndication
from newswire.core.feeds.timing import with_timing
from newswire.records import FeedMemory, ParsedFeed

__all__ = ["NotAFeed", "UnreadableFeed", "parse_feed"]


def parse_feed(
    body: bytes, *, url: str, content_type: str | None = None, memory: FeedMemory | None = None
) -> ParsedFeed:
    """Read a feed document.

    `url` is the address that answered: relative links are resolved against the feed's own link, then against it.
    `content_type` is the header as received; only its charset is used, and not believed against the bytes. All text comes
    back plain. What had to be repaired or left out stands in `problems`. `memory` is what an earlier document of the feed
    gave: items that it knows, unchanged, are no entries of the result, which is the same in everything else.

    Raises NotAFeed for anything that is no feed, UnreadableFeed for a feed of which nothing can be read. Hostile documents
    can take time and memory: call it in a child process (`steps/child.py`) unless the bytes are your own.
    """
    text, problems = decode(body, content_type)
    if text.lstrip().startswith(("{", "[")):
        return read_json_feed(text, url=url, problems=problems)
    root = find_root(text)
    if root.kind in {"urlset", "sitemapindex"}:
        return read_sitemap(well_behaved(text, root), root, url=url, problems=problems)
    return _syndication(text, root, url, problems, memory)


def _syndication(text: str, root: Root, url: str, problems: list[str], memory: FeedMemory | None) -> ParsedFeed:
    """What is new in a document, where that is certain; else all of it."""
    outline = outline_of(text, root)
    if outline and memory:
        new = outline.without(memory)
        with suppress(Uncertain):
            xml = well_behaved(new.text, root)
            return with_timing(read_new_items(xml, root, url=url, problems=problems, outline=new, memory=memory), xml)
    xml = well_behaved(text, root)
    return with_timing(read_syndication(xml, root, url=url, problems=problems, outline=outline), xml)
