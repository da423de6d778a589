"""What the demo prints."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence

from newswire.core.stories.telling import described
from newswire.records import ArticleLine, DelaySummary, NamedCount, Progress, SightingLine, StoryLine

_WIDTH = 150

_TO_TRY = (
    "SELECT topic, level, title, evidence FROM mart.article_topics WHERE NOT is_copy ORDER BY score DESC LIMIT 10",
    "SELECT publisher, original_publisher, kind, hours_after, reason, first_reason FROM mart.duplicates",
    "SELECT title, articles, originals, publishers, topics FROM mart.stories ORDER BY articles DESC LIMIT 10",
    "SELECT outcome, count(*) FROM mart.sightings GROUP BY outcome",
)


def progress(counts: Progress, *, seconds: float) -> None:
    """One line: how far everything has come."""
    print(
        f"  {seconds:5.0f} s  entries {counts.entries:5}  pages {counts.pages:5}  articles {counts.articles:5}"
        f"  copies {counts.copies:3}  tags {counts.tags:4}  in work {counts.in_work:4}  dead {counts.dead:3}",
        flush=True,
    )


def articles(found: Sequence[ArticleLine], sightings: Sequence[SightingLine]) -> None:
    """Tagged articles and copies in full, how many others there are, and the links that led to no article."""
    print(f"\n{len(found)} articles; those with a topic:\n")
    for article in found:
        if article.topics and not article.original_url:
            _article(article)
    print("\nCopies:\n")
    for article in found:
        if article.original_url:
            print(f"  {article.url}\n      repeats {article.original_url}  ({article.topics or 'no topic'})")
    print("\nRevised:\n")
    for article in found:
        if article.versions > 1:
            print(f"  {article.title}  ({article.versions} versions)")
    print("\nLinks that gave no article:\n")
    for sighting in sightings:
        if sighting.outcome != "article":
            print(f"  {sighting.outcome:<10} {sighting.link}")


def stories(found: Sequence[Sequence[StoryLine]]) -> None:
    """The events that several articles tell, each article with what proves it."""
    print("\nOne event, told by several:")
    for story in found:
        print("\n" + textwrap.indent("\n".join(described(story)), "  "))


def delays(found: DelaySummary) -> None:
    """Publication to row, and the share of each stage."""
    if found.median_s is None:
        return
    print(
        f"\nFrom publication to tagged row, {found.articles} articles published while everything was warm:"
        f" median {found.median_s:.1f} s, 95 % {found.p95_s or 0:.1f} s, worst {found.worst_s or 0:.1f} s\n"
        f"  medians: waiting for the poll {found.poll_s or 0:.2f} s, fetch {found.fetch_s or 0:.2f} s,"
        f" extract {found.extract_s or 0:.2f} s, tag {found.tag_s or 0:.2f} s"
    )


def verdict(wrong: Sequence[str]) -> None:
    """Whether the rows are what was published."""
    lines(
        "The rows are not what the newsroom published" if wrong else "The rows are what the newsroom published", wrong
    )


def counts(found: Iterable[NamedCount]) -> Iterator[str]:
    """One line each."""
    for one in found:
        yield f"{one.name}: {one.count}"


def lines(title: str, some: Iterable[str]) -> None:
    """A heading and what stands under it."""
    print(f"\n{title}\n")
    for line in some:
        print(f"  {line}")


def fingerprint(sha256: str) -> None:
    """The rows in one word: the same wherever and however often the demo runs."""
    print(f"  sha256 of the rows, without times: {sha256}")


def doors(ui: str, psql: str, *, until: str) -> None:
    """Where to look on."""
    lines(f"Look around (it goes on running until `{until}`)", [f"Airflow UI  {ui}", f"Warehouse   {psql}"])
    print("\nTry:\n")
    for query in _TO_TRY:
        print(f"  {query};")


def _article(article: ArticleLine) -> None:
    print(f"  [{article.language}] {article.title}\n      {article.topics}")
    if article.evidence:
        quote = textwrap.shorten(article.evidence, width=_WIDTH, placeholder=" …")
        print(f"      “{quote}”")
