"""Lists of feeds in files: read with their problems, and `config/feeds.opml`, of which each start subscribes what is new."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from newswire.core.feed_lists import merged, read_list
from newswire.errors import ConfigError
from newswire.records import ReadList, SubscribedFeed, ValueSource
from newswire.warehouse import feeds
from newswire.warehouse.connection import Conn

STARTER = "starter-feeds.csv"
AT_START = "feeds.opml"
_MAX_BYTES = 20 * 1024**2  # 20,000 feeds take 5 MB


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What a list came to."""

    feeds: tuple[SubscribedFeed, ...]
    problems: tuple[str, ...]

    @property
    def new(self) -> int:
        return sum(feed.is_new for feed in self.feeds)


def read(path: Path) -> ReadList:
    """The feeds of a file. Raises ConfigError naming file, line, problem and mend."""
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise ConfigError(
                f"{path}: larger than {_MAX_BYTES // 1024**2} MB; give a list of feeds, in parts if need be"
            )
        document = path.read_bytes()
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}; give the path of an OPML or CSV file") from error
    return read_list(document, name=path.name)


def import_list(
    conn: Conn,
    listed: ReadList,
    *,
    interval_s: int,
    group: str | None = None,
    said_by: ValueSource = "user",
    replace: bool = False,
    dry_run: bool = False,
) -> Imported:
    """Subscribe to the feeds of a list (of one group, where it is named). Doing it again changes nothing.

    Raises ConfigError for a group that the list does not have.
    """
    chosen = [one for one in merged(listed.subscriptions) if group is None or _is_in(one.groups, group)]
    if group is not None and not chosen:
        known = sorted({name for one in listed.subscriptions for name in one.groups})
        raise ConfigError(f"no feed of the list is in the group {group!r}; its groups are {', '.join(known) or 'none'}")
    with conn.transaction(force_rollback=dry_run):
        subscribed = feeds.subscribe(conn, chosen, interval_s=interval_s, said_by=said_by, replace=replace)
    return Imported(feeds=tuple(subscribed), problems=listed.problems)


def subscribe_new(conn: Conn, config: Path, *, interval_s: int) -> Imported:
    """Subscribe to what is new in `config/feeds.opml`; what is known is left as it is, and so is what left the file.

    A feed that a user removed stays removed.

    Raises ConfigError for a file that cannot be read.
    """
    path = config / AT_START
    if not path.exists():
        return Imported(feeds=(), problems=())
    listed = read(path)
    new = feeds.unknown(conn, merged(listed.subscriptions), ever=True)
    subscribed = feeds.subscribe(conn, new, interval_s=interval_s)
    return Imported(feeds=tuple(subscribed), problems=listed.problems)


def _is_in(groups: tuple[str, ...], group: str) -> bool:
    return any(name == group or name.startswith(f"{group}/") for name in groups)
