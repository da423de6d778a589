"""What people do with feeds, and what they are told: the same at the command line and in the form of a DAG.

Each function does one thing and says in lines what came of it. Raises ConfigError, `problem; mend`, for what cannot be meant.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeAlias

from newswire.app import App
from newswire.core import health
from newswire.core.feed_lists import read_list, said, subscription
from newswire.core.urls import address_key, normalize_url, registrable_domain
from newswire.errors import ConfigError
from newswire.records import (
    Entry,
    FeedHealth,
    FeedLook,
    FoundFeed,
    ParsedFeed,
    Proposed,
    ReadList,
    SiteReason,
    SiteToLook,
    Subscription,
)
from newswire.settings import CHECKOUT
from newswire.steps import feed_files
from newswire.warehouse import feeds
from newswire.warehouse.connection import Conn

_SHOWN_ENTRIES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What came of it, in lines; `problems` are lines of what was left out. `good`: it came to what was wanted."""

    lines: tuple[str, ...]
    problems: tuple[str, ...] = ()
    good: bool = True


# --- Finding: nothing is written -------------------------------------------------------------------------------------


def discover(app: App, site: str, *, everywhere: bool = False) -> Told:
    """The feeds of a site, best first, and how each was found."""
    found = app.discover(_site(site), everywhere=everywhere)
    lines = [line for feed in found.feeds for line in _found(feed)]
    if not found.feeds:
        lines = [f"no feed found at {found.site}; look for one in a browser, or try the page of a section"]
    return _told([*lines, *(f"tried: {line}" for line in found.tried)], good=bool(found.feeds))


def preview(app: App, url: str, *, connection: str | None = None) -> Told:
    """What would be read from a feed, before subscribing to it."""
    [look] = app.look_at(web_address(url), connections={url: connection} if connection else {})
    return _told(_look(look), good=look.parsed is not None)


def propose(
    app: App, sites: Sequence[str], *, reasons: Sequence[SiteReason], most: int, run_id: str, again: bool
) -> list[Proposed]:
    """Feeds for a person to decide about: of these sites, or where one seems to be missing. Raises ConfigError."""
    named = [
        SiteToLook(domain=registrable_domain(url), url=url, reason="somebody named it") for url in map(_site, sites)
    ]
    return app.propose_feeds(named, reasons=reasons, most=most, run_id=run_id, again=again)


def check(app: App, urls: Sequence[str]) -> Told:
    """How feeds are: as recorded, and asked right now."""
    asked = [web_address(url) for url in urls]
    subscribed = {address_key(feed.url): feed for feed in feeds.health(app.connect("feeds check"), asked)}
    known = {url: feed for url in asked if (feed := subscribed.get(address_key(url)))}
    looks = app.look_at(*asked, connections={url: feed.connection for url, feed in known.items() if feed.connection})
    return _told(
        (line for look in looks for line in _checked(look, known.get(look.url))), good=all(map(_is_read, looks))
    )


def _told(lines: Iterable[str], *, good: bool = True) -> Told:
    return Told(lines=tuple(map(shown, lines)), good=good)


def shown(line: str) -> str:
    """What others wrote, without characters that would steer a terminal."""
    return "".join(char if char.isprintable() else " " for char in line)


def _site(given: str) -> str:
    """The address of a site, https where nothing is said. Raises ConfigError."""
    return web_address(given if "//" in given else f"https://{given}/", "the site, such as https://example.org/")


def web_address(given: str, what: str = "the feed, such as https://example.org/feed.xml") -> str:
    """An address that can be asked. Raises ConfigError."""
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


def _checked(look: FeedLook, known: FeedHealth | None) -> Iterator[str]:
    yield look.url
    yield from _health(known) if known else ["  not subscribed"]
    yield f"  now: {_now(look)}"


def _health(feed: FeedHealth) -> Iterator[str]:
    yield f"  {feed.state}{f': {feed.why}' if feed.why else ''}"
    if feed.failing_since:
        good = f"{feed.last_success_at:%Y-%m-%d %H:%M}" if feed.last_success_at else "never"
        since = f"{feed.failing_since:%Y-%m-%d %H:%M}"
        yield f"  failing since {since} UTC, last good poll {good}, tried again {feed.retries}"
    usual = "" if feed.expected_7d is None else f", usual are {feed.expected_7d:.1f}"
    yield f"  {feed.entries} entries, {feed.entries_7d} of the last 7 days{usual}"
    if feed.next_poll_at and feed.state != "paused":
        wait = feed.next_poll_at - datetime.now(UTC)
        yield f"  next poll {'now' if wait <= timedelta() else f'in {_span(wait)}'}"
    yield from (f"  {remark}" for remark in _remarks(feed))


