"""`newswire article`: what is known of an article, what changed, and why its page reads as it does."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from newswire.commands.shared import Arguments, Verbs, add_command, opened_app, shown
from newswire.errors import ConfigError
from newswire.records import Article, Explanation, KnownArticle, NoArticle, Page, RelatedUrl, TagLine, VersionText

if TYPE_CHECKING:
    from newswire.app import App

_REASONS = {
    "too_large": "the page or its text is longer than any story",
    "undecodable": "its characters cannot be read",
    "not_html": "it is no HTML page",
    "no_title": "it has no headline",
    "too_short": "it holds less text than a story",
}


def add(commands: Verbs) -> None:
    """The command."""
    what = "an article of the warehouse; or what a page or file reads as, and why"
    article = add_command(commands, "article", _article, what)
    article.add_argument("page", metavar="URL-or-FILE")
    article.add_argument("--diff", action="store_true", help="what changed from version to version")
    article.add_argument("--text", action="store_true", help="the text as well")
    article.add_argument("--url", help="of a FILE: the address it came from", default="https://page.invalid/")


def _article(arguments: Arguments) -> int:
    if "://" in arguments.page:
        with opened_app() as app:
            return _of_url(app, _address(arguments.page), arguments)
    path = Path(arguments.page)
    if not path.is_file():
        raise ConfigError(f"{path} is no file; give a file, or an address with http:// or https://")
    return _told(_of_file(path, _address(arguments.url)), text=arguments.text)


def _address(given: str) -> str:
    from newswire.managing import web_address

    return web_address(given, "the page, such as https://example.org/news/1")


def _of_file(path: Path, url: str) -> Explanation:
    from newswire.steps.child import Child
    from newswire.steps.reading import explain

    page = Page(url=url, content_type=None, body=path.read_bytes(), fetched_at=datetime.now(UTC))
    with Child() as child:
        return explain(child, page)


def _of_url(app: App, url: str, arguments: Arguments) -> int:
    from newswire.warehouse import articles

    conn = app.connect("command line")
    known = articles.known_at(conn, url)
    if known is None:
        print("not in the warehouse; what it would be, as it is now:\n")
        return _told(app.explain_page(url), text=arguments.text)
    versions = articles.versions_of(conn, known.article_id)
    shown(_known(known))
    shown(_related(articles.related_to(conn, known.article_id)))
    shown(_tags(articles.tags_of(conn, known.article_id)))
    shown(_versions(versions))
    if arguments.diff:
        shown(_differences(versions))
        return 0
    print("\nread from its page in the archive:\n")
    return _told(app.explain_page(url, article_id=known.article_id), text=arguments.text)


# --- What the warehouse has ------------------------------------------------------------------------------------------


def _known(article: KnownArticle) -> Iterator[str]:
    yield article.title
    yield f"  {article.url}"
    published = f"published {_moment(article.published_at)}, " if article.published_at else ""
    seen = f"first seen {_moment(article.first_seen_at)}"
    yield f"  {article.publisher or 'unnamed publisher'}, {article.language}, {published}{seen}"
    yield f"  {article.characters:,} characters from its {article.text_source}"
    if article.gone_since:
        yield f"  gone since {_moment(article.gone_since)}: its address answers that nothing is there"
    if article.looks_again_at:
        yield f"  looked at again at {_moment(article.looks_again_at)}"
    if article.original_url:
        yield f"  repeats {article.original_url}"


def _related(related: Sequence[RelatedUrl]) -> Iterator[str]:
    yield from (f"  {one.relation} {one.url}" for one in related)


def _tags(tags: Sequence[TagLine]) -> Iterator[str]:
    yield "tags" if tags else "no tags"
    for tag in tags:
        yield f"  {tag.topic} {tag.level} ({tag.score:.1f}): {tag.evidence or ''}"


def _versions(versions: Sequence[VersionText]) -> Iterator[str]:
    yield "versions (* the current one)"
    for one in versions:
        share = "" if one.changed_share is None else f", {one.changed_share:.0%} of the text in paragraphs that changed"
        mark = "*" if one.is_current else " "
        yield f" {mark}{one.version}  {one.seen_at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC  {one.why}{share}  ({one.extractor})"


def _differences(versions: Sequence[VersionText]) -> Iterator[str]:
    from newswire.core.revisions import difference

    if len(versions) == 1:
        yield "\nit never changed"
    for before, after in pairwise(versions):
        yield f"\nfrom version {before.version} to {after.version} ({after.why})"
        yield from difference(f"{before.title}\n{before.text}", f"{after.title}\n{after.text}")


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


# --- Why a page reads as it does -------------------------------------------------------------------------------------


def _told(explanation: Explanation | None, *, text: bool) -> int:
    if explanation is None:
        print("  it was made from its entry in the feed: its page could not be had")
        return 0
    shown(f"  {finding.rule}: {finding.says}" for finding in explanation.findings)
    match explanation.result:
        case NoArticle(reason=reason):
            print(f"no article: {_REASONS.get(reason, reason)}")
            return 1
        case Article() as article:
            print(f"an article of {len(article.text):,} characters")
            shown(article.text.split("\n") if text else ())
    return 0
