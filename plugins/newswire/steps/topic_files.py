"""The definitions in `config/topics/`: a good file is offered, a broken one is reported and changes nothing.

What a file offers tags nothing yet; `steps/release.py` puts it in force.
"""

from __future__ import annotations

import hashlib
import logging
from pathlib import Path

from newswire.core.topics import Topic, check_examples, read_topic
from newswire.errors import TopicError
from newswire.warehouse import topics
from newswire.warehouse.connection import Conn

log = logging.getLogger(__name__)


def offer_all(conn: Conn, folder: Path) -> list[str]:
    """Offer every good definition of the folder; returns the problems of the others, each `file:line: problem; mend`.

    A file that was read before is not read again.
    """
    known = topics.files(conn)
    present = {path.stem: path for path in sorted(folder.glob("*.yaml"))}
    problems = [_offer(conn, path) for slug, path in present.items() if known.get(slug) != digest(path)]
    topics.withdraw_others(conn, list(present))
    return [problem for problem in problems if problem]


def digest(path: Path) -> bytes:
    """What tells one content of a file from another; that of nothing if it cannot be read."""
    try:
        return hashlib.sha256(path.read_bytes()).digest()
    except OSError:
        return hashlib.sha256(b"").digest()


def check(path: Path) -> tuple[Topic, str]:
    """Read one definition and run its own examples; returns it with its text.

    Raises TopicError naming file, line, problem and mend.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise TopicError(f"{path.name}:1: cannot be read: {error}; save it as UTF-8 text") from error
    topic = read_topic(text, path=path.name)
    failed = check_examples(topic)
    if failed:
        raise TopicError(f"{path.name}: {len(failed)} of its own examples fail: {'; '.join(failed)}")
    return topic, text


def _offer(conn: Conn, path: Path) -> str | None:
    file_sha256 = digest(path)  # before it is read: what is written meanwhile is another content, and read again
    try:
        topic, text = check(path)
    except TopicError as error:
        topics.report_problem(conn, slug=path.stem, problem=str(error), file_sha256=file_sha256)
        log.error(  # noqa: TRY400  the message names file, line and mend; a traceback adds nothing
            "topic file not used, the last good version stays in force: %s", error
        )
        return str(error)
    topics.offer(
        conn,
        slug=topic.id,
        name=topic.name.get("en") or topic.id,
        parent=topic.parent,
        definition=text,
        sha256=hashlib.sha256(text.encode()).digest(),
        file_sha256=file_sha256,
    )
    return None
