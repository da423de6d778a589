"""The one place that puts settings, web, archive, child process and warehouse together.

`running()` gives an `App`; what it does is the same whoever asks: a DAG's task, the command line, or a test.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import partial
from typing import Self

from newswire.archive import Archive
from newswire.core.articles import EXTRACTOR
from newswire.core.fingerprints import FINGERPRINT_VERSION
from newswire.core.polling import PollPolicy
from newswire.core.topics import ENGINE_VERSION
from newswire.errors import ConfigError
from newswire.records import Batch, Discovered, FeedLook, Stage, StepReport
from newswire.settings import Settings
from newswire.steps import discover, extract, feed_files, fetch, group, look, poll, publish, stories, tag, topic_files
from newswire.steps.asking import Asking
from newswire.steps.child import Child
from newswire.steps.draining import Batches, Drainer, drain
from newswire.steps.price import price
from newswire.steps.rebuild import REBUILDABLE, rebuild
from newswire.warehouse import addresses, articles, checks, marts, pages
from newswire.warehouse.connection import Conn, connect
from newswire.web.client import Web
from newswire.web.request import WebSettings

log = logging.getLogger(__name__)

_BATCH = {"extract": extract.BATCH, "group": group.BATCH, "tag": tag.BATCH, "publish": publish.BATCH}


@contextmanager
def running(*, warehouse: str | None = None) -> Iterator[App]:
    """An `App` with the settings of the environment; `warehouse` replaces the DSN. Closes what it opened."""
    with App(Settings.from_env(warehouse=warehouse)) as app:
        yield app


class App:
    """Newswire at work: drains queues, rebuilds days, asks the warehouse whether all adds up."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.archive = Archive(settings.archive)
        self._opened = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._opened.close()

    def connect(self, name: str) -> Conn:
        """A connection to the warehouse, closed with the app."""
        return self._opened.enter_context(connect(self.settings.warehouse, name=name))

    def drain(self, stage: Stage, *, linger_s: float | None = None, cap_s: float | None = None) -> StepReport:
        """Work on the queue of a stage until it has been quiet for a while (None: as the settings say)."""
        conn = self.connect(f"drain {stage}")
        return drain(
            self._drainer(stage, conn),
            conn,
            linger_s=self.settings.linger_s if linger_s is None else linger_s,
            cap_s=self.settings.cap_s if cap_s is None else cap_s,
            stopping=self.settings.is_stopping,
        )

    def rebuild_stage(
        self,
        stage: Stage,
        day: date,
        *,
        topics: Sequence[str] = (),
        sources: Sequence[str] = (),
        force: bool = True,
        dry_run: bool = False,
    ) -> StepReport:
        """Run one stage again for a day, from what is stored.

        `topics` and `sources` (domains of publishers) narrow it, empty means all; without `force` only what another
        version of code or rules made is touched. Raises ConfigError for a stage that has no past.
        """
        if stage not in REBUILDABLE:
            raise ConfigError(f"{stage} has no past to rebuild; choose from {', '.join(REBUILDABLE)}")
        conn = self.connect(f"rebuild {stage} {day}")
        by = self._definitions(conn, topics) if stage == "tag" else None
        keys = _keys(conn, stage, day, by, domains=sources, force=force)
        return rebuild(conn, stage, keys, self._step(stage, by), dry_run=dry_run)

    def check(self) -> StepReport:
        """Ask every question of `sql/checks/`, and do the housekeeping that keeps the answers good.

        `outcomes` has the rows that each check found; `failed` counts the checks of severity error that found some.
        """
        conn = self.connect("check")
        pages.make_months(conn)
        stories.close(conn, datetime.now(UTC))
        asked = checks.all_checks()
        findings = checks.ask(conn, asked)
        for finding in findings:
            log.log(logging.ERROR if finding.check.severity == "error" else logging.WARNING, "%s", finding)
        failed = sum(finding.check.severity == "error" for finding in findings)
        return StepReport(
            seen=len(asked),
            unchanged=len(asked) - len(findings),
            changed=len(findings) - failed,
            failed=failed,
            outcomes={finding.check.name: finding.rows for finding in findings},
        )

    def look_at(self, *urls: str) -> list[FeedLook]:
        """What these addresses give as feeds right now; nothing is written."""
        return look.look_at_all(self._eyes(), urls)

    def discover(self, site: str, *, everywhere: bool = False) -> Discovered:
        """The feeds of a site, best first; nothing is written. Raises ConfigError where the site cannot be read."""
        return discover.discover(self._eyes(), site, everywhere=everywhere)

    def subscribe_new(self) -> feed_files.Imported:
        """Subscribe to what is new in `config/feeds.opml`. Raises ConfigError naming line and mend."""
        conn = self.connect("feeds of the configuration")
        return feed_files.subscribe_new(conn, self.settings.config, interval_s=self.first_interval_s)

    @property
    def first_interval_s(self) -> int:
        """Seconds between the polls of a new feed."""
        return round(self.settings.poll_default_s)

    def _eyes(self) -> look.Eyes:
        child = self._child("newswire.core.feeds")
        return look.Eyes(
            web=self._web(), child=child, interval_s=self.first_interval_s, cap_s=round(self.settings.poll_cap_s)
        )

    def _drainer(self, stage: Stage, conn: Conn) -> Drainer:
        match stage:
            case "poll":
                child = self._child("newswire.core.feeds")
                polling = poll.PollFeeds(
                    child,
                    self._policy(conn),
                    per_host=self.settings.per_host,
                    host_gap_s=self.settings.host_gap_s,
                )
                return Asking(polling, conn, self._web())
            case "fetch":
                step = fetch.FetchPages(
                    self.archive, per_host=self.settings.per_host, host_gap_s=self.settings.host_gap_s
                )
                return Asking(step, conn, self._web())
            case _:
                by = self._definitions(conn) if stage == "tag" else None
                return Batches(stage, conn, self._step(stage, by), limit=_BATCH[stage])

    def _step(self, stage: Stage, by: tag.Definitions | None) -> Callable[[Conn, Batch], StepReport]:
        """The step of a stage that works on batches, with all it needs besides connection and keys."""
        delay = self.settings.publish_delay_s
        match stage:
            case "extract":
                child = self._child("newswire.core.articles")
                return partial(extract.extract, archive=self.archive, child=child, publish_delay_s=delay)
            case "group":
                return partial(group.group, publish_delay_s=delay)
            case "tag":
                assert by is not None
                return partial(tag.tag, by=by, publish_delay_s=delay)
            case _:
                return publish.publish

    def _definitions(self, conn: Conn, only: Sequence[str] = ()) -> tag.Definitions:
        topic_files.bring_up_to_date(conn, self.settings.config / "topics")
        return tag.definitions(conn, only=only)

    def _web(self) -> Web:
        settings = WebSettings(host_gap_s=self.settings.host_gap_s, connect_to=self.settings.newsroom)
        if self.settings.user_agent:
            settings = replace(settings, user_agent=self.settings.user_agent)
        return self._opened.enter_context(Web(settings))

    def _child(self, *warm: str) -> Child:
        child = self._opened.enter_context(Child())
        child.warm(*warm)
        return child

    def _policy(self, conn: Conn) -> PollPolicy:
        return PollPolicy(
            floor_s=round(self.settings.poll_floor_s),
            cap_s=round(self.settings.poll_cap_s),
            price=price(conn, polls_per_minute=self.settings.polls_per_minute),
        )


def _keys(
    conn: Conn, stage: Stage, day: date, by: tag.Definitions | None, *, domains: Sequence[str], force: bool
) -> list[int]:
    """What a rebuild of a day works on."""
    match stage:
        case "extract":
            return addresses.of_day(conn, day, domains=domains, force=force, extractor=EXTRACTOR)
        case "group":
            return articles.to_group(conn, day, domains=domains, force=force, fingerprint_version=FINGERPRINT_VERSION)
        case "tag":
            assert by is not None
            return articles.to_tag(
                conn,
                day,
                domains=domains,
                force=force or not by.whole,  # of a selection of topics it is not known which version looked
                definitions_sha256=by.sha256,
                engine=ENGINE_VERSION,
            )
        case _:
            return [marts.day_key(day)]
