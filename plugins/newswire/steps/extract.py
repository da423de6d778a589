"""Extract articles: read archived pages (or, where no page can be had, entries) into text and metadata."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC

from newswire.archive import Archive
from newswire.core.articles import article_from_entry
from newswire.core.articles.published import dated
from newswire.core.articles.site_blocks import Story, clean, wanted
from newswire.errors import ArchiveError, ChildFailed, ChildKilled
from newswire.records import (
    ArchiveRef,
    Article,
    Batch,
    Dead,
    Done,
    EntryWitness,
    NoArticle,
    Page,
    Source,
    StepReport,
    Verdict,
)
from newswire.steps.child import Child
from newswire.warehouse import addresses, articles, marts, pages, site_blocks, work
from newswire.warehouse.connection import Conn

BATCH = 20  # pages a claim: at 30 to 100 ms a page a batch stays within a few seconds, far below its lease


@dataclass(frozen=True, slots=True, kw_only=True)
class Extracted:
    """One address, read."""

    source: Source
    result: Article | NoArticle | None  # None: the verdict says why
    verdict: Verdict


def extract(conn: Conn, batch: Batch, *, archive: Archive, child: Child, publish_delay_s: float) -> StepReport:
    """Read what these addresses have; store articles and versions, ask for group and tag where a text is new."""
    read = [_read(conn, source, archive=archive, child=child) for source in addresses.sources(conn, batch.keys)]
    results = [result for result in read if result is not None]
    missing = set(batch.keys) - {result.source.address_id for result in results}
    return work.drop(conn, batch, sorted(missing)) + work.settle(
        conn, batch, results, lambda conn, some: _write(conn, some, batch, publish_delay_s=publish_delay_s)
    )


def _read(conn: Conn, source: Source, *, archive: Archive, child: Child) -> Extracted | None:
    """Read it; where its file is gone, once more from where its page lies by now. None: its page was let go.

    Erasing and retention write a file anew without what goes: its other pages lie elsewhere from then on.
    """
    read = _read_once(source, archive=archive, child=child)
    if not _is_missing(read):
        return read
    now = next(iter(addresses.sources(conn, [source.address_id])), None)
    if now is None or now.page_id is None:
        return None
    return _read_once(now, archive=archive, child=child) if _lies(now) != _lies(source) else read


def _is_missing(read: Extracted) -> bool:
    return isinstance(read.verdict, Dead) and read.verdict.cause == "archive_missing"


def _lies(source: Source) -> tuple[str | None, int | None]:
    return source.archive_path, source.archive_offset


def _read_once(source: Source, *, archive: Archive, child: Child) -> Extracted:
    key = source.address_id
    try:
        result = _from_page(source, archive, child) if source.page_id is not None else _from_entry(source)
    except ArchiveError as error:
        return Extracted(source=source, result=None, verdict=Dead(key=key, cause="archive_missing", detail=str(error)))
    except ChildKilled as error:
        return Extracted(source=source, result=None, verdict=Dead(key=key, cause="killed", detail=str(error)))
    except ChildFailed as error:
        return Extracted(source=source, result=None, verdict=Dead(key=key, cause="unreadable", detail=str(error)))
    return Extracted(source=source, result=result, verdict=Done(key=key))


def _from_page(source: Source, archive: Archive, child: Child) -> Article | NoArticle:
    """The article of a page; where the page shows none (a wall, a stub), of what the feed carried."""
    function = "newswire.core.articles:extract_article"
    result: Article | NoArticle = child.call(function, _page(source, archive), entry=_witness(source))
    if isinstance(result, Article):
        return result
    from_entry = _from_entry(source)
    return from_entry if isinstance(from_entry, Article) else result


def _witness(source: Source) -> EntryWitness:
    published = dated("feed", source.entry_published_at, source.entry_date_quality or "missing")
    return EntryWitness(title=source.entry_title, content=source.entry_content, published=published)


def _page(source: Source, archive: Archive) -> Page:
    assert source.archive_path is not None
    assert source.archive_offset is not None
    assert source.archive_length is not None
    assert source.body_sha256 is not None
    assert source.fetched_at is not None
    ref = ArchiveRef(
        path=source.archive_path,
        offset=source.archive_offset,
        length=source.archive_length,
        body_sha256=bytes(source.body_sha256),
    )
    return Page(
        url=source.final_url or source.url,
        content_type=source.content_type,
        body=archive.read(ref).body,
        fetched_at=source.fetched_at,
    )


def _from_entry(source: Source) -> Article | NoArticle:
    return article_from_entry(
        url=source.url,
        title=source.entry_title,
        summary=source.entry_summary,
        content=source.entry_content,
        language=source.entry_language,
        authors=tuple(source.entry_authors),
        published=_witness(source).published,
    )


def _write(conn: Conn, read: Sequence[Extracted], batch: Batch, *, publish_delay_s: float) -> StepReport:
    there = pages.hold(conn, [result.source.page_id for result in read if result.source.page_id is not None])
    found = [
        articles.ReadArticle(source=_without_page(result.source, there), article=result.result)
        for result in read
        if isinstance(result.result, Article)
    ]
    erased = addresses.erased(conn, [item.article.url for item in found])
    saved = articles.save(conn, _without_site_blocks(conn, [item for item in found if item.article.url not in erased]))
    kept = {article.address_id for article in saved}
    articles.record_no_article(
        conn,
        # They lead to an article that was erased: what they gave goes the same way with the next check.
        {item.source.address_id: "erased" for item in found if item.source.address_id not in kept}
        | {
            item.source.address_id: item.result.reason
            for item in read
            # Without a page the outcome of the fetch says what happened; that the entry was too short adds nothing.
            if isinstance(item.result, NoArticle) and item.source.page_id is not None
        },
    )
    if batch.lease is not None:  # a rebuild goes on with its own list
        priorities = {item.key: item.priority for item in batch.items}
        changed = {article.article_id: priorities[article.address_id] for article in saved if article.changed}
        work.pass_on(conn, "group", changed)
        work.pass_on(conn, "tag", changed)
        articles.count_revisions(conn, sorted({article.article_id for article in saved if article.revised}))
    marts.touch(conn, {article.day for article in saved if article.changed}, delay_s=publish_delay_s)
    refused = [item.result.reason for item in read if isinstance(item.result, NoArticle)]
    return StepReport(
        seen=len(read),
        changed=sum(article.changed for article in saved),
        unchanged=sum(not article.changed for article in saved),
        skipped=len(refused),
        failed=sum(isinstance(result.verdict, Dead) for result in read),
        outcomes=_outcomes(read),
    )


def _without_page(source: Source, there: set[int]) -> Source:
    """The same where its page is there; one that was let go after it was read is named no more, as in all that was read before."""
    return source if source.page_id in there else replace(source, page_id=None)


def _without_site_blocks(conn: Conn, found: Sequence[articles.ReadArticle]) -> list[articles.ReadArticle]:
    """The articles without the paragraphs that their sites repeat; what these teach about the sites is stored."""
    stories = [Story(article=item.article, day=item.source.first_seen_at.astimezone(UTC).date()) for item in found]
    cleaned, learned = clean(stories, site_blocks.known(conn, wanted(stories)))
    site_blocks.save(conn, learned)
    return [replace(item, article=article) for item, article in zip(found, cleaned, strict=True)]


def _outcomes(read: Sequence[Extracted]) -> dict[str, int]:
    names = [_outcome(item) for item in read]
    return {name: names.count(name) for name in sorted(set(names))}


def _outcome(item: Extracted) -> str:
    match item.result, item.verdict:
        case NoArticle(reason=reason), _:
            return reason
        case None, Dead(cause=cause):
            return cause
        case _:
            return "article"