def _remarks(feed: FeedHealth) -> Iterator[str]:
    if feed.connection:
        yield f"asked with the credential of the connection {feed.connection}"
    if feed.discovery_delay_s is not None:
        yield f"entries are found {_span(timedelta(seconds=feed.discovery_delay_s))} after their publication"
    if feed.overflows_28d:
        yield f"{feed.overflows_28d} times in 28 days nearly all of it was new: entries may have come and gone unseen"
    if feed.hidden_304s:
        yield f"{feed.hidden_304s} times it called unchanged what had news"


def _now(look: FeedLook) -> str:
    if look.parsed is None:
        return f"no feed can be read: {look.problem}"
    return f"it answers with {len(look.parsed.entries)} entries ({look.parsed.format})"


def _is_read(look: FeedLook) -> bool:
    return look.parsed is not None


def _span(span: timedelta) -> str:
    minutes = round(span.total_seconds() / 60)
    return f"{minutes} min" if minutes < 120 else f"{minutes / 60:.1f} h"  # noqa: PLR2004  two hours


# --- Subscribing -----------------------------------------------------------------------------------------------------


def wanted(url: str, *, groups: Sequence[str] = (), tags: Sequence[str] = (), **texts: str | None) -> Subscription:
    """What somebody says of a feed. Raises ConfigError."""
    try:
        return subscription(
            {"url": url, "groups": said.LIST_MARK.join(groups), "tags": said.LIST_MARK.join(tags), **texts}
        )
    except ValueError as error:
        raise ConfigError(str(error)) from error


def subscribe(app: App, one: Subscription) -> Told:
    """Subscribe to a feed; a known one is brought up to date."""
    [feed] = feeds.subscribe(app.connect("feeds add"), [one], interval_s=app.first_interval_s)
    return _told([f"{'subscribed to' if feed.is_new else 'known, brought up to date:'} {feed.url}"])


# --- Lists -----------------------------------------------------------------------------------------------------------


def starter_list() -> ReadList:
    """The list that comes with Newswire."""
    return feed_files.read(CHECKOUT / "config" / feed_files.STARTER)


def list_in(source: Path | str) -> ReadList:
    """The feeds of a file, or of the text of one. Raises ConfigError naming line and mend."""
    return feed_files.read(source) if isinstance(source, Path) else read_list(source.encode(), name="list")


def import_list(
    app: App, listed: ReadList, *, group: str | None = None, is_starter: bool, replace: bool, dry_run: bool
) -> Told:
    """Subscribe to the feeds of a list, or of one group of it; again changes nothing."""
    came = feed_files.import_list(
        app.connect("feeds import"),
        listed,
        interval_s=app.first_interval_s,
        group=group,
        said_by="starter" if is_starter else "user",
        replace=replace,
        dry_run=dry_run,
    )
    would = "would be " if dry_run else ""
    known = len(came.feeds) - came.new
    return imported(came, f"{came.new} feeds {would}subscribed to, {known} {would}known and brought up to date")


def imported(came: feed_files.Imported, *lines: str) -> Told:
    """What a list came to, with what was left out of it."""
    return Told(lines=lines, problems=tuple(f"left out: {one}" for one in came.problems), good=not came.problems)


# --- Keeping ---------------------------------------------------------------------------------------------------------


def pause(app: App, urls: Sequence[str], *, group: str | None = None, paused: bool = True) -> Told:
    """Poll these feeds no more, or again."""
    conn = app.connect("feeds pause")
    changed = feeds.pause(conn, _chosen(conn, urls, group), paused=paused)
    return _told([f"{changed} feeds {'paused' if paused else 'resumed'}"])


def poll_now(app: App, urls: Sequence[str], *, group: str | None = None) -> Told:
    """Make these feeds due at once."""
    conn = app.connect("feeds poll-now")
    chosen = _chosen(conn, urls, group)
    due = [f"due now: {feed.url}" for feed in feeds.poll_now(conn, chosen)]
    left = len(set(chosen)) - len(due)
    return _told([*due, *([f"{left} left as they are: paused, or asked within the last minute"] if left > 0 else [])])


