"""What the newsroom prints: publications, their manuscripts, and the truth about each of them.

A *manuscript* is what a publication has written; it becomes an entry of its feed and a page at its address when it is
published. What the pipeline makes of it is its own affair: `LedgerRow` says what it should have come to.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Literal
from urllib.parse import quote

from newswire.records import Level

PrintedFormat = Literal["rss", "atom", "json", "sitemap"]
Chrome = Literal["agency", "broadsheet", "portal", "tabloid"]
Outcome = Literal[
    "article",  # its page is there and holds an article
    "gone",  # its link answers 404
    "robots",  # its page is there, and robots.txt forbids it
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """One version of a manuscript, as it reads on the page."""

    title: str
    summary: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Manuscript:
    """An article before it is published."""

    slug: str
    section: str
    language: str
    authors: tuple[str, ...]
    versions: tuple[Text, ...]  # the first as published, the others as revised
    topics: Mapping[str, Level] = field(default_factory=dict)
    outcome: Outcome = "article"
    guid: str | None = None  # None: its own address
    redirect: str | None = None  # a path that leads to the article, which the feed links instead of it
    copy_of: str | None = None  # address of the article that it repeats word for word
    near_copy_of: str | None = None  # address of the article that it repeats with small changes
    story: str | None = None  # name of the event that it reports, where several articles do
    age_s: int = 0  # seconds between the time it claims and its appearance in the feed


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedPlan:
    """Where and how a publication announces its articles."""

    format: PrintedFormat
    path: str
    full_text: bool = False
    link_suffix: str = ""  # a query that every link carries, as campaign tags do
    hub_url: str | None = None  # who pushes it


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """The words around an article, in the publication's language."""

    home: str
    related: str
    about: str
    footer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """A newspaper: one host, one feed, its manuscripts in the order in which they are published."""

    name: str
    domain: str
    country: str
    language: str
    utc_offset: timedelta
    chrome: Chrome
    feed: FeedPlan
    article_path: str  # with {section} and {slug}
    sections: Mapping[str, str]  # name in addresses -> name for readers
    labels: Labels
    manuscripts: tuple[Manuscript, ...]
    disallow: tuple[str, ...] = ()

    @property
    def home_url(self) -> str:
        return f"http://{self.domain}/"

    @property
    def feed_url(self) -> str:
        return f"http://{self.domain}{self.feed.path}"

    def path_of(self, manuscript: Manuscript) -> str:
        """The path of its page, not percent-encoded."""
        return self.article_path.format(section=manuscript.section, slug=manuscript.slug)

    def url_of(self, manuscript: Manuscript) -> str:
        """The address of its page."""
        return f"http://{self.domain}{quote(self.path_of(manuscript))}"

    def link_of(self, manuscript: Manuscript) -> str:
        """The link that its entry carries."""
        if manuscript.redirect is not None:
            return f"http://{self.domain}{manuscript.redirect}"
        return self.url_of(manuscript) + self.feed.link_suffix

    def local(self, at: datetime) -> datetime:
        """The same instant on the publication's clock."""
        return at.astimezone(timezone(self.utc_offset))


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """An article that readers can see."""

    publication: Publication
    manuscript: Manuscript
    version: int
    published_at: datetime
    updated_at: datetime

    @property
    def url(self) -> str:
        return self.publication.url_of(self.manuscript)

    @property
    def link(self) -> str:
        return self.publication.link_of(self.manuscript)

    @property
    def text(self) -> Text:
        return self.manuscript.versions[self.version]


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """A feed to subscribe to, and whose it is."""

    url: str
    publication: str
    domain: str
    country: str | None
    language: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerRow:
    """What one entry should come to in the warehouse."""

    url: str  # of the article; for a link that leads nowhere, the link
    link: str
    feed_url: str
    publication: str
    domain: str
    country: str
    title: str  # of the last version
    language: str
    topics: Mapping[str, Level]
    outcome: Outcome
    versions: int
    duplicate_of: str | None
    near_duplicate_of: str | None
    story: str | None


def subscriptions_to(publications: tuple[Publication, ...]) -> list[Subscription]:
    """One subscription for each publication, in their order."""
    return [
        Subscription(
            url=publication.feed_url,
            publication=publication.name,
            domain=publication.domain,
            country=publication.country,
            language=publication.language,
        )
        for publication in publications
    ]


def ledger_of(publications: tuple[Publication, ...]) -> list[LedgerRow]:
    """The expected truth about every manuscript, publication by publication."""
    return [
        ledger_row(publication, manuscript) for publication in publications for manuscript in publication.manuscripts
    ]


def ledger_row(publication: Publication, manuscript: Manuscript) -> LedgerRow:
    """The expected truth about one manuscript."""
    return LedgerRow(
        url=publication.url_of(manuscript),
        link=publication.link_of(manuscript),
        feed_url=publication.feed_url,
        publication=publication.name,
        domain=publication.domain,
        country=publication.country,
        title=manuscript.versions[-1].title,
        language=manuscript.language,
        topics=manuscript.topics,
        outcome=manuscript.outcome,
        versions=len(manuscript.versions),
        duplicate_of=manuscript.copy_of,
        near_duplicate_of=manuscript.near_copy_of,
        story=manuscript.story,
    )
