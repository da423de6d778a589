"""The command line: what the DAGs do, for people at a terminal."""

from __future__ import annotations

import argparse
import errno
import logging
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from newswire import schedules
from newswire.commands import (
    alerts,
    analysts,
    archive,
    articles,
    dead_letters,
    duplicates,
    erase,
    export,
    feeds,
    history,
    operating,
    publishers,
    retention,
    search,
    stories,
    topics,
)
from newswire.commands.shared import (
    Arguments,
    Command,
    Verbs,
    add_command,
    adopt,
    at_least_one,
    day,
    homes,
    opened_app,
    opened_warehouse,
    running_home,
    tell,
)
from newswire.errors import ConfigError, NewswireError
from newswire.records import STAGES, Rebuild

if TYPE_CHECKING:
    from newswire.runtime.home import Home
    from newswire.warehouse.connection import Conn


READER_LEFT = 128 + 13  # as a program that SIGPIPE ends


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; the exit code is 0 when it did what it was asked."""
    try:
        try:
            return _run(_parser().parse_args(argv))
        finally:
            sys.stdout.flush()  # here, where somebody can act on it, and not when Python ends
    except BrokenPipeError:
        # Whoever reads has enough: `newswire feeds list | head`. What is left in the buffer goes nowhere, in silence.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return READER_LEFT


def _run(arguments: Arguments) -> int:
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    command: Command = arguments.run
    try:
        return command(arguments) or 0
    except NewswireError as error:
        print(f"newswire: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        place = f"{error.filename}: " if error.filename else ""
        print(f"newswire: {place}the disk is full; free space and try again, nothing is lost", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="newswire", description=__doc__)
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for add in (
        _add_system,
        feeds.add,
        publishers.add,
        topics.add,
        articles.add,
        duplicates.add,
        stories.add,
        archive.add,
        erase.add,
        retention.add,
        history.add,
        _add_work,
        dead_letters.add,
        search.add,
        export.add,
        operating.add,
        analysts.add,
        alerts.add,
    ):
        add(commands)
    return parser


# --- The embedded system ---------------------------------------------------------------------------------------------


def _add_system(commands: Verbs) -> None:
    add_command(commands, "up", _up, "start PostgreSQL and Airflow; what runs already is left alone")
    add_command(commands, "stop", _stop, "stop what runs; nothing is lost")
    add_command(commands, "status", _status, "what runs, queue and delay of each stage, last errors")
    demo = add_command(commands, "demo", _demo, "a local newsroom, Airflow at work, tagged rows")
    demo.add_argument("--captures", type=Path, metavar="FOLDER", help="serve captured feeds and pages instead")
    psql = add_command(commands, "psql", _psql, "ask the warehouse, as a reader; arguments are psql's")
    psql.prefix_chars = "\0"  # `psql -c ...`: every option is psql's, the first one too
    psql.add_argument("arguments", nargs=argparse.REMAINDER)
    airflow = add_command(
        commands,
        "airflow",
        _airflow,
        "Airflow's own command line, in what runs here: newswire airflow backfill create ...",
    )
    airflow.prefix_chars = "\0"
    airflow.add_argument("arguments", nargs=argparse.REMAINDER)
    migrate = add_command(
        commands, "migrate", _migrate, "bring a warehouse to the state of sql/ (its owner: $NEWSWIRE_OWNER)"
    )
    migrate.add_argument("--dry-run", action="store_true", help="say what would be applied, apply nothing")
    add_command(commands, "dictionary", _dictionary, "write docs/warehouse.md anew, from the catalog")


def _up(_: Arguments) -> int:
    from newswire.runtime.home import Home
    from newswire.runtime.system import StartOptions, up
    from newswire.warehouse.migrate import migrate

    home = Home.named("live")
    running = up(home, StartOptions(prepare=migrate))
    user, password = running.login or ("", "")
    print(
        f"  Airflow UI  {running.ui_url}   login {user} / {password}\n  next: newswire feeds add URL; make status; make stop"
    )
    for problem in schedules.problems():
        print(f"  {problem}", file=sys.stderr)
    adopt(home)
    return feeds.subscribe_new()


def _stop(_: Arguments) -> None:
    from newswire.runtime.status import stop

    for home in homes():
        if stop(home):
            print(f"stopped {home.path}")


def _status(_: Arguments) -> int:
    from newswire.runtime.status import describe, status

    found = [status(home) for home in homes()]
    for one in found:
        print("\n".join(describe(one, now=datetime.now(UTC))))
        if one.postgres_pid is not None:
            with _connected(one.home, role="newswire_reader") as conn:
                print("\n".join(_overview(conn)))
    if not found:
        print("nothing was ever started here; `make up` starts it")
    return 0 if any(one.is_running for one in found) else 3


def _overview(conn: Conn) -> Iterator[str]:
    from newswire.warehouse import checks, pushes, reports, work

    yield f"\n  {'stage':<9}{'due':>7}{'leased':>8}{'waiting':>9}{'oldest':>10}{'dead':>7}"
    for queue in work.queues(conn):
        yield (
            f"  {queue.stage:<9}{queue.due:>7}{queue.leased:>8}{queue.waiting:>9}{queue.oldest_due_s:>8.0f} s{queue.dead:>7}"
        )
    known = pushes.callback_url(conn)
    yield f"\n  pushes (WebSub): {f'hubs reach us at {known}' if known else 'off, NEWSWIRE_PUBLIC_URL is not set'}"
    delay = reports.delays(conn)
    if delay.median_s is not None:
        yield (
            f"\n  publication to row, last 24 hours: median {delay.median_s:.1f} s, 95 % {delay.p95_s or 0:.1f} s"
            f" ({delay.articles} articles)"
        )
    yield from (f"\n  {check}" for check in checks.wrong(conn))
    errors = reports.last_errors(conn)
    if errors:
        yield "\n  last errors"
        yield from (
            f"  {error.at:%Y-%m-%d %H:%M:%S} {error.stage:<8}{error.subject}: {error.problem}" for error in errors
        )


@contextmanager
def _connected(home: Home, *, role: str) -> Iterator[Conn]:
    from newswire.runtime.databases import warehouse_url
    from newswire.runtime.home import read_json
    from newswire.warehouse.connection import connect

    with connect(warehouse_url(home, port=read_json(home.ports)["postgres"], role=role), name="status") as conn:
        yield conn


def _demo(arguments: Arguments) -> int:
    from newswire.demo import run_demo, watch_demo

    if os.environ.get("NEWSWIRE_NEWSROOM"):  # somebody else started both, as in containers
        return watch_demo()
    return run_demo(captures=arguments.captures)


def _psql(arguments: Arguments) -> int:
    from newswire.runtime.databases import READER, WAREHOUSE
    from newswire.runtime.postgres import find_postgres

    home, port = running_home()
    door = {"PGHOST": "127.0.0.1", "PGPORT": str(port), "PGDATABASE": WAREHOUSE, "PGUSER": READER}
    env = {
        **os.environ,
        **door,
        "PGPASSWORD": home.secret(READER),
    }  # a password among the arguments is seen by everybody
    return subprocess.call([str(find_postgres() / "psql"), *_given(arguments)], env=env)  # noqa: S603  the server's own psql


def _airflow(arguments: Arguments) -> int:
    from newswire.runtime.components import airflow_command
    from newswire.runtime.system import environment

    home, _ = running_home()
    return subprocess.call(airflow_command(*_given(arguments)), env=environment(home))  # noqa: S603  Airflow of this Python


def _given(arguments: Arguments) -> list[str]:
    """What stands behind the name of a command that hands all of it on."""
    return [argument for argument in arguments.arguments if argument != "--"]


def _migrate(arguments: Arguments) -> None:
    from newswire.warehouse.migrate import migrate

    owner = os.environ.get("NEWSWIRE_OWNER")
    if not owner:
        raise ConfigError("set NEWSWIRE_OWNER to the address of the warehouse as its owner")
    print("\n".join(migrate(owner, dry_run=arguments.dry_run)) or "nothing to apply")


def _dictionary(_: Arguments) -> None:
    from newswire.settings import CHECKOUT
    from newswire.warehouse.dictionary import dictionary

    with opened_warehouse() as conn:
        (CHECKOUT / "docs" / "warehouse.md").write_text(dictionary(conn), encoding="utf-8")


# --- Work ------------------------------------------------------------------------------------------------------------


def _add_work(commands: Verbs) -> None:
    drain = add_command(commands, "drain", _drain, "work on the queue of a stage without Airflow, until it is empty")
    drain.add_argument("stage", choices=STAGES)
    drain.add_argument("--linger", type=float, default=0, metavar="SECONDS", help="wait so long for more")
    rebuild = add_command(commands, "rebuild", _rebuild, "run a stage again for a day, from what is stored")
    rebuild.add_argument("stage", choices=("extract", "group", "tag", "publish"))
    rebuild.add_argument("day", type=day, help="such as 2026-11-25")
    rebuild.add_argument("--topic", action="append", default=[], dest="topics", help="only this topic (repeatable)")
    rebuild.add_argument("--publisher", action="append", default=[], dest="publishers", help="only of this domain")
    rebuild.add_argument("--feed", action="append", default=[], dest="feeds", help="only what this feed led to")
    rebuild.add_argument("--language", action="append", default=[], dest="languages", help="only in this language")
    rebuild.add_argument("--limit", type=at_least_one, metavar="N", help="at most so many articles")
    rebuild.add_argument("--stale", action="store_true", help="only what another version of code or rules made")
    rebuild.add_argument("--dry-run", action="store_true", help="report, write nothing")
    add_command(commands, "check", _check, "ask the warehouse whether all adds up")


def _drain(arguments: Arguments) -> None:
    with opened_app() as app:
        tell(app.drain(arguments.stage, linger_s=arguments.linger))


def _rebuild(arguments: Arguments) -> None:
    wanted = Rebuild(
        stage=arguments.stage,
        day=arguments.day,
        topics=tuple(arguments.topics),
        publishers=tuple(arguments.publishers),
        feeds=tuple(arguments.feeds),
        languages=tuple(arguments.languages),
        limit=arguments.limit,
        force=not arguments.stale,
        dry_run=arguments.dry_run,
    )
    with opened_app() as app:
        rebuilt = app.rebuild(wanted)
    tell(rebuilt.report)
    for change in rebuilt.changes:
        print(
            f"  {change.subject}\n    - {'; '.join(change.before) or 'nothing'}\n    + {'; '.join(change.after) or 'nothing'}"
        )
    print(f"{rebuilt.changed_subjects} {'would say' if arguments.dry_run else 'say'} something else than before")


def _check(_: Arguments) -> int:
    with opened_app() as app:
        report = app.check(whole=True)
    tell(report)
    return 1 if report.failed else 0


if __name__ == "__main__":
    sys.exit(main())
