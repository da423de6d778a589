"""The past on the command line: import the history of feeds, and the WARC files of other archives."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, date, datetime, timedelta

from newswire.commands.shared import Arguments, Verbs, add_command, at_least_one, day, opened_app, tell
from newswire.errors import ConfigError
from newswire.records import HISTORY_KINDS, Days


def add(commands: Verbs) -> None:
    history = add_command(
        commands, "history", _history, "import past days of feeds, from what they and their sites keep"
    )
    history.add_argument("feeds", nargs="*", metavar="FEED", help="address of a subscribed feed")
    history.add_argument("--publisher", action="append", default=[], dest="publishers", metavar="DOMAIN")
    history.add_argument("--everything", action="store_true", help="of all feeds")
    history.add_argument(
        "--kind", action="append", choices=HISTORY_KINDS, dest="kinds", help="only this source (repeatable)"
    )
    history.add_argument(
        "--max-pages", type=at_least_one, default=200, metavar="N", help="documents to ask for, a feed"
    )
    _add_days(history, required=True)
    warc = add_command(commands, "import-warc", _import_warc, "import pages of WARC files, such as those of CC-NEWS")
    warc.add_argument("address", metavar="PATH", help="a file, a folder, or an fsspec address")
    warc.add_argument("--publisher", action="append", default=[], dest="publishers", metavar="DOMAIN")
    warc.add_argument("--again", action="store_true", help="from the beginning, also where it is done")
    _add_days(warc, required=False)


def _add_days(parser: argparse.ArgumentParser, *, required: bool) -> None:
    parser.add_argument("--since", type=day, required=required, help="first day, such as 2026-11-01")
    parser.add_argument("--until", type=day, help="last day; yesterday, if left out")
    parser.add_argument("--dry-run", action="store_true", help="look and count, write nothing")


def _history(arguments: Arguments) -> int:
    if not (arguments.feeds or arguments.publishers or arguments.everything):
        raise ConfigError("give addresses of feeds, --publisher DOMAIN, or --everything")
    with opened_app() as app:
        report = app.import_history(
            Days(since=arguments.since, until=arguments.until or _yesterday()),
            feeds=arguments.feeds,
            publishers=arguments.publishers,
            everything=arguments.everything,
            kinds=arguments.kinds or HISTORY_KINDS,
            most_documents=arguments.max_pages,
            dry_run=arguments.dry_run,
        )
    tell(report)
    print(f"{report.seen} entries of these days, {report.changed} of them new{_would(arguments)}")
    if report.outcomes.get("not_finished"):
        print("not finished: run it again, and it goes on where it is", file=sys.stderr)
    return 1 if report.failed else 0


def _import_warc(arguments: Arguments) -> int:
    if arguments.until and not arguments.since:
        raise ConfigError("--until needs --since; leave both out for captures of all days")
    days = Days(since=arguments.since, until=arguments.until or _yesterday()) if arguments.since else None
    with opened_app() as app:
        report = app.import_warc(
            arguments.address,
            days=days,
            publishers=arguments.publishers,
            again=arguments.again,
            dry_run=arguments.dry_run,
        )
    tell(report)
    print(f"{report.seen} pages, {report.changed} of them new{_would(arguments)}")
    if report.failed:
        print(
            f"{report.failed} records cannot be read; `newswire dead import` lists them, `newswire replay import` reads them again",
            file=sys.stderr,
        )
    return 1 if report.failed else 0


def _would(arguments: Arguments) -> str:
    return "; nothing is written" if arguments.dry_run else "; the pages follow as bulk work"


def _yesterday() -> date:
    return datetime.now(UTC).date() - timedelta(days=1)
