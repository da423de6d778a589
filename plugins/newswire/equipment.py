"""What the verbs of `App` work with, opened once and closed together: connections, web, archive, child processes, steps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Self

from newswire.archive import Archive
from newswire.core.polling import PollPolicy
from newswire.records import Batch, Stage, StepReport
from newswire.settings import Settings
from newswire.steps import alert, alert_files, extract, fetch, group, look, poll, publish, push, release, send, tag
from newswire.steps.asking import Asking
from newswire.steps.child import Child
from newswire.steps.draining import Batches, Drainer
from newswire.steps.price import price
from newswire.steps.send import Accesses, Channels, no_accesses
from newswire.steps.signing import Credentials, no_credentials
from newswire.warehouse.connection import Conn, connect
from newswire.warehouse.robots import SharedRobots
from newswire.web.client import Web
from newswire.web.request import WebSettings

_BATCH = {
    "push": push.BATCH,
    "extract": extract.BATCH,
    "group": group.BATCH,
    "tag": tag.BATCH,
    "publish": publish.BATCH,
    "alert": alert.BATCH,
    "send": send.BATCH,
}


class Equipment:
    """Settings made into things that work; whatever was opened is closed at the end."""

    def __init__(
        self, settings: Settings, credentials: Credentials = no_credentials, accesses: Accesses = no_accesses
    ) -> None:
        self.settings = settings
        self._credentials = credentials
        self._accesses = accesses
        self.archive = Archive(settings.archive)
        self._opened = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._opened.close()

    def connect(self, name: str, **session: str) -> Conn:
        """A connection to the warehouse, closed with the app; `session` overrides single limits."""
        return self._opened.enter_context(connect(self.settings.warehouse, name=name, **session))

    @property
    def topic_folder(self) -> Path:
        """Where the topic files are."""
        return self.settings.config / "topics"

    @property
    def first_interval_s(self) -> int:
        """Seconds between the polls of a new feed."""
        return round(self.settings.poll_default_s)

    def eyes(self) -> look.Eyes:
        """What looks at feeds without writing."""
        child = self.child("newswire.core.feeds")
        return look.Eyes(
            web=self.web(),
            child=child,
            interval_s=self.first_interval_s,
            cap_s=round(self.settings.poll_cap_s),
            credentials=self._credentials,
        )

    def drainer(self, stage: Stage, conn: Conn) -> Drainer:
        """What works on the queue of a stage."""
        match stage:
            case "poll":
                return Asking(self._polling(conn), conn, self.web())
            case "fetch":
                return Asking(self._fetching(), conn, self.web())
            case "send":
                step = partial(send.send, channels=self.channels())
                return Batches(stage, conn, step, limit=_BATCH[stage], per_lane=1)
            case "alert":
                alert_files.offer_all(conn, self.settings.config)
                return Batches(stage, conn, alert.look, limit=_BATCH[stage])
            case _:
                by = self.tagger(conn) if stage == "tag" else None
                return Batches(stage, conn, self.step(stage, by), limit=_BATCH[stage])

    def step(self, stage: Stage, by: tag.Tagger | None) -> Callable[[Conn, Batch], StepReport]:
        """The step of a stage that works on batches, with all it needs besides connection and keys."""
        delay = self.settings.publish_delay_s
        match stage:
            case "push":
                return partial(push.take, child=self.child("newswire.core.feeds"))
            case "extract":
                child = self.child("newswire.core.articles")
                return partial(extract.extract, archive=self.archive, child=child, publish_delay_s=delay)
            case "group":
                return partial(group.group, publish_delay_s=delay)
            case "tag":
                assert by is not None
                return partial(by.tag, publish_delay_s=delay)
            case _:
                return publish.publish

    def _polling(self, conn: Conn) -> poll.PollFeeds:
        return poll.PollFeeds(
            self.child("newswire.core.feeds"),
            self._policy(conn),
            per_host=self.settings.per_host,
            host_gap_s=self.settings.host_gap_s,
            credentials=self._credentials,
        )

    def _fetching(self) -> fetch.FetchPages:
        return fetch.FetchPages(
            self.archive,
            per_host=self.settings.per_host,
            host_gap_s=self.settings.host_gap_s,
            bulk_gap_s=self.settings.history_gap_s,
        )

    def tagger(self, conn: Conn, only: Sequence[str] = ()) -> tag.Tagger:
        """What tags with these topics (empty: with all); the first one ever puts the topic files in force."""
        release.begin(conn, self.topic_folder)
        return tag.Tagger(conn, only=only)

    def web(self) -> Web:
        """What asks for documents, by the settings and the robots.txt that all workers share."""
        settings = WebSettings(host_gap_s=self.settings.host_gap_s, connect_to=self.settings.newsroom)
        if self.settings.user_agent:
            settings = replace(settings, user_agent=self.settings.user_agent)
        return self._opened.enter_context(Web(settings, robots=SharedRobots(partial(self.connect, "robots"))))

    def channels(self) -> Channels:
        """The ways out for alerts: receivers are the operator's own, so they are asked without a distance."""
        settings = WebSettings(host_gap_s=0, connect_to=self.settings.newsroom)
        return Channels(
            web=self._opened.enter_context(Web(settings)),
            internal_web=self._opened.enter_context(Web(WebSettings(host_gap_s=0, internal=True))),
            accesses=self._accesses,
        )

    def child(self, *warm: str) -> Child:
        """The process that reads what may hang or crash, with these modules imported beforehand."""
        child = self._opened.enter_context(Child())
        child.warm(*warm)
        return child

    def _policy(self, conn: Conn) -> PollPolicy:
        return PollPolicy(
            floor_s=round(self.settings.poll_floor_s),
            cap_s=round(self.settings.poll_cap_s),
            price=price(conn, polls_per_minute=self.settings.polls_per_minute),
        )
