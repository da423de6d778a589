"""The rules by which a page is read, by name: each can be left out, so that the bench can tell what it is worth.

To change a rule is to raise its version here: the name of the extractor follows, and with it what counts as stale.
"""

from __future__ import annotations

import zlib

import trafilatura

# In the order in which they work. docs/extraction.md has what each adds.
_VERSIONS = {
    "layout_tables": 2,  # cells of a table that is the layout of a page are blocks
    "loose_text": 1,  # text that stands in such a cell beside paragraphs is a paragraph
    "link_blocks": 2,  # teasers, read-more lines and menus are not text
    "thorough_on_doubt": 2,  # the second extractor, where the fast one may have taken the wrong block
    "article_body": 1,  # the publisher's own articleBody as a witness
    "feed_body": 1,  # what the feed carried, as another
    "read_more": 1,  # lines that lead to other stories
    "invitations": 1,  # subscribe, follow, install, pay
    "credits": 1,  # who made and who owns it
    "placeholders": 1,  # what was not loaded, allowed or sold
    "head_lines": 1,  # headline, byline and date above the story
    "dates": 2,  # structured data, text, address and feed are reconciled
    "kinds": 1,  # what kind of page it is; what is provably no article is none
    "site_blocks": 1,  # paragraphs that the site repeats from article to article
}

Rules = frozenset[str]
ALL_RULES: Rules = frozenset(_VERSIONS)

# What another one made is stale and can be read again: the rules with their versions, and the library beneath.
_FINGERPRINT = zlib.crc32(" ".join(f"{name}-{version}" for name, version in _VERSIONS.items()).encode())
EXTRACTOR = f"newswire-2.{_FINGERPRINT:08x} trafilatura-{trafilatura.__version__}"
