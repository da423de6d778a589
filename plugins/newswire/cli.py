"""The command line: what the DAGs do, for people at a terminal."""

from __future__ import annotations

import argparse
import logging
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from newswire.errors import ConfigError, NewswireError, RuntimeTrouble
from newswire.records import STAGES, StepReport, Subscription

if TYPE_CHECKING:
    from newswire.app import App
    from newswire.runtime.home import Home
    from newswire.warehouse.connection import Conn

Arguments = argparse.Namespace
Command = Callable[[Arguments], int | None]
Parsers = argparse._SubParsersAction  # noqa: SLF001  argparse has no public name for what add_subparsers returns


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; the exit code is 0 when it did what it was asked."""
    arguments = _parser().parse_args(argv)
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    command: Command = arguments.run
    try:
        return command(arguments) or 0
    except NewswireError as error:
        print(f"newswire: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="newswire", description=__doc__)
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for add in (_add_system, _add_feeds, _add_topics, _add_work):
        add(commands)
    return parser


def _add(commands: Parsers[argparse.ArgumentParser], name: str, run: Command, help_: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(name, help=help_, description=help_)
    parser.set_defaults(run=run)
    return parser


# --- The embedded system ---------------------------------------------------------------------------------------------


def _add_system(commands: Parsers[argparse.ArgumentParser]) -> None:
    _add(commands, "up", _up, "start PostgreSQL and Airflow; what runs already is left alone")
    _add(commands, "stop", _stop, "stop what runs; nothing is lost")
    _add(commands, "status", _status, "what runs, queue and delay of each stage, last errors")
    demo = _add(commands, "demo", _demo, "a local newsroom, Airflow at work, tagged rows")
    demo.add_argument("--captures", type=Path, metavar="FOLDER", help="serve captured feeds and pages instead")
    psql = _add(commands, "psql", _psql, "ask the warehouse, as a reader; arguments are psql's")
    psql.add_argument("arguments", nargs=argparse.REMAINDER)
    migrate = _add(commands, "migrate", _migrate, "bring a warehouse to the state of sql/ (its owner: $NEWSWIRE_OWNER)")
    migrate.add_argument("--dry-run", action="store_true", help="say what would be applied, apply nothing")
    _add(commands, "dictionary", _dictionary, "write docs/warehouse.md anew, from the catalog")


def _up(_: Arguments) -> None:
    from newswire.runtime.home import Home
    from newswire.runtime.system import StartOptions, up
    from newswire.warehouse.migrate import migrate

    running = up(Home.named("live"), StartOptions(prepare=migrate))
    user, password = running.login or ("", "")
    print(
        f"  Airflow UI  {running.ui_url}   login {user} / {password}\n  next: newswire feeds add URL; make status; make stop"
    )


def _stop(_: Arguments) -> None:
    from newswire.runtime.status import stop

    for home in _homes():
        if stop(home):
            print(f"stopped {home.path}")


def _status(_: Arguments) -> int:
    from newswire.runtime.status import describe, status

    found = [status(home) for home in _homes()]
    for one in found:
        print("\n".join(describe(one, now=datetime.now(UTC))))
        if one.postgres_pid is not None:
            with _connected(one.home, role="newswire_reader") as conn:
                print("\n".join(_overview(conn)))
    if not found:
        print("nothing was ever started here; `make up` starts it")
    return 0 if any(one.is_running for one in found) else 3


def _overview(conn: Conn) -> Iterator[str]:
    from newswire.warehouse import reports, work

    yield f"\n  {'stage':<9}{'due':>7}{'leased':>8}{'waiting':>9}{'oldest':>10}{'dead':>7}"
    for queue in work.queues(conn):
        yield (
            f"  {queue.stage:<9}{queue.due:>7}{queue.leased:>8}{queue.waiting:>9}{queue.oldest_due_s:>8.0f} s{queue.dead:>7}"
        )
    delay = reports.delays_of_last_day(conn)
    if delay.median_s is not None:
        yield (
            f"\n  publication to row, last 24 hours: median {delay.median_s:.1f} s, 95 % {delay.p95_s or 0:.1f} s"
            f" ({delay.articles} articles)"
        )
    errors = reports.last_errors(conn)
    if errors:
        yield "\n  last errors"
        yield from (
            f"  {error.at:%Y-%m-%d %H:%M:%S} {error.stage:<8}{error.subject}: {error.problem}" for error in errors
        )


def _demo(arguments: Arguments) -> int:
    from newswire.demo import run_demo

    return run_demo(captures=arguments.captures)


def _psql(arguments: Arguments) -> int:
    from newswire.runtime.databases import READER, WAREHOUSE
    from newswire.runtime.postgres import find_postgres

    home, port = _running_home()
    given = [argument for argument in arguments.arguments if argument != "--"]
    door = {"PGHOST": "127.0.0.1", "PGPORT": str(port), "PGDATABASE": WAREHOUSE, "PGUSER": READER}
    env = {
        **os.environ,
        **door,
        "PGPASSWORD": home.secret(READER),
    }  # a password among the arguments is seen by everybody
    return subprocess.call([str(find_postgres() / "psql"), *given], env=env)  # noqa: S603  the server's own psql


def _migrate(arguments: Arguments) -> None:
    from newswire.warehouse.migrate import migrate

    owner = os.environ.get("NEWSWIRE_OWNER")
    if not owner:
        raise ConfigError("set NEWSWIRE_OWNER to the address of the warehouse as its owner")
    print("\n".join(migrate(owner, dry_run=arguments.dry_run)) or "nothing to apply")


def _dictionary(_: Arguments) -> None:
    from newswire.settings import CHECKOUT
    from newswire.warehouse.dictionary import dictionary

    with _warehouse() as conn:
        (CHECKOUT / "docs" / "warehouse.md").write_text(dictionary(conn), encoding="utf-8")


# --- Feeds -----------------------------------------------------------------------------------------------------------


def _add_feeds(commands: Parsers[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("feeds", help="subscribe to feeds, look at them, pause them")
    verbs = parser.add_subparsers(title="verbs", required=True, metavar="VERB")
    add = _add(verbs, "add", _feeds_add, "subscribe to a feed; a known one is brought up to date")
    add.add_argument("url")
    add.add_argument("--title", help="title of the feed")
    add.add_argument("--publisher", help="name of who publishes it")
    add.add_argument("--country", help="country of the publisher, two letters (ISO 3166-1)")
    add.add_argument("--language", help="main language of the publisher (BCP 47)")
    _add(verbs, "list", _feeds_list, "every feed with its state")
    for name, run, help_ in (
        ("pause", _feeds_pause, "poll these feeds no more"),
        ("resume", _feeds_resume, "poll paused feeds again"),
        ("poll-now", _feeds_poll_now, "make these feeds due at once"),
    ):
        _add(verbs, name, run, help_).add_argument("urls", nargs="+", metavar="URL")


def _feeds_add(arguments: Arguments) -> None:
    from newswire.core.urls import normalize_url
    from newswire.warehouse import feeds

    try:
        normalize_url(arguments.url)
    except ValueError as error:
        raise ConfigError(
            f"{error}; give the whole address of the feed, such as https://example.org/feed.xml"
        ) from error
    wanted = Subscription(
        url=arguments.url,
        title=arguments.title,
        publisher=arguments.publisher,
        country=arguments.country and arguments.country.upper(),
        language=arguments.language,
    )
    with _warehouse() as conn:
        [feed] = feeds.subscribe(conn, [wanted], interval_s=900)
    print(f"{'subscribed to' if feed.is_new else 'known, brought up to date:'} {feed.url}")


def _feeds_list(_: Arguments) -> None:
    from newswire.warehouse import reports

    with _warehouse() as conn:
        for feed in reports.feeds(conn):
            print(
                f"{feed.last_outcome or 'not polled yet':<16}{feed.items or 0:>6}  {feed.url}  {feed.last_detail or ''}"
            )


def _feeds_pause(arguments: Arguments) -> None:
    _pause(arguments.urls, paused=True)


def _feeds_resume(arguments: Arguments) -> None:
    _pause(arguments.urls, paused=False)


def _pause(urls: Sequence[str], *, paused: bool) -> None:
    from newswire.warehouse import feeds

    with _warehouse() as conn:
        print(f"{feeds.pause(conn, urls, paused=paused)} feeds {'paused' if paused else 'resumed'}")


def _feeds_poll_now(arguments: Arguments) -> None:
    from newswire.warehouse import feeds

    with _warehouse() as conn:
        for feed in feeds.poll_now(conn, arguments.urls):
            print(f"due now: {feed.url}")


# --- Topics ----------------------------------------------------------------------------------------------------------


def _add_topics(commands: Parsers[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("topics", help="check topic files")
    verbs = parser.add_subparsers(title="verbs", required=True, metavar="VERB")
    check = _add(verbs, "check", _topics_check, "read topic files and run their examples")
    check.add_argument("files", nargs="*", type=Path, help="default: config/topics/*.yaml")


def _topics_check(arguments: Arguments) -> int:
    from newswire.errors import TopicError
    from newswire.settings import CHECKOUT
    from newswire.steps.topic_files import check

    wrong = 0
    for path in arguments.files or sorted((CHECKOUT / "config" / "topics").glob("*.yaml")):
        try:
            topic, _ = check(path)
            print(f"good  {topic.id}")
        except TopicError as error:
            wrong += 1
            print(f"wrong {error}")
    return 1 if wrong else 0


# --- Work ------------------------------------------------------------------------------------------------------------


def _add_work(commands: Parsers[argparse.ArgumentParser]) -> None:
    drain = _add(commands, "drain", _drain, "work on the queue of a stage without Airflow, until it is empty")
    drain.add_argument("stage", choices=STAGES)
    drain.add_argument("--linger", type=float, default=0, metavar="SECONDS", help="wait so long for more")
    rebuild = _add(commands, "rebuild", _rebuild, "run a stage again for a day, from what is stored")
    rebuild.add_argument("stage", choices=("extract", "group", "tag", "publish"))
    rebuild.add_argument("day", type=date.fromisoformat, help="such as 2026-11-25")
    rebuild.add_argument("--topic", action="append", default=[], dest="topics", help="only this topic (repeatable)")
    rebuild.add_argument("--source", action="append", default=[], dest="sources", help="only this publisher's domain")
    rebuild.add_argument("--stale", action="store_true", help="only what another version of code or rules made")
    rebuild.add_argument("--dry-run", action="store_true", help="report, write nothing")
    _add(commands, "check", _check, "ask the warehouse whether all adds up")
    _add(commands, "dead", _dead, "list dead letters")
    replay = _add(commands, "replay", _replay, "turn dead letters back into work")
    replay.add_argument("stage", choices=STAGES)
    replay.add_argument("--cause", help="only those with this cause")


def _drain(arguments: Arguments) -> None:
    with _app() as app:
        _tell(app.drain(arguments.stage, linger_s=arguments.linger))


def _rebuild(arguments: Arguments) -> None:
    with _app() as app:
        report = app.rebuild_stage(
            arguments.stage,
            arguments.day,
            topics=arguments.topics,
            sources=arguments.sources,
            force=not arguments.stale,
            dry_run=arguments.dry_run,
        )
    _tell(report)


def _check(_: Arguments) -> int:
    with _app() as app:
        report = app.check()
    _tell(report)
    return 1 if report.failed else 0


def _dead(_: Arguments) -> None:
    from newswire.warehouse import reports

    with _warehouse() as conn:
        for error in reports.last_errors(conn, limit=1000):
            print(f"{error.at:%Y-%m-%d %H:%M:%S} {error.stage:<8}{error.subject}: {error.problem}")


def _replay(arguments: Arguments) -> None:
    from newswire.warehouse import work

    with _warehouse() as conn:
        print(f"{len(work.replay(conn, arguments.stage, cause=arguments.cause))} dead letters are work again")


def _tell(report: StepReport) -> None:
    counts = ", ".join(f"{name} {value}" for name, value in report.as_dict().items() if name != "outcomes")
    print(counts)
    for name, count in report.outcomes.items():
        print(f"  {name}: {count}")


# --- Where the warehouse is ------------------------------------------------------------------------------------------


@contextmanager
def _app() -> Iterator[App]:
    """Newswire with the settings of the environment, or of what runs here."""
    from newswire.app import running

    if "NEWSWIRE_WAREHOUSE" not in os.environ:
        _adopt(_running_home()[0])
    with running() as app:
        yield app


@contextmanager
def _warehouse() -> Iterator[Conn]:
    with _app() as app:
        yield app.connect("command line")


@contextmanager
def _connected(home: Home, *, role: str) -> Iterator[Conn]:
    from newswire.runtime.databases import warehouse_url
    from newswire.runtime.home import read_json
    from newswire.warehouse.connection import connect

    with connect(warehouse_url(home, port=read_json(home.ports)["postgres"], role=role), name="status") as conn:
        yield conn


def _homes() -> list[Home]:
    """The homes that exist: what people use first, the demo last."""
    from newswire.runtime.home import Home

    return [home for home in (Home.named("live"), Home.named("demo")) if home.ports.exists()]


def _running_home() -> tuple[Home, int]:
    """The first home whose PostgreSQL runs, and the port."""
    from newswire.runtime.status import status

    for home in _homes():
        port = status(home).postgres_port
        if port is not None:
            return home, port
    raise RuntimeTrouble("nothing runs here; `make up` starts it, or set NEWSWIRE_WAREHOUSE to a warehouse's address")


def _adopt(home: Home) -> None:
    """Work in a home as its DAGs do."""
    from newswire.runtime.system import environment

    os.environ.update({name: value for name, value in environment(home).items() if name.startswith("NEWSWIRE_")})


if __name__ == "__main__":
    sys.exit(main())
