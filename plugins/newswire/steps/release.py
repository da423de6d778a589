"""Release topics: find out what a changed file would change, and put it in force once that is decided.

A changed file tags nothing by itself. Its release is proposed, every article is looked at with the new version (a crash
goes on where it stopped), and the difference decides: small ones release themselves, the others wait for a person, while
the version before tags on. A release asks for the touched articles to be tagged again; the live drain does it.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path

from newswire.core.topics import Matcher, Topic, read_topic
from newswire.core.topics.releasing import Difference
from newswire.records import ArticleText, ReleaseOutcome, TopicRelease
from newswire.steps import topic_files
from newswire.warehouse import topic_releases, topics
from newswire.warehouse.connection import Conn

log = logging.getLogger(__name__)

BATCH = 1000  # articles that are looked at between two commits
SAMPLES = 20  # of each kind of change
BY_RULE = "small change"  # who decided, where no person had to


def begin(conn: Conn, folder: Path) -> None:
    """Let an empty system start with its files; changes of a system at work are released."""
    if not topics.in_force(conn):
        topic_files.offer_all(conn, folder)
        topic_releases.begin(conn)


def propose(conn: Conn, folder: Path, *, again: bool = False) -> list[Difference]:
    """What the files would change: one difference for each topic that differs from what is in force.

    `again` proposes also what was rejected before.
    """
    begin(conn, folder)
    topic_files.offer_all(conn, folder)
    topic_releases.propose(conn, _allowances(conn, folder), again=again)
    _look(conn, topic_releases.undecided(conn))
    return [_difference(conn, release) for release in topic_releases.undecided(conn)]


def release_small(conn: Conn, differences: Sequence[Difference]) -> list[ReleaseOutcome]:
    """Put in force what needs nobody's approval."""
    return [
        decide(conn, one.release, approved=True, decided_by=BY_RULE) for one in differences if not one.needs_approval
    ]


def decide(
    conn: Conn, release: TopicRelease, *, approved: bool, decided_by: str, note: str | None = None
) -> ReleaseOutcome:
    """Put a version in force, or leave the one before; nothing happens if another decision or file came first."""
    if not approved:
        rejected = topic_releases.reject(conn, release.release_id, decided_by=decided_by, note=note)
        return ReleaseOutcome(release_id=release.release_id, outcome="rejected" if rejected else "overtaken")
    topic = _topic(release)
    touched = topic_releases.release(
        conn,
        release.release_id,
        name=topic.name.get("en") if topic else None,
        parent=topic.parent if topic else None,
        decided_by=decided_by,
        note=note,
    )
    if touched is None:
        return ReleaseOutcome(release_id=release.release_id, outcome="overtaken")
    log.info("topic %s released by %s: %d articles are tagged again", release.slug, decided_by, touched)
    return ReleaseOutcome(release_id=release.release_id, outcome="released", touched=touched)


def decide_by_id(
    conn: Conn, release_id: int, *, approved: bool, decided_by: str, note: str | None = None
) -> ReleaseOutcome:
    """The same for the number of a release; one that waits no longer is overtaken."""
    for release in topic_releases.undecided(conn):
        if release.release_id == release_id:
            return decide(conn, release, approved=approved, decided_by=decided_by, note=note)
    return ReleaseOutcome(release_id=release_id, outcome="overtaken")


def _allowances(conn: Conn, folder: Path) -> dict[str, float]:
    """The share that each topic may change by itself: as the newest good file says, 0 where the file is gone."""
    offered = topics.offered(conn)
    gone = {topic.slug: 0.0 for topic in topics.in_force(conn) if not (folder / f"{topic.slug}.yaml").exists()}
    return gone | {topic.slug: _read(topic.slug, topic.definition).approve_above for topic in offered}


def _look(conn: Conn, releases: Sequence[TopicRelease]) -> None:
    """Look at every article with all new versions at once, from where the one that is behind stopped."""
    if not releases:
        return
    matcher = Matcher([topic for topic in map(_topic, releases) if topic])
    position = min(release.looked_to for release in releases)
    while articles := topic_releases.texts_after(conn, position, limit=BATCH):
        _look_at(conn, releases, matcher, articles)
        position = articles[-1].article_id


def _look_at(conn: Conn, releases: Sequence[TopicRelease], matcher: Matcher, articles: Sequence[ArticleText]) -> None:
    found = [(article.article_id, match) for article in articles for match in matcher.match(article)]
    for release in releases:
        ahead = [article.article_id for article in articles if article.article_id > release.looked_to]
        mine = [(article_id, match) for article_id, match in found if match.topic == release.slug]
        if ahead:
            topic_releases.record_look(conn, release, ahead, [one for one in mine if one[0] > release.looked_to])


def _difference(conn: Conn, release: TopicRelease) -> Difference:
    return Difference(
        release=release,
        counts=tuple(topic_releases.counts(conn, release.release_id)),
        samples=tuple(topic_releases.samples(conn, release.release_id, limit=SAMPLES)),
    )


def _topic(release: TopicRelease) -> Topic | None:
    return _read(release.slug, release.definition) if release.definition is not None else None


def _read(slug: str, definition: str) -> Topic:
    return read_topic(definition, path=f"{slug}.yaml")
