"""`newswire erase`: an article, a publisher or a range of days goes for good, and does not come back."""

from __future__ import annotations

import getpass
import sys

from newswire.commands.shared import Arguments, Verbs, add_command, day, opened_app
from newswire.errors import ConfigError
from newswire.managing import web_address
from newswire.records import Erasure


def add(commands: Verbs) -> None:
    """The command."""
    erase = add_command(commands, "erase", _erase, "erase texts and archived pages for good; they do not come back")
    erase.add_argument("--article", metavar="URL", help="this article, with all addresses that lead to it")
    erase.add_argument("--publisher", metavar="DOMAIN", help="all that is of this publisher")
    erase.add_argument("--since", type=day, metavar="DAY", help="from this day on (UTC)")
    erase.add_argument("--until", type=day, metavar="DAY", help="up to this day")
    erase.add_argument("--why", required=True, metavar="TEXT", help="the reason, kept in mart.erasures")
    sure = erase.add_mutually_exclusive_group()
    sure.add_argument("--dry-run", action="store_true", help="count what would go, change nothing")
    sure.add_argument(
        "--yes", action="store_true", help="erase it; without this it is only counted, for nothing brings it back"
    )


def _erase(arguments: Arguments) -> int:
    erasure = Erasure(
        asked_by=getpass.getuser(),
        why=arguments.why.strip(),
        article=arguments.article and web_address(arguments.article, "the article"),
        publisher=arguments.publisher,
        since=arguments.since,
        until=arguments.until,
    )
    _refuse_unclear(erasure)
    with opened_app() as app:
        erased = app.erase(erasure, dry_run=not arguments.yes)
    done = "erased" if arguments.yes else "would be erased"
    print(
        f"{done}: {erased.articles} articles, {erased.addresses} addresses, {erased.entries} entries, {erased.pages} archived pages"
    )
    if erasure.publisher:
        print("what is published from now on comes in all the same; `newswire feeds remove URL` ends that")
    if arguments.yes or arguments.dry_run:
        return 0
    print("nothing was erased: add --yes to erase it for good", file=sys.stderr)
    return 1


def _refuse_unclear(erasure: Erasure) -> None:
    days = (erasure.since, erasure.until)
    if not erasure.why:
        raise ConfigError("--why is empty; say who asked for it, or which law")
    if erasure.article and (erasure.publisher or any(days)):
        raise ConfigError("--article stands alone; leave --publisher, --since and --until out")
    if not (erasure.article or erasure.publisher or any(days)):
        raise ConfigError("give --article URL, --publisher DOMAIN, or --since DAY --until DAY")
    if any(days) and not all(days):
        raise ConfigError("a range of days has both ends; give --since DAY and --until DAY")
    if erasure.since and erasure.until and erasure.since > erasure.until:
        raise ConfigError(f"{erasure.since} comes after {erasure.until}; the first day comes first")
