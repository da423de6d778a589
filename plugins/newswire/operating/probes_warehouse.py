"""Is the warehouse there, of this version, open to its roles, and does news come in?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from newswire.errors import ConfigError, MigrationError
from newswire.operating.trouble import NotAsked, Patient, Trouble
from newswire.warehouse import condition, work
from newswire.warehouse.migrate import migrate

OLDEST_POSTGRES = 15
SKEW = timedelta(seconds=2)  # delays are told in seconds; Airflow refuses tokens of a clock that is 10 s off
SKEW_THAT_BREAKS = timedelta(seconds=10)
CHECKED_WITHIN_S = 3600  # check_warehouse asks every ten minutes
SILENT_S = 6 * 3600  # the longest interval of a feed that works
LATE_S, VERY_LATE_S = 900, 3600  # sql/checks/work_is_taken.sql


def reachable(patient: Patient) -> Iterator[Trouble]:
    if patient.warehouse is None:
        yield Trouble(problem="the warehouse cannot be reached", mend=_start(patient, "NEWSWIRE_WAREHOUSE"))
    elif (version := condition.clock(patient.warehouse).version) < OLDEST_POSTGRES:
        yield Trouble(problem=f"PostgreSQL {version} is too old", mend=f"use {OLDEST_POSTGRES} or newer")


def migrated(patient: Patient) -> Iterator[Trouble]:
    patient.ask_warehouse()
    try:
        pending = migrate(patient.site.owner, dry_run=True)
    except ConfigError:
        raise NotAsked("only the owner sees it: give NEWSWIRE_OWNER_PASSWORD") from None
    except MigrationError as error:
        yield Trouble(problem=str(error), mend="bring this checkout up to the version that the warehouse has")
        return
    if pending:
        yield Trouble(
            problem=f"{len(pending)} files of sql/ are not applied, the first is {pending[0]}",
            mend="`newswire stop`, `newswire up`; containers: `docker compose run --rm init`; elsewhere: `newswire migrate`",
        )


def grants(patient: Patient) -> Iterator[Trouble]:
    missing = condition.missing_grants(patient.ask_warehouse())
    for one in missing[:3]:
        yield Trouble(
            problem=f"{one.role} lacks {one.privilege}" + (f" on {one.relation}" if one.relation else ""),
            mend="`newswire migrate` as the owner after sql/repeatable/90_grants.sql was touched; roles are made by `newswire up` or `init`",
        )
    if missing[3:]:
        yield Trouble(problem=f"and {len(missing) - 3} more rights are missing", mend="the same")


def clock(patient: Patient) -> Iterator[Trouble]:
    conn = patient.ask_warehouse()
    yield from skew(datetime.now(UTC), condition.clock(conn).now)


def skew(here: datetime, there: datetime) -> Iterator[Trouble]:
    """Whether two clocks differ by more than a question takes."""
    apart = abs(there - here)
    if apart > SKEW:
        yield Trouble(
            problem=f"this machine's clock and the database's are {apart.total_seconds():.0f} s apart",
            mend="let both machines keep time (NTP): `timedatectl set-ntp true`",
            severity="error" if apart > SKEW_THAT_BREAKS else "warning",
        )


def checks(patient: Patient) -> Iterator[Trouble]:
    known = condition.checks(patient.ask_warehouse())
    if not known or min(check.ago_s for check in known) > CHECKED_WITHIN_S:
        yield Trouble(
            problem="the warehouse was not checked within the last hour",
            mend="unpause `check_warehouse`, or `newswire check`",
            severity="warning",
        )
    for check in known:
        if check.rows:
            yield Trouble(
                problem=f"{check.name}: {check.rows} x {check.why}",
                mend="`newswire check` shows the rows; sql/checks/ says what it means",
                severity="error" if check.severity == "error" else "warning",
            )


def freshness(patient: Patient) -> Iterator[Trouble]:
    found = condition.freshness(patient.ask_warehouse())
    if not found.feeds:
        yield Trouble(problem="there is no feed", mend="`newswire feeds add URL`", severity="warning")
    elif found.article_ago_s is None or found.article_ago_s > SILENT_S:
        ago = "ever" if found.article_ago_s is None else f"for {found.article_ago_s / 3600:.0f} hours"
        yield Trouble(
            problem=f"no article came {ago}",
            mend="`newswire feeds list --state failing`; `newswire status` shows which queue grows",
            severity="warning",
        )


def backlog(patient: Patient) -> Iterator[Trouble]:
    for queue in work.queues(patient.ask_warehouse()):
        if queue.oldest_due_s > LATE_S:
            yield Trouble(
                problem=f"{queue.stage}: {queue.due} rows are due, the oldest for {queue.oldest_due_s / 60:.0f} minutes",
                mend="is its DAG paused, does a task of it fail? More drains: NEWSWIRE_DRAINS",
                severity="error" if queue.oldest_due_s > VERY_LATE_S else "warning",
            )
        if queue.dead:
            yield Trouble(
                problem=f"{queue.stage}: {queue.dead} dead letters",
                mend="`newswire dead` names the causes; `newswire replay` tries again",
                severity="warning",
            )


def _start(patient: Patient, variable: str) -> str:
    if patient.site.home:
        return f"`newswire up`; what PostgreSQL said is in {patient.site.home.postgres}/server.log"
    return f"does it run (`docker compose ps postgres`), and is {variable} its address?"
