"""Ask the warehouse whether all adds up, after the housekeeping that keeps its answers good."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime

from newswire.archive import Archive
from newswire.records import StepReport
from newswire.steps import erase, stories
from newswire.warehouse import alerts, checks, dead_letters, duplicates, pages, search
from newswire.warehouse.checks import Finding
from newswire.warehouse.connection import Conn

log = logging.getLogger(__name__)

_SEARCHABLE = 5_000  # articles that a check makes searchable, at most: the next one goes on


def check(conn: Conn, archive: Archive, *, whole: bool, now: datetime) -> StepReport:
    """Ask the questions of `sql/checks/` whose time has come (`whole`: all), record and log what they found.

    `outcomes` has the rows that each check found; `failed` counts the checks of severity error that found some.
    """
    _keep_house(conn, archive, now)
    asked = checks.all_checks() if whole else checks.due(conn, checks.all_checks())
    findings = checks.ask(conn, asked)
    checks.record(conn, findings)
    alerts.ask(conn, "clock")
    wrong = [finding for finding in findings if finding.rows]
    for finding in wrong:
        log.log(logging.ERROR if _is_error(finding) else logging.WARNING, "%s", finding)
    return _report(len(asked), wrong)


def _keep_house(conn: Conn, archive: Archive, now: datetime) -> None:
    pages.make_months(conn)
    dead_letters.replay_outdated(conn)
    erase.erase_come_back(conn, archive)
    duplicates.drop_weeks(conn)
    stories.forget_features(conn, now)
    search.refresh(conn, limit=_SEARCHABLE)


def _report(asked: int, wrong: Sequence[Finding]) -> StepReport:
    failed = sum(map(_is_error, wrong))
    return StepReport(
        seen=asked,
        unchanged=asked - len(wrong),
        changed=len(wrong) - failed,
        failed=failed,
        outcomes={finding.check.name: finding.rows for finding in wrong},
    )


def _is_error(finding: Finding) -> bool:
    return finding.check.severity == "error"
