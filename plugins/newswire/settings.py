"""Settings, read once from the environment (`NEWSWIRE_*`), typed and checked."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from newswire.core.credentials import read_access, read_connection
from newswire.core.cron import minutes_between
from newswire.errors import ConfigError
from newswire.records import Access, Credential
from newswire.schedules import problems, schedule

CHECKOUT = Path(__file__).resolve().parents[2]
T = TypeVar("T")
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that can be set. Times are in seconds."""

    warehouse: str  # DSN of the writer
    archive: str  # where raw pages are kept, an fsspec address: file:///..., s3://bucket/prefix
    config: Path  # the folder with topics/
    user_agent: str | None  # None: the project's own
    newsroom: tuple[str, int] | None  # every host is connected to this IP address; only in the demo and in tests
    poll_floor_s: float  # no feed is asked more often
    poll_default_s: float  # a new feed's first interval
    poll_cap_s: float  # no feed is asked less often, unless it fails or its publisher asks for more patience
    polls_per_minute: float | None  # the budget of all polls together; None: no budget, news within minutes
    rechecks_per_minute: float  # the budget of second looks at young articles; 0: none
    recheck_every_min: float  # how often they are asked for
    host_gap_s: float  # from the end of one request to a host to the start of the next, over all workers
    history_gap_s: float  # the same for imported history
    publish_delay_s: float  # from the first change of a day to its rollup
    late_s: float  # from publication to row: above this, `check_warehouse` says that news is late
    linger_s: float  # a drain leaves after so long without work
    cap_s: float  # and after so long in any case
    stopping: Path | None  # drains leave when this file appears
    public_url: str | None  # where hubs reach the API server from outside; None: WebSub is off
    problems: tuple[str, ...]  # of settings whose default is in force because what they say cannot be meant

    @classmethod
    def from_env(cls, env: Mapping[str, str] | None = None, *, warehouse: str | None = None) -> Settings:
        """Read the settings; `warehouse` replaces $NEWSWIRE_WAREHOUSE. Raises ConfigError naming what is wrong."""
        read = _Reader(os.environ if env is None else env)
        return cls(
            warehouse=warehouse or read.text("NEWSWIRE_WAREHOUSE"),
            archive=read.text("NEWSWIRE_ARCHIVE"),
            config=Path(read.text("NEWSWIRE_CONFIG", str(CHECKOUT / "config"))),
            user_agent=read.text("NEWSWIRE_USER_AGENT", "") or None,
            newsroom=_newsroom(read),
            poll_floor_s=read.seconds("NEWSWIRE_POLL_FLOOR_S", 300),
            poll_default_s=read.seconds("NEWSWIRE_POLL_DEFAULT_S", 900),
            poll_cap_s=read.seconds("NEWSWIRE_POLL_CAP_S", 21_600),
            polls_per_minute=read.limit("NEWSWIRE_POLLS_PER_MINUTE"),
            rechecks_per_minute=read.amount("NEWSWIRE_RECHECKS_PER_MINUTE", 60),
            recheck_every_min=minutes_between(schedule("recheck_articles", read.env)),
            host_gap_s=read.seconds("NEWSWIRE_HOST_GAP_S", 2),
            history_gap_s=read.seconds("NEWSWIRE_HISTORY_GAP_S", 5),
            publish_delay_s=read.seconds("NEWSWIRE_PUBLISH_DELAY_S", 5),
            late_s=read.seconds("NEWSWIRE_LATE_S", 3600),
            linger_s=read.seconds("NEWSWIRE_LINGER_S", 20),
            cap_s=read.seconds("NEWSWIRE_CAP_S", 120),
            stopping=_path(read.text("NEWSWIRE_STOPPING", "")),
            public_url=_public_url(read),
            problems=tuple(problems(read.env)),
        )

    def is_stopping(self) -> bool:
        """Whether the system around us is being stopped."""
        return self.stopping is not None and self.stopping.exists()

    @property
    def per_host(self) -> int:
        """Rows of one host in one claim: what a polite worker can ask within a second or so."""
        return max(1, min(20, int(1 / self.host_gap_s))) if self.host_gap_s > 0 else 20


def credential_in(env: Mapping[str, str], connection: str) -> Credential:
    """The credential of a connection that stands in the environment, as Airflow reads it there. Raises ConfigError."""
    return _in_environment(env, connection, read_connection)


def access_in(env: Mapping[str, str], connection: str) -> Access:
    """What such a connection says about a channel of alerts. Raises ConfigError."""
    return _in_environment(env, connection, read_access)


def _in_environment(env: Mapping[str, str], connection: str, read: Callable[[str], T]) -> T:
    name = f"AIRFLOW_CONN_{connection.upper()}"
    if name not in env:
        raise ConfigError(f"the connection {connection!r} is not known here; define it in Airflow, or set {name}")
    try:
        return read(env[name])
    except ValueError as error:
        raise ConfigError(f"{name}: {error}") from None


def _path(text: str) -> Path | None:
    return Path(text) if text else None


def _newsroom(read: _Reader) -> tuple[str, int] | None:
    """The connect override switches a safety check off, so it takes two settings that belong to the demo and to tests."""
    place = read.text("NEWSWIRE_NEWSROOM", "")
    if not place:
        return None
    if read.text("NEWSWIRE_MODE", "live") not in {"demo", "test"}:
        raise ConfigError("NEWSWIRE_NEWSROOM is for the demo and for tests; unset it, or set NEWSWIRE_MODE=demo")
    host, _, port = place.rpartition(":")
    if not host or not port.isdigit():
        raise ConfigError(f"NEWSWIRE_NEWSROOM={place} is not HOST:PORT, such as 127.0.0.1:8090")
    try:
        return socket.gethostbyname(host), int(port)
    except OSError:
        raise ConfigError(f"NEWSWIRE_NEWSROOM={place}: there is no host {host}; is the newsroom running?") from None


def _public_url(read: _Reader) -> str | None:
    """Where hubs find us. A loopback address reaches only the newsroom, so it is refused elsewhere."""
    url = read.text("NEWSWIRE_PUBLIC_URL", "").rstrip("/")
    if not url:
        return None
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username or parts.query or parts.fragment:
        raise ConfigError(f"NEWSWIRE_PUBLIC_URL={url} is not an address such as https://news.example.org")
    if parts.hostname in _LOOPBACK and _newsroom(read) is None:
        raise ConfigError(f"NEWSWIRE_PUBLIC_URL={url} reaches this machine only; give the address that hubs can reach")
    return url


class _Reader:
    def __init__(self, env: Mapping[str, str]) -> None:
        self.env = env

    def text(self, name: str, default: str | None = None) -> str:
        value = self.env.get(name, default)
        if value is None:
            raise ConfigError(f"{name} is not set; `newswire up` sets it, or see docs/operations.md")
        return value

    def seconds(self, name: str, default: float) -> float:
        text = self.env.get(name, str(default))
        value = _number(text)
        if value is None:
            raise ConfigError(f"{name}={text} is not a number of seconds, 0 or more")
        return value

    def amount(self, name: str, default: float) -> float:
        text = self.env.get(name, str(default))
        value = _number(text)
        if value is None:
            raise ConfigError(f"{name}={text} is not a number, 0 or more")
        return value

    def limit(self, name: str) -> float | None:
        text = self.text(name, "")
        if text and not _number(text):
            raise ConfigError(f"{name}={text} is not a number above 0; leave it out for no limit")
        return _number(text)


def _number(text: str) -> float | None:
    """A number, 0 or more; None for anything else."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if 0 <= value < float("inf") else None
