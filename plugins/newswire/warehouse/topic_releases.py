"""How a version of a topic comes into force: proposed, looked at, decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from newswire.records import ArticleText, AskedCount, ChangeCount, ChangeSample, TopicMatch, TopicRelease
from newswire.warehouse import topics
from newswire.warehouse.connection import Conn
from newswire.warehouse.queries import rows, run


def begin(conn: Conn) -> None:
    """Put in force what the files offer where nothing has ever been in force."""
    with conn.transaction():
        run(conn, "topic_releases.await_taggers")
        run(conn, "topic_releases.begin")


def propose(conn: Conn, approve_above: Mapping[str, float], *, again: bool = False) -> None:
    """Open a release for each of these topics whose file offers another version than the one in force.

    A release that was rejected is opened once more only if asked for (`again`).
    """
    with conn.transaction():
        run(conn, "topic_releases.await_taggers")  # so that nobody stores later what was found by the version before
        run(conn, "topic_releases.close_overtaken")
        run(
            conn,
            "topic_releases.open_new",
            slugs=list(approve_above),
            approve_above=list(approve_above.values()),
            again=again,
        )


def undecided(conn: Conn) -> list[TopicRelease]:
    """What waits to be decided, by topic."""
    return rows(conn, "topic_releases.open", TopicRelease)


def texts_after(conn: Conn, article_id: int, *, limit: int) -> list[ArticleText]:
    """The next articles, in the order of their numbers."""
    return rows(conn, "topic_releases.texts_after", ArticleText, after=article_id, limit=limit)


def record_look(
    conn: Conn, release: TopicRelease, looked_at: Sequence[int], found: Sequence[tuple[int, TopicMatch]]
) -> None:
    """Note where the new version gives these articles other tags than they have, and how far it has looked."""
    with conn.transaction():
        run(
            conn,
            "topic_releases.record_changes",
            release_id=release.release_id,
            topic_id=release.topic_id,
            looked_at=list(looked_at),
            article_ids=[article_id for article_id, _ in found],
            levels=[match.level for _, match in found],
            scores=[match.score for _, match in found],
            evidences=[topics.evidence_json(match) for _, match in found],
        )
        run(
            conn,
            "topic_releases.looked_to",
            release_id=release.release_id,
            looked_to=looked_at[-1],
            articles=len(looked_at),
        )


def counts(conn: Conn, release_id: int) -> list[ChangeCount]:
    """What a release changes, by language and kind."""
    return rows(conn, "topic_releases.change_counts", ChangeCount, release_id=release_id)


def samples(conn: Conn, release_id: int, *, limit: int) -> list[ChangeSample]:
    """The newest articles of each kind of change."""
    return rows(conn, "topic_releases.change_samples", ChangeSample, release_id=release_id, limit=limit)


def release(
    conn: Conn, release_id: int, *, name: str | None, parent: str | None, decided_by: str, note: str | None
) -> int | None:
    """Put the version in force and ask for the touched articles to be tagged again; returns how many.

    None: there is no such release to decide (any more). All in one transaction, in which nobody tags.
    """
    with conn.transaction():
        if not _still_open(conn, release_id):
            return None
        before = topics.in_force_digest(conn)
        run(conn, "topic_releases.put_in_force", release_id=release_id, name=name, parent=parent)
        [touched] = rows(conn, "topic_releases.ask_for_touched", AskedCount, release_id=release_id)
        after = topics.in_force_digest(conn)
        run(conn, "topic_releases.record_untouched", release_id=release_id, before_sha256=before, after_sha256=after)
        _close(conn, release_id, "released", decided_by, note)
    return touched.asked


def reject(conn: Conn, release_id: int, *, decided_by: str, note: str | None) -> bool:
    """Leave the version before in force; False: there is no such release to decide (any more)."""
    with conn.transaction():
        if not _still_open(conn, release_id):
            return False
        _close(conn, release_id, "rejected", decided_by, note)
    return True


def _still_open(conn: Conn, release_id: int) -> bool:
    run(conn, "topic_releases.await_taggers")
    run(conn, "topic_releases.close_overtaken")
    return any(one.release_id == release_id for one in undecided(conn))


def _close(conn: Conn, release_id: int, outcome: str, decided_by: str, note: str | None) -> None:
    run(conn, "topic_releases.close", release_id=release_id, outcome=outcome, decided_by=decided_by, note=note or None)
