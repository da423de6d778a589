"""Read an alert file: structure and values, with a message for what is wrong first."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Collection
from datetime import time, timedelta
from typing import Any, cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml

from newswire.core.alerts.definition import (
    KINDS,
    Alert,
    Articles,
    Channel,
    Checks,
    Condition,
    DigestBy,
    Direction,
    Feeds,
    Late,
    Quiet,
    Volume,
)
from newswire.core.countries import COUNTRIES
from newswire.core.topics.languages import language_problem
from newswire.core.topics.nodes import Reader
from newswire.errors import AlertError

_ID = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_CONNECTION = re.compile(r"[A-Za-z0-9_.-]{1,200}")
_ADDRESS = re.compile(r"[^@\s,<>\"]+@[^@\s,<>\"]+\.[^@\s,<>\"]+")
_OF_DAY = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")
_MAX_PER_HOUR = 1_000


def read_alert(text: str, *, path: str, topics: Collection[str] | None = None) -> Alert:
    """Compile an alert from the YAML text of its file. `topics` are those that there are; None: that is not known.

    Raises AlertError `path:line: problem; mend` for the first thing that is wrong. `path` is only named, never opened.
    """
    return _AlertReader(path, topics).alert(text)


class _AlertReader(Reader):
    error = AlertError
    thing = "alert"

    def __init__(self, path: str, topics: Collection[str] | None) -> None:
        super().__init__(path)
        self._known_topics = topics

    def alert(self, text: str) -> Alert:
        fields = self.fields(
            self.document(text),
            "the alert",
            required=("id", "description", "when", "to"),
            optional=("enabled", "digest", "daily_at", "quiet", "zone", "most_per_hour", "again_after_hours"),
        )
        given: dict[str, Any] = {name: getattr(self, f"_{name}")(node) for name, node in fields.items()}
        given.setdefault("enabled", True)
        if "again_after_hours" in given:
            given["again_after"] = given.pop("again_after_hours")
        return Alert(**given)

    # --- The alert ---------------------------------------------------------------------------------------------------

    def _id(self, node: yaml.Node) -> str:
        value = self.text(node, "id")
        if not _ID.fullmatch(value):
            self.fail(node, f"id {value!r} is no slug", "write small letters, digits and single hyphens: rare-earths")
        file_name = self.path.replace("\\", "/").rpartition("/")[2]
        if file_name.endswith(".yaml") and file_name != f"{value}.yaml":
            self.fail(
                node, f"id is {value!r} in the file {file_name}", f"rename the file to {value}.yaml or change the id"
            )
        return value

    def _description(self, node: yaml.Node) -> str:
        return self.text(node, "description")

    def _enabled(self, node: yaml.Node) -> bool:
        return self.flag(node, "enabled")

    def _digest(self, node: yaml.Node) -> DigestBy:
        return cast("DigestBy", self.choice(node, "digest", ("none", "hourly", "daily")))

    def _daily_at(self, node: yaml.Node) -> time:
        return self._of_day(node, "daily_at")

    def _quiet(self, node: yaml.Node) -> Quiet:
        fields = self.fields(node, "quiet", required=("from", "until"))
        quiet = Quiet(since=self._of_day(fields["from"], "from"), until=self._of_day(fields["until"], "until"))
        if quiet.since == quiet.until:
            self.fail(node, "quiet begins when it ends", "give two times, or write `enabled: false` for always")
        return quiet

    def _of_day(self, node: yaml.Node, what: str) -> time:
        found = _OF_DAY.fullmatch(self.text(node, what))
        if not found:
            self.fail(node, f"{what} is no time of day", 'write it as "07:00", in quotes')
        return time(int(found[1]), int(found[2]))

    def _zone(self, node: yaml.Node) -> str:
        value = self.text(node, "zone")
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            self.fail(node, f"zone {value!r} is not known", "write e.g. Europe/Berlin")
        return value

    def _most_per_hour(self, node: yaml.Node) -> int:
        value = self.whole_number(node, "most_per_hour")
        if value > _MAX_PER_HOUR:
            self.fail(node, f"{value} messages an hour are read by nobody", f"write at most {_MAX_PER_HOUR}")
        return value

    def _again_after_hours(self, node: yaml.Node) -> timedelta:
        return timedelta(hours=self.number(node, "again_after_hours", most=24 * 366))

    # --- When --------------------------------------------------------------------------------------------------------

    def _when(self, node: yaml.Node) -> Condition:
        fields = self.fields(node, "when", optional=tuple(KINDS))
        if len(fields) != 1:
            self.fail(node, f"when has {' and '.join(fields)}", "an alert asks one question: write a file for each")
        [(kind, value)] = fields.items()
        read = cast("Callable[[yaml.Node], Condition]", getattr(self, f"_{kind}"))
        return read(value)

    def _articles(self, node: yaml.Node) -> Articles:
        fields = self.fields(
            node, "articles", optional=("topics", "query", "level", "languages", "countries", "copies")
        )
        if not fields.keys() & {"topics", "query"}:
            self.fail(node, "articles names neither topics nor a query", "add `topics: [rare-earths]` or `query: ...`")
        level = self.choice(fields["level"], "level", ("core", "mention")) if "level" in fields else "mention"
        return Articles(
            topics=self._list(fields.get("topics"), "topics", self._topic),
            query=self.text(fields["query"], "query") if "query" in fields else None,
            core_only=level == "core",
            languages=self._list(fields.get("languages"), "languages", self._language),
            countries=self._list(fields.get("countries"), "countries", self._country),
            copies="copies" in fields and self.flag(fields["copies"], "copies"),
        )

    def _volume(self, node: yaml.Node) -> Volume:
        fields = self.fields(node, "volume", required=("of",), optional=("topic", "at_least", "deviations"))
        default = Volume()
        directions = [self.choice(one, "of", ("spike", "silence")) for one in self.one_or_more(fields["of"], "of")]
        return Volume(
            topic=self._topic(fields["topic"]) if "topic" in fields else None,
            directions=tuple(cast("Direction", one) for one in directions),
            at_least=self._count(fields, "at_least", default.at_least),
            deviations=self._number(fields, "deviations", default.deviations, least=1, most=100),
        )

    def _feeds(self, node: yaml.Node) -> Feeds:
        fields = self.fields(node, "feeds", required=("states",), optional=("hours", "groups"))
        return Feeds(
            states=self._list(
                fields["states"], "states", lambda one: self.choice(one, "states", ("failing", "silent"))
            ),
            hours=self._number(fields, "hours", Feeds().hours, most=24 * 366),
            groups=self._list(fields.get("groups"), "groups", lambda one: self.text(one, "a group")),
        )

    def _late(self, node: yaml.Node) -> Late:
        fields = self.fields(node, "late", required=("above_s",), optional=("percent", "at_least", "within_min"))
        default = Late(above_s=0)
        return Late(
            above_s=self.number(fields["above_s"], "above_s", least=1),
            percent=self._number(fields, "percent", default.percent, most=100),
            at_least=self._count(fields, "at_least", default.at_least),
            within_min=self._count(fields, "within_min", default.within_min),
        )

    def _checks(self, node: yaml.Node) -> Checks:
        fields = self.fields(node, "checks", required=("severities",))
        choose = lambda one: self.choice(one, "severities", ("error", "warning"))  # noqa: E731
        return Checks(severities=self._list(fields["severities"], "severities", choose))

    # --- To ----------------------------------------------------------------------------------------------------------

    def _to(self, node: yaml.Node) -> tuple[Channel, ...]:
        channels = tuple(self._channel(item) for item in self.one_or_more(node, "to"))
        places = [channel.place for channel in channels]
        if len(set(places)) < len(places):
            self.fail(node, f"{max(places, key=places.count)} stands twice in to", "name each channel once")
        return channels

    def _channel(self, node: yaml.Node) -> Channel:
        if isinstance(node, yaml.ScalarNode):
            self.choice(node, "a channel", ("log",))
            return Channel(kind="log")
        fields = self.fields(node, "a channel", optional=("webhook", "email", "apprise"))
        if len(fields) != 1:
            self.fail(node, "two channels stand together", "begin each with a dash of its own")
        [(kind, value)] = fields.items()
        read = cast("Callable[[yaml.Node], Channel]", getattr(self, f"_{kind}"))
        return read(value)

    def _webhook(self, node: yaml.Node) -> Channel:
        fields = self.fields(node, "webhook", required=("connection",), optional=("url", "internal"))
        internal = "internal" in fields and self.flag(fields["internal"], "internal")
        return Channel(
            kind="webhook",
            connection=self._connection(fields["connection"]),
            url=self._url(fields["url"], internal=internal) if "url" in fields else None,
            internal=internal,
        )

    def _url(self, node: yaml.Node, *, internal: bool) -> str:
        value = self.text(node, "url")
        if not value.startswith(("https://", "http://") if internal else "https://"):
            self.fail(
                node,
                f"url is {value[:100]!r}",
                "begin with https://; http:// is for a receiver of your own network, with `internal: true`",
            )
        return value

    def _email(self, node: yaml.Node) -> Channel:
        fields = self.fields(node, "email", required=("connection", "to"))
        return Channel(
            kind="email",
            connection=self._connection(fields["connection"]),
            to=self._list(fields["to"], "to", self._address),
        )

    def _apprise(self, node: yaml.Node) -> Channel:
        fields = self.fields(node, "apprise", required=("connection",))
        return Channel(kind="apprise", connection=self._connection(fields["connection"]))

    def _connection(self, node: yaml.Node) -> str:
        value = self.text(node, "connection")
        if not _CONNECTION.fullmatch(value):
            self.fail(
                node,
                f"connection {value[:50]!r} is no id of a connection",
                "name the connection that Airflow has it under",
            )
        return value

    def _address(self, node: yaml.Node) -> str:
        value = self.text(node, "an address")
        if not _ADDRESS.fullmatch(value):
            self.fail(node, f"{value[:100]!r} is no e-mail address", "write e.g. desk@example.org, one an item")
        return value

    # --- Values ------------------------------------------------------------------------------------------------------

    def _list(self, node: yaml.Node | None, what: str, read: Callable[[yaml.Node], str]) -> tuple[str, ...]:
        return () if node is None else tuple(read(item) for item in self.one_or_more(node, what))

    def _count(self, fields: dict[str, yaml.Node], name: str, default: int) -> int:
        return self.whole_number(fields[name], name) if name in fields else default

    def _number(
        self, fields: dict[str, yaml.Node], name: str, default: float, *, least: float = 0.0, most: float
    ) -> float:
        return self.number(fields[name], name, least=least, most=most) if name in fields else default

    def _topic(self, node: yaml.Node) -> str:
        value = self.text(node, "a topic")
        if self._known_topics is not None and value not in self._known_topics:
            close = difflib.get_close_matches(value, self._known_topics, n=1)
            self.fail(
                node,
                f"there is no topic {value!r}",
                f"do you mean {close[0]!r}?" if close else "name one that has a file in config/topics",
            )
        return value

    def _language(self, node: yaml.Node) -> str:
        value = self.text(node, "a language")
        if problem := language_problem(value):
            self.fail(node, *problem.rsplit("; ", 1))
        return value

    def _country(self, node: yaml.Node) -> str:
        value = self.text(node, "a country").upper()
        if value not in COUNTRIES:
            self.fail(node, f"{value!r} is no country", "write its two letters (ISO 3166): DE, UA")
        return value
