"""Paragraphs that sites repeat from article to article: learned with every batch that is extracted, before it is stored."""

from __future__ import annotations

import json
from collections.abc import Sequence

from newswire.core.articles.site_blocks import WINDOW
from newswire.records import SiteBlock
from newswire.warehouse.connection import Conn
from newswire.warehouse.queries import rows, run


def known(conn: Conn, wanted: Sequence[tuple[str, int]]) -> list[SiteBlock]:
    """What is known of these paragraphs (site, key); until the end of the transaction nobody else learns about the sites."""
    sites = [site for site, _ in wanted]
    run(conn, "site_blocks.lock", sites=sites)
    return rows(conn, "site_blocks.known", SiteBlock, sites=sites, block_keys=[key for _, key in wanted])


def save(conn: Conn, blocks: Sequence[SiteBlock]) -> None:
    """Store what was learned, and forget what was long seen once."""
    if not blocks:
        return
    run(
        conn,
        "site_blocks.save",
        sites=[block.site for block in blocks],
        block_keys=[block.block_key for block in blocks],
        stories=[json.dumps(block.stories) for block in blocks],
        days=[json.dumps([day.isoformat() for day in block.days]) for block in blocks],
        are_repeated=[block.is_repeated for block in blocks],
        samples=[block.sample for block in blocks],
    )
    run(conn, "site_blocks.forget", sites=sorted({block.site for block in blocks}), window_days=WINDOW.days)
