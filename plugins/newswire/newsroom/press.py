"""The press: what is published so far, and what the hosts of the publications answer in consequence.

The press has no clock. Whoever runs it says when a release happens, and that instant is what the feed and the page state.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from newswire.newsroom.answers import Answer, Document, Redirect
from newswire.newsroom.model import LedgerRow, Manuscript, Printed, Publication, ledger_row
from newswire.newsroom.printed_feeds import FEED_TYPES, print_feed
from newswire.newsroom.printed_pages import PAGE_TYPE, print_home, print_page
from newswire.newsroom.timeline import Release

# The first redirect of a chain leads to this path below its own, the second to the article.
_SECOND_HOP = "/weiter"


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerLine:
    """The expected truth about a published article, and when its versions appeared."""

    row: LedgerRow
    released: tuple[datetime, ...]


class Press:
    """Publishes manuscripts, and answers for the hosts of their publications.

    Not safe to use from several threads at once.
    """

    def __init__(self, publications: Sequence[Publication]) -> None:
        self.publications = tuple(publications)
        self._hosts = {publication.domain: publication for publication in publications}
        self._manuscripts = {
            publication.url_of(manuscript): (publication, manuscript)
            for publication in publications
            for manuscript in publication.manuscripts
        }
        self._paths = {
            (publication.domain, publication.path_of(manuscript)): publication.url_of(manuscript)
            for publication, manuscript in self._manuscripts.values()
        }
        self._redirects = _redirects(self._manuscripts.values())
        self._printed: dict[str, Printed] = {}
        self._released: dict[str, list[datetime]] = {}
        self._feeds: dict[str, Document] = {}  # cached until the publication prints again

    @property
    def total(self) -> int:
        return len(self._manuscripts)

    @property
    def printed(self) -> dict[str, Printed]:
        """What is published, by address, in the order of publication."""
        return dict(self._printed)

    def publication_of(self, url: str) -> Publication:
        """Whose article it is. Raises KeyError for an address that is not ours."""
        return self._manuscripts[url][0]

    def release(self, release: Release, at: datetime) -> bool:
        """Publish or revise an article; False: this version, or a later one, is out already.

        Raises KeyError for an address that is not ours.
        """
        publication, manuscript = self._manuscripts[release.url]
        before = self._printed.get(release.url)
        if before is not None and before.version >= release.version:
            return False
        at = at.replace(microsecond=0)  # RSS dates have no fractions
        self._printed[release.url] = _print(publication, manuscript, before, version=release.version, at=at)
        self._released.setdefault(release.url, []).append(at)
        self._feeds.pop(publication.domain, None)
        return True

    def ledger(self) -> list[LedgerLine]:
        """The published articles, with the instants of their versions."""
        return [
            LedgerLine(row=ledger_row(printed.publication, printed.manuscript), released=tuple(self._released[url]))
            for url, printed in self._printed.items()
        ]

    def answer(self, host: str, path: str, query: str) -> Answer | None:  # noqa: ARG002 - queries here are campaign tags
        """What the host has at this path; None: not our host, or not there (yet)."""
        publication = self._hosts.get(host)
        if publication is None:
            return None
        if path == publication.feed.path:
            return self.feed(publication)
        if path == "/robots.txt":
            return _robots(publication)
        if path == "/":
            return Document(body=print_home(publication, self._of(publication)), content_type=PAGE_TYPE)
        return self._redirects.get((host, path)) or self._page(host, path)

    def feed(self, publication: Publication) -> Document:
        """The feed of a publication as it is now."""
        if publication.domain not in self._feeds:
            printed = self._of(publication)
            self._feeds[publication.domain] = Document(
                body=print_feed(publication, printed),
                content_type=FEED_TYPES[publication.feed.format],
                modified_at=max((item.updated_at for item in printed), default=None),
            )
        return self._feeds[publication.domain]

    def _of(self, publication: Publication) -> list[Printed]:
        """What a publication has printed, newest first."""
        return [item for item in reversed(self._printed.values()) if item.publication is publication]

    def _page(self, host: str, path: str) -> Document | None:
        printed = self._printed.get(self._paths.get((host, path), ""))
        if printed is None or printed.manuscript.outcome == "gone":
            return None
        return Document(body=print_page(printed), content_type=PAGE_TYPE, modified_at=printed.updated_at)


def _print(
    publication: Publication, manuscript: Manuscript, before: Printed | None, *, version: int, at: datetime
) -> Printed:
    if before is not None:
        return replace(before, version=version, updated_at=at)
    claimed = at - timedelta(seconds=manuscript.age_s)
    return Printed(
        publication=publication, manuscript=manuscript, version=version, published_at=claimed, updated_at=claimed
    )


def _redirects(manuscripts: Iterable[tuple[Publication, Manuscript]]) -> dict[tuple[str, str], Redirect]:
    """Two hops for each manuscript that asks for it: temporary to a path of the host, then permanent to its address."""
    hops = {}
    for publication, manuscript in manuscripts:
        if manuscript.redirect is not None:
            second = manuscript.redirect + _SECOND_HOP
            hops[publication.domain, manuscript.redirect] = Redirect(status=302, location=second)
            hops[publication.domain, second] = Redirect(status=301, location=publication.url_of(manuscript))
    return hops


def _robots(publication: Publication) -> Document:
    rules = "".join(f"Disallow: {path}\n" for path in publication.disallow) or "Disallow:\n"
    return Document(body=f"User-agent: *\n{rules}".encode(), content_type="text/plain; charset=utf-8")
