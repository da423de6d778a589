"""`newswire alerts`: check alert files, try them on what is there, see what was sent."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from newswire.commands.shared import Arguments, Verbs, add_command, at_least_one, opened_app, opened_warehouse, shown
from newswire.errors import AlertError, ConfigError

if TYPE_CHECKING:
    from newswire.records import AlertLine, AlertLogLine, Notice


def add(commands: Verbs) -> None:
    """The family of commands."""
    parser = commands.add_parser("alerts", help="check alerts, try them on what is there, see what was sent")
    verbs = parser.add_subparsers(title="verbs", required=True, metavar="VERB")
    add_command(verbs, "list", _list, "every alert, whether it is in force, and what it told")
    check = add_command(verbs, "check", _check, "read alert files; nothing else is needed for it")
    check.add_argument("files", nargs="*", type=Path, help="default: all of config/alerts")
    test = add_command(verbs, "test", _test, "what an alert would have told of the last days, and why; sends nothing")
    test.add_argument("name")
    test.add_argument("--days", type=_days, default=7, metavar="N", help="default: 7")
    test.add_argument("--send", action="store_true", help="send the newest to its channels, marked as a test")
    log = add_command(verbs, "log", _log, "what was sent, to whom, how often, and what was answered")
    log.add_argument("name", nargs="?", help="only of this alert")
    log.add_argument("--limit", type=at_least_one, default=50, metavar="N")
    add_command(verbs, "secret", _secret, "a new secret to sign webhooks with, for the password of a connection")


def _list(_: Arguments) -> None:
    from newswire.warehouse import alerts

    with opened_app() as app:
        app.offer_alerts()
        lines = alerts.listed(app.connect("command line"))
    for line in lines:
        shown(_listed(line))
    if not lines:
        print("there is no alert; docs/alerts.md shows how to write one in config/alerts")


def _check(arguments: Arguments) -> int:
    from newswire.steps.alert_files import check, files, topics_of

    wrong = 0
    for path in arguments.files or files(_config()):
        try:
            alert, _ = check(path, topics_of(_config()))
            print(f"good  {alert.id}{'' if alert.enabled else ' (switched off)'}")
        except AlertError as error:
            wrong += 1
            print(f"wrong {error}")
    return 1 if wrong else 0


def _test(arguments: Arguments) -> None:
    from newswire.steps.alert_files import check, topics_of

    path = _config() / "alerts" / f"{arguments.name}.yaml"
    if not path.exists():
        raise ConfigError(f"there is no {path}; `newswire alerts list` shows those that are")
    alert, _ = check(path, topics_of(_config()))
    with opened_app() as app:
        notices = app.preview_alert(alert, days=arguments.days)
        for notice in notices:
            shown(_noticed(notice))
        places = ", ".join(channel.place for channel in alert.to)
        print(f"{len(notices)} notices of the last {arguments.days} days would have gone to {places}")
        if arguments.send and notices:
            for place, answer in app.try_channels(alert, notices[-1:]):
                print(f"  test to {place}: {answer}")


def _log(arguments: Arguments) -> None:
    from newswire.warehouse import alerts

    with opened_warehouse() as conn:
        lines = alerts.log(conn, arguments.name, limit=arguments.limit)
    for line in lines:
        shown([_logged(line)])
    if not lines:
        print("nothing was sent")


def _secret(_: Arguments) -> None:
    import secrets
    from base64 import b64encode

    print("whsec_" + b64encode(secrets.token_bytes(32)).decode())


# --- In words --------------------------------------------------------------------------------------------------------


def _listed(line: AlertLine) -> Iterator[str]:
    state = "off" if line.looks_at is None else f"in force since {line.since:%Y-%m-%d %H:%M}"
    last = f", the last {line.last_told_at:%Y-%m-%d %H:%M}" if line.last_told_at else ""
    yield f"{line.name}: {state}; {line.told} notices{last}"
    if line.problem:
        yield f"  wrong {line.problem}; the last good version stays in force"


def _noticed(notice: Notice) -> Iterator[str]:
    yield notice.title
    for more in (notice.url, notice.sentence and f"“{notice.sentence}”", f"why: {notice.why}"):
        if more:
            yield f"  {more}"


def _logged(line: AlertLogLine) -> str:
    answer = f": {line.answer}" if line.answer else ""
    return (
        f"{line.made_at:%Y-%m-%d %H:%M:%S} {line.state:<7} {line.alert} to {line.channel}, tries {line.attempts}{answer}"
        f"\n    {line.title}\n    {line.webhook_id}"
    )


def _days(text: str) -> int:
    days = int(text) if text.isdecimal() else 0
    if not 1 <= days <= 365:  # noqa: PLR2004 - a year
        raise argparse.ArgumentTypeError(f"{text!r} is no number of days from 1 to 365")
    return days


def _config() -> Path:
    """The configuration of the settings, without asking for a warehouse: to check needs none."""
    import os

    from newswire.settings import CHECKOUT

    return Path(os.environ.get("NEWSWIRE_CONFIG") or CHECKOUT / "config")
