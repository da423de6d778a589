"""`newswire feeds`: find feeds, look at them, subscribe, keep them in order. What is done and said is in `managing.py`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from newswire.commands.shared import Arguments, Verbs, add_command, opened_app, opened_warehouse, shown
from newswire.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from newswire.managing import Told
    from newswire.records import PushHealth


def add(commands: Verbs) -> None:
    """The family of commands."""
    parser = commands.add_parser("feeds", help="find feeds, look at them, subscribe, keep them in order")
    verbs = parser.add_subparsers(title="verbs", required=True, metavar="VERB")
    _add_finding(verbs)
    _add_subscribing(verbs)
    _add_lists(verbs)
    _add_keeping(verbs)


# --- Finding: nothing is written -------------------------------------------------------------------------------------


def _add_finding(verbs: Verbs) -> None:
    discover = add_command(verbs, "discover", _discover, "the feeds of a site, best first, and how each was found")
    discover.add_argument("site", help="address of any page, such as https://example.org/")
    discover.add_argument("--all", action="store_true", help="look everywhere, not only until something is found")
    preview = add_command(verbs, "preview", _preview, "what would be read from a feed, before subscribing to it")
    preview.add_argument("url")
    preview.add_argument("--connection", help="Airflow connection whose credential it is asked with")
    check = add_command(verbs, "check", _check, "how feeds are: as recorded, and asked right now")
    check.add_argument("urls", nargs="+", metavar="URL")


def _tell(told: Told) -> int:
    """Print what came of it; the exit code."""
    for line in told.lines:
        print(line)
    for line in told.problems:
        print(line, file=sys.stderr)
    return 0 if told.good else 1


def _discover(arguments: Arguments) -> int:
    from newswire import managing

    with opened_app() as app:
        return _tell(managing.discover(app, arguments.site, everywhere=arguments.all))


def _preview(arguments: Arguments) -> int:
    from newswire import managing

    with opened_app() as app:
        return _tell(managing.preview(app, arguments.url, connection=arguments.connection))


def _check(arguments: Arguments) -> int:
    from newswire import managing

    with opened_app() as app:
        return _tell(managing.check(app, arguments.urls))


# --- Subscribing -----------------------------------------------------------------------------------------------------

_SAID = ("title", "publisher", "domain", "country", "language", "kind", "owner", "note", "connection")


def _add_subscribing(verbs: Verbs) -> None:
    add = add_command(verbs, "add", _subscribe, "subscribe to a feed; a known one is brought up to date")
    add.add_argument("url")
    add.add_argument("--title", help="title of the feed")
    add.add_argument("--publisher", help="name of who publishes it")
    add.add_argument("--domain", help="domain of who publishes it, where the feed lies elsewhere")
    add.add_argument("--country", help="country of the publisher, two letters (ISO 3166-1)")
    add.add_argument("--language", help="language of the feed (BCP 47)")
    add.add_argument(
        "--kind", help="kind of publisher: agency, newspaper, broadcaster, magazine, trade, government, ..."
    )
    add.add_argument("--group", action="append", default=[], dest="groups", help="a group, or outer/inner (repeatable)")
    add.add_argument("--tag", action="append", default=[], dest="tags", help="any word (repeatable)")
    add.add_argument("--owner", help="who looks after it")
    add.add_argument("--note", help="what to remember of it")
    add.add_argument(
        "--connection", help="id of the Airflow connection whose login, token or headers it is asked with (https only)"
    )


def _subscribe(arguments: Arguments) -> int:
    from newswire import managing

    texts = {name: getattr(arguments, name) for name in _SAID}
    one = managing.wanted(arguments.url, groups=arguments.groups, tags=arguments.tags, **texts)
    with opened_app() as app:
        return _tell(managing.subscribe(app, one))


# --- Lists -----------------------------------------------------------------------------------------------------------


def _add_lists(verbs: Verbs) -> None:
    import_ = add_command(
        verbs, "import", _import, "subscribe to the feeds of an OPML or CSV file; again changes nothing"
    )
    import_.add_argument("file", nargs="?", type=Path)
    import_.add_argument("--starter", action="store_true", help="the list that comes with Newswire")
    import_.add_argument("--group", help="only the feeds of this group of the list")
    import_.add_argument("--replace", action="store_true", help="groups and tags as in the list, not added to")
    import_.add_argument("--dry-run", action="store_true", help="say what the list has, subscribe to nothing")
    export = add_command(verbs, "export", _export, "write all feeds as OPML or CSV")
    export.add_argument("file", nargs="?", type=Path, help="default: the terminal")
    export.add_argument("--format", choices=("opml", "csv"), help="default: as the file is called, else opml")


def _import(arguments: Arguments) -> int:
    from newswire import managing

    if arguments.starter == (arguments.file is not None):
        raise ConfigError("give the file of a list, or --starter for the one that comes with Newswire")
    listed = managing.starter_list() if arguments.starter else managing.list_in(arguments.file)
    with opened_app() as app:
        came = managing.import_list(
            app,
            listed,
            group=arguments.group,
            is_starter=arguments.starter,
            replace=arguments.replace,
            dry_run=arguments.dry_run,
        )
    return _tell(came)


def subscribe_new() -> int:
    """Subscribe to what is new in `config/feeds.opml`, and tell; the exit code."""
    from newswire import managing

    with opened_app() as app:
        came = app.subscribe_new()
    lines = (f"  subscribed to {feed.url}, which is new in config/feeds.opml" for feed in came.feeds)
    return _tell(managing.imported(came, *lines))


def _export(arguments: Arguments) -> None:
    from newswire.core.feed_lists import write_csv, write_opml
    from newswire.warehouse import feeds

    path: Path | None = arguments.file
    chosen = arguments.format or ("csv" if path and path.suffix == ".csv" else "opml")
    with opened_warehouse() as conn:
        listed = feeds.subscriptions(conn)
    text = write_csv(listed) if chosen == "csv" else write_opml(listed)
    if path is None:
        sys.stdout.write(text)
        return
    path.write_text(text, encoding="utf-8", newline="")
    print(f"{len(listed)} feeds in {path}")


# --- Keeping ---------------------------------------------------------------------------------------------------------


def _add_keeping(verbs: Verbs) -> None:
    list_ = add_command(verbs, "list", _list, "every feed with its state")
    list_.add_argument("--group", help="only this group, with the groups within it")
    list_.add_argument("--tag", help="only feeds with this tag")
    list_.add_argument(
        "--state", choices=("good", "failing", "silent", "paused", "new"), help="only feeds in this state"
    )
    add_command(
        verbs, "push-status", _push_status, "which feeds are pushed by their hub (WebSub), and why others are not"
    )
    for name, run, help_ in (
        ("pause", _pause, "poll these feeds no more"),
        ("resume", _resume, "poll paused feeds again"),
        ("poll-now", _poll_now, "make these feeds due at once"),
        ("remove", _remove, "poll these feeds no more, ever; what they brought stays, adding them again finds it"),
    ):
        some = add_command(verbs, name, run, help_)
        some.add_argument("urls", nargs="*", metavar="URL")
        some.add_argument("--group", help="all feeds of this group, with the groups within it")


def _push_status(_: Arguments) -> None:
    from newswire.warehouse import pushes

    with opened_warehouse() as conn:
        known, found = pushes.callback_url(conn), pushes.health(conn)
    print(f"hubs reach us at {known}" if known else "WebSub is off: NEWSWIRE_PUBLIC_URL is not set (docs/websub.md)")
    print(f"{len(found)} feeds name a hub")
    for feed in found:
        shown([f"{feed.state:<11}{feed.url}", *_pushed(feed)])


def _pushed(feed: PushHealth) -> Iterator[str]:
    yield f"           {feed.hub_url}: {feed.why}"
    if feed.pushes_14d or feed.drops_14d:
        rate = "" if feed.hit_rate is None else f", {feed.hit_rate:.0%} of what was new"
        yield (
            f"           14 days: {feed.pushes_14d} pushes brought {feed.seen_14d} entries{rate}; {feed.drops_14d} dropped"
        )
    if feed.lease_until:
        yield f"           until {feed.lease_until:%Y-%m-%d %H:%M} UTC, asked anew before"


def _list(arguments: Arguments) -> None:
    from newswire.warehouse import feeds

    with opened_warehouse() as conn:
        urls = feeds.in_group(conn, arguments.group) if arguments.group else None
        found = feeds.health(conn, urls)
    for feed in found:
        if arguments.tag in (None, *feed.tags) and arguments.state in (None, feed.state):
            groups = f"  [{'; '.join(feed.groups)}]" if feed.groups else ""
            shown([f"{feed.state:<8}{feed.entries:>7}  {feed.url}{groups}{f'  {feed.why}' if feed.why else ''}"])


def _pause(arguments: Arguments) -> int:
    from newswire import managing

    with opened_app() as app:
        return _tell(managing.pause(app, arguments.urls, group=arguments.group))


def _resume(arguments: Arguments) -> int:
    from newswire import managing

    with opened_app() as app:
        return _tell(managing.pause(app, arguments.urls, group=arguments.group, paused=False))


def _poll_now(arguments: Arguments) -> int:
    from newswire import managing

    with opened_app() as app:
        return _tell(managing.poll_now(app, arguments.urls, group=arguments.group))


def _remove(arguments: Arguments) -> int:
    from newswire import managing

    with opened_app() as app:
        return _tell(managing.remove(app, arguments.urls, group=arguments.group))