def remove(app: App, urls: Sequence[str], *, group: str | None = None) -> Told:
    """Polled no more and gone from all lists; entries and articles stay, and adding them again finds them."""
    conn = app.connect("feeds remove")
    removed = feeds.remove(conn, _chosen(conn, urls, group))
    return _told(
        [*(f"removed: {url}" for url in removed), "what they brought stays; `newswire feeds add` brings one back"]
    )


def _chosen(conn: Conn, urls: Sequence[str], group: str | None) -> list[str]:
    """The feeds that are meant. Raises ConfigError where none is, or one is not known."""
    chosen = [web_address(url) for url in urls] + (feeds.in_group(conn, group) if group else [])
    if not chosen:
        raise ConfigError(f"no feed is in the group {group!r}" if group else "give addresses, or --group")
    unknown = feeds.unknown(conn, [Subscription(url=url) for url in chosen])
    if unknown:
        raise ConfigError(f"not subscribed: {', '.join(one.url for one in unknown)}; `newswire feeds list` shows all")
    return chosen


# --- The form of the DAG ---------------------------------------------------------------------------------------------


Form: TypeAlias = Mapping[str, Any]


def by_form(app: App, form: Form) -> Told:
    """What the form of `manage_feeds` asks for; each action takes what it needs of it."""
    return ACTIONS[form["action"]](app, form)


def _discover_by(app: App, form: Form) -> Told:
    return _each(discover(app, site) for site in _given(form))


def _preview_by(app: App, form: Form) -> Told:
    return _each(preview(app, url, connection=form["connection"]) for url in _given(form))


def _add_by(app: App, form: Form) -> Told:
    """All or none: a slip in one address is told before anything is written."""
    about = {name: form[name] for name in ("publisher", "country", "language", "owner", "note", "connection")}
    groups = [form["group"]] if form["group"] else []
    every = [wanted(url, groups=groups, tags=form["tags"], **about) for url in _given(form)]
    return _each(subscribe(app, one) for one in every)


def _import_by(app: App, form: Form) -> Told:
    text = form["list"]
    how = {name: form[name] for name in ("group", "replace", "dry_run")}
    return import_list(app, list_in(text) if text else starter_list(), is_starter=not text, **how)


def _pause_by(app: App, form: Form) -> Told:
    return pause(app, form["addresses"], group=form["group"])


def _resume_by(app: App, form: Form) -> Told:
    return pause(app, form["addresses"], group=form["group"], paused=False)


def _poll_now_by(app: App, form: Form) -> Told:
    return poll_now(app, form["addresses"], group=form["group"])


def _remove_by(app: App, form: Form) -> Told:
    return remove(app, form["addresses"], group=form["group"])


ACTIONS: Mapping[str, Callable[[App, Form], Told]] = MappingProxyType(
    {
        "add": _add_by,
        "discover": _discover_by,
        "preview": _preview_by,
        "import": _import_by,
        "pause": _pause_by,
        "resume": _resume_by,
        "poll_now": _poll_now_by,
        "remove": _remove_by,
    }
)


def _given(form: Form) -> Sequence[str]:
    addresses: Sequence[str] = form["addresses"]
    if not addresses:
        raise ConfigError("no address is given; write one a line")
    return addresses


def _each(tellings: Iterable[Told]) -> Told:
    every = list(tellings)
    return Told(
        lines=tuple(line for told in every for line in told.lines),
        problems=tuple(line for told in every for line in told.problems),
        good=all(told.good for told in every),
    )


# --- Health of all ---------------------------------------------------------------------------------------------------


def trouble(app: App, *, most_percent: float, quiet_min: float) -> Told:
    """How all feeds are, in words; not good where too many of them are in trouble, or none has answered for too long.

    In trouble is a feed that has failed for a day, or is silent; one that is paused or new says nothing.
    """
    now = datetime.now(UTC)
    asked = [feed for feed in feeds.health(app.connect("check feeds")) if feed.state not in {"paused", "new"}]
    alarms = tuple(health.alarms(asked, now=now, most_percent=most_percent, quiet_min=quiet_min))
    return Told(lines=tuple(map(shown, [*alarms, *health.report(asked, now=now)])), problems=alarms, good=not alarms)
