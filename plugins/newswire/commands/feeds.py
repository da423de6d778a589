"""`newswire feeds`: find feeds, look at them, subscribe, keep them in order."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from newswire.commands.shared import Arguments, Verbs, add_command, opened_app, opened_warehouse
from newswire.errors import ConfigError
from newswire.records import Entry, FeedHealth, FeedLook, FoundFeed, ParsedFeed, PushHealth, Subscription

if TYPE_CHECKING:
    from newswire.steps.feed_files import Imported
    from newswire.warehouse.connection import Conn

_SHOWN_ENTRIES = 5


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
    check = add_command(verbs, "check", _check, "how feeds are: as recorded, and asked right now")
    check.add_argument("urls", nargs="+", metavar="URL")


def _discover(arguments: Arguments) -> int:
    with opened_app() as app:
        found = app.discover(_site(arguments.site), everywhere=arguments.all)
    for feed in found.feeds:
        _show(_found(feed))
    if not found.feeds:
        print(f"no feed found at {found.site}; look for one in a browser, or try the page of a section")
    _show(f"tried: {line}" for line in found.tried)
    return 0 if found.feeds else 1


def _show(lines: Iterable[str]) -> None:
    """Print what others wrote: without characters that would steer the terminal."""
    for line in lines:
        print("".join(char if char.isprintable() else " " for char in line))


def _site(given: str) -> str:
    """The address of a site, https where nothing is said. Raises ConfigError."""
    return _url(given if "//" in given else f"https://{given}/", "the site, such as https://example.org/")


def _url(given: str, what: str = "the feed, such as https://example.org/feed.xml") -> str:
    """An address that can be asked. Raises ConfigError."""
    from newswire.core.urls import normalize_url

    try:
        normalize_url(given)
    except ValueError as error:
        raise ConfigError(f"{error}; give the whole address of {what}") from error
    return given


def _found(feed: FoundFeed) -> Iterator[str]:
    parsed, rate = feed.look.parsed, feed.items_a_day
    yield feed.candidate.url
    if parsed is not None:
        pace = "too few dates to tell how often" if rate is None else f"about {rate:.1f} a day"
        own = f"{feed.own_links:.0%} of the links lead to the site"
        yield f"  {parsed.format} {parsed.title or 'without a title'}, {len(parsed.entries)} entries, {pace}, {own}"
    yield f"  found: {feed.candidate.why}"
    yield f"  next:  newswire feeds preview {feed.candidate.url}"


def _preview(arguments: Arguments) -> int:
    with opened_app() as app:
        [look] = app.look_at(_url(arguments.url))
    _show(_look(look))
    return 0 if look.parsed else 1


def _look(look: FeedLook) -> Iterator[str]:
    """What an address gives right now, in lines."""
    yield look.url
    if look.moved_to:
        yield f"  moved for good to {look.moved_to}: subscribe to that address"
    elif look.answered_by != look.url:
        yield f"  answered by {look.answered_by}"
    if look.parsed is None:
        yield f"  no feed can be read: {look.problem}"
        return
    yield from _document(look.parsed)
    yield f"  it would be asked every {_span(timedelta(seconds=look.interval_s or 0))} at first, then as often as it publishes"
    yield f"  next: newswire feeds add {look.url}"


def _document(parsed: ParsedFeed) -> Iterator[str]:
    yield f"  {parsed.format} {parsed.title or 'without a title'}, language {parsed.language or 'not declared'}"
    yield f"  {len(parsed.entries)} entries would be read of {parsed.items} items"
    yield from (f"    {_entry(entry)}" for entry in parsed.entries[:_SHOWN_ENTRIES])
    if len(parsed.entries) > _SHOWN_ENTRIES:
        yield f"    and {len(parsed.entries) - _SHOWN_ENTRIES} more"
    yield from (f"  problem: {problem}" for problem in parsed.problems)


def _entry(entry: Entry) -> str:
    date = f"{entry.published_at:%Y-%m-%d %H:%M}" if entry.published_at else "no usable date"
    quality = "" if entry.date_quality == "exact" else f" ({entry.date_quality.replace('_', ' ')})"
    return f"{date}{quality}  {entry.title or 'without a title'}  {entry.link or 'without a link'}"


def _check(arguments: Arguments) -> int:
    from newswire.warehouse import feeds

    urls = [_url(url) for url in arguments.urls]
    with opened_app() as app:
        known = {feed.url: feed for feed in feeds.health(app.connect("command line"), urls)}
        looks = app.look_at(*urls)
    for look in looks:
        health = known.get(look.url)
        _show([look.url, *(_health(health) if health else ["  not subscribed"]), f"  now: {_now(look)}"])
    return 0 if all(look.parsed for look in looks) else 1


def _health(health: FeedHealth) -> Iterator[str]:
    yield f"  {health.state}{f': {health.why}' if health.why else ''}"
    if health.failing_since:
        good = f"{health.last_success_at:%Y-%m-%d %H:%M}" if health.last_success_at else "never"
        yield f"  failing since {health.failing_since:%Y-%m-%d %H:%M} UTC, last good poll {good}"
    usual = "" if health.expected_7d is None else f", usual are {health.expected_7d:.1f}"
    yield f"  {health.entries} entries, {health.entries_7d} of the last 7 days{usual}"
    if health.next_poll_at and health.state != "paused":
        wait = health.next_poll_at - datetime.now(UTC)
        yield f"  next poll {'now' if wait <= timedelta() else f'in {_span(wait)}'}"


def _now(look: FeedLook) -> str:
    if look.parsed is None:
        return f"no feed can be read: {look.problem}"
    return f"it answers with {len(look.parsed.entries)} entries ({look.parsed.format})"


def _span(span: timedelta) -> str:
    minutes = round(span.total_seconds() / 60)
    return f"{minutes} min" if minutes < 120 else f"{minutes / 60:.1f} h"  # noqa: PLR2004  two hours


# --- Subscribing -----------------------------------------------------------------------------------------------------

_SAID = ("title", "publisher", "domain", "country", "language", "kind", "owner", "note")


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


def _subscribe(arguments: Arguments) -> None:
    from newswire.warehouse import feeds

    wanted = _wanted(arguments)
    with opened_app() as app:
        conn = app.connect("command line")
        [feed] = feeds.subscribe(conn, [wanted], interval_s=app.first_interval_s)
    print(f"{'subscribed to' if feed.is_new else 'known, brought up to date:'} {feed.url}")


def _wanted(arguments: Arguments) -> Subscription:
    """What the arguments say. Raises ConfigError."""
    from newswire.core.feed_lists import said, subscription

    lists = {name: said.LIST_MARK.join(getattr(arguments, name)) for name in ("groups", "tags")}
    try:
        return subscription({"url": arguments.url, **{name: getattr(arguments, name) for name in _SAID}, **lists})
    except ValueError as error:
        raise ConfigError(str(error)) from error


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
    from newswire.settings import CHECKOUT
    from newswire.steps import feed_files

    if arguments.starter == (arguments.file is not None):
        raise ConfigError("give the file of a list, or --starter for the one that comes with Newswire")
    path = CHECKOUT / "config" / feed_files.STARTER if arguments.starter else arguments.file
    listed = feed_files.read(path)
    with opened_app() as app:
        came = feed_files.import_list(
            app.connect("command line"),
            listed,
            interval_s=app.first_interval_s,
            group=arguments.group,
            said_by="starter" if arguments.starter else "user",
            replace=arguments.replace,
            dry_run=arguments.dry_run,
        )
    would = "would be " if arguments.dry_run else ""
    print(f"{came.new} feeds {would}subscribed to, {len(came.feeds) - came.new} {would}known and brought up to date")
    return _tell_problems(came)


def subscribe_new() -> int:
    """Subscribe to what is new in `config/feeds.opml`, and tell; the exit code."""
    with opened_app() as app:
        came = app.subscribe_new()
    for feed in came.feeds:
        print(f"  subscribed to {feed.url}, which is new in config/feeds.opml")
    return _tell_problems(came)


def _tell_problems(came: Imported) -> int:
    for problem in came.problems:
        print(f"left out: {problem}", file=sys.stderr)
    return 1 if came.problems else 0


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
        _show([f"{feed.state:<11}{feed.url}", *_pushed(feed)])


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
            _show([f"{feed.state:<8}{feed.entries:>7}  {feed.url}{groups}{f'  {feed.why}' if feed.why else ''}"])


def _pause(arguments: Arguments) -> None:
    _set_paused(arguments, paused=True)


def _resume(arguments: Arguments) -> None:
    _set_paused(arguments, paused=False)


def _set_paused(arguments: Arguments, *, paused: bool) -> None:
    from newswire.warehouse import feeds

    with opened_warehouse() as conn:
        changed = feeds.pause(conn, _chosen(conn, arguments), paused=paused)
    print(f"{changed} feeds {'paused' if paused else 'resumed'}")


def _poll_now(arguments: Arguments) -> None:
    from newswire.warehouse import feeds

    with opened_warehouse() as conn:
        chosen = _chosen(conn, arguments)
        due = feeds.poll_now(conn, chosen)
    for feed in due:
        print(f"due now: {feed.url}")
    if len(due) < len(set(chosen)):
        print(f"{len(set(chosen)) - len(due)} left as they are: paused, or asked within the last minute")


def _chosen(conn: Conn, arguments: Arguments) -> Sequence[str]:
    """The feeds that are meant. Raises ConfigError where none is, or one is not known."""
    from newswire.warehouse import feeds

    urls = [_url(url) for url in arguments.urls] + (feeds.in_group(conn, arguments.group) if arguments.group else [])
    if not urls:
        raise ConfigError(
            f"no feed is in the group {arguments.group!r}" if arguments.group else "give addresses, or --group"
        )
    unknown = feeds.unknown(conn, [Subscription(url=url) for url in urls])
    if unknown:
        raise ConfigError(f"not subscribed: {', '.join(one.url for one in unknown)}; `newswire feeds list` shows all")
    return urls
