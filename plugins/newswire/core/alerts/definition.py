"""What an alert is: the records that a definition file compiles to."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import time, timedelta
from typing import Any, Literal

DigestBy = Literal["none", "hourly", "daily"]
Direction = Literal["spike", "silence"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Articles:
    """New articles of a topic, or that a saved search finds, or both."""

    topics: tuple[str, ...] = ()
    query: str | None = None
    core_only: bool = False
    languages: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    copies: bool = False  # False: only originals


@dataclass(frozen=True, slots=True, kw_only=True)
class Volume:
    """A day with unusually much or little news."""

    topic: str | None = None  # None: all articles
    directions: tuple[Direction, ...] = ("spike", "silence")
    at_least: int = 20  # a spike has so many articles, a silence falls in where so many are usual
    deviations: float = 3.5  # Iglewicz and Hoaglin (1993) take a modified z-score above 3.5 for an outlier


@dataclass(frozen=True, slots=True, kw_only=True)
class Feeds:
    """Feeds that fail, or have fallen silent."""

    states: tuple[str, ...] = ("failing",)
    hours: float = 6  # so long at least
    groups: tuple[str, ...] = ()  # only feeds of these groups


@dataclass(frozen=True, slots=True, kw_only=True)
class Late:
    """More than a share of the last articles took longer from publication to row than they may."""

    above_s: float
    percent: float = 5
    at_least: int = 20
    within_min: int = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Checks:
    """Checks of the warehouse that find something wrong."""

    severities: tuple[str, ...] = ("error",)


Condition = Articles | Volume | Feeds | Late | Checks
KINDS: dict[str, type[Condition]] = {
    "articles": Articles,
    "volume": Volume,
    "feeds": Feeds,
    "late": Late,
    "checks": Checks,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """Where an alert is sent. Secrets are in the Airflow connection that it names, never here."""

    kind: Literal["log", "webhook", "email", "apprise"]
    connection: str | None = None
    url: str | None = None  # of a webhook; None: the connection says it
    internal: bool = False  # a webhook on this machine or network, written down on purpose
    to: tuple[str, ...] = ()  # of an e-mail

    @property
    def place(self) -> str:
        """What tells it from the other channels, in a log; nothing secret."""
        about = self.url or ", ".join(self.to) or self.connection
        return f"{self.kind} {about}" if about else self.kind

    def as_dict(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "connection": self.connection,
            "url": self.url,
            "internal": self.internal,
            "to": list(self.to),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Quiet:
    """Hours of the day in which nothing is sent; what is found meanwhile waits for their end."""

    since: time
    until: time


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """What somebody wants to be told, when and where."""

    id: str
    description: str
    enabled: bool
    when: Condition
    to: tuple[Channel, ...]
    digest: DigestBy = "none"
    daily_at: time = time(7)
    quiet: Quiet | None = None
    zone: str = "UTC"
    most_per_hour: int = 10
    again_after: timedelta = timedelta(hours=24)  # between two notices of volume, or of late delivery

    @property
    def kind(self) -> str:
        """The name of its condition."""
        return next(name for name, condition in KINDS.items() if isinstance(self.when, condition))

    @property
    def looks_at(self) -> Literal["articles", "clock"]:
        """What makes it look: new articles, or the clock of the checks."""
        return "articles" if isinstance(self.when, Articles) else "clock"

    def condition_sha256(self) -> bytes:
        """What tells one question from another. Where and when it is told is no part of it: to change that tells nothing twice."""
        return hashlib.sha256(repr(self.when).encode()).digest()

    def notice_key(self, subject: str) -> bytes:
        """The identity of what is told once: the alert, its question, what it is about."""
        parts = (self.id.encode(), self.condition_sha256().hex().encode(), subject.encode("utf-8", "surrogatepass"))
        return hashlib.sha256(b"\x00".join(parts)).digest()
