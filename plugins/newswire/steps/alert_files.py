"""The definitions in `config/alerts/`: a good file is in force at once, a broken one is reported and changes nothing."""

from __future__ import annotations

import logging
from collections.abc import Collection
from pathlib import Path

from newswire.core.alerts import Alert, read_alert
from newswire.errors import AlertError
from newswire.steps.topic_files import digest
from newswire.warehouse import alerts
from newswire.warehouse.connection import Conn

log = logging.getLogger(__name__)


def offer_all(conn: Conn, config: Path) -> list[str]:
    """Put every good file of `config/alerts` in force; returns the problems of the others, each `file:line: problem; mend`.

    A file that was read before is not read again.
    """
    known = alerts.files(conn)
    present = {path.stem: path for path in files(config)}
    changed = {name: path for name, path in present.items() if known.get(name) != digest(path)}
    topics = topics_of(config) if changed else ()
    problems = [_offer(conn, path, topics) for path in changed.values()]
    if known.keys() - present.keys():
        alerts.withdraw_others(conn, list(present))
    return [problem for problem in problems if problem]


def files(config: Path) -> list[Path]:
    """The alert files of a configuration."""
    return sorted((config / "alerts").glob("*.yaml"))


def topics_of(config: Path) -> Collection[str]:
    """The topics that an alert may name."""
    return {path.stem for path in (config / "topics").glob("*.yaml")}


def check(path: Path, topics: Collection[str] | None = None) -> tuple[Alert, str]:
    """Read one file; returns the alert with its text. Raises AlertError naming file, line, problem and mend."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise AlertError(f"{path.name}:1: cannot be read: {error}; save it as UTF-8 text") from error
    return read_alert(text, path=path.name, topics=topics), text


def _offer(conn: Conn, path: Path, topics: Collection[str]) -> str | None:
    file_sha256 = digest(path)  # before it is read: what is written meanwhile is another content, and read again
    try:
        alert, text = check(path, topics)
    except AlertError as error:
        alerts.report_problem(conn, name=path.stem, problem=str(error), file_sha256=file_sha256)
        log.error(  # noqa: TRY400  the message names file, line and mend; a traceback adds nothing
            "alert file not used, the last good version stays in force: %s", error
        )
        return str(error)
    alerts.offer(
        conn,
        name=alert.id,
        definition=text,
        file_sha256=file_sha256,
        looks_at=alert.looks_at if alert.enabled else None,
        condition_sha256=alert.condition_sha256(),
    )
    return None
