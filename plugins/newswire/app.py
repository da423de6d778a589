"""Newswire as verbs: what can be done, in one line each; `equipment.py` holds what it is done with.

`running()` gives an `App`; what it does is the same whoever asks: a DAG's task, the command line, or a test.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from functools import partial

from newswire import warc_files
from newswire.core.alerts import Alert
from newswire.core.captures import Wanted
from newswire.core.topics.explaining import Explanation as TopicExplanation
from newswire.core.topics.releasing import Difference
from newswire.equipment import Equipment
from newswire.records import (
    DEAD_STAGES,
    HISTORY_KINDS,
    SITE_REASONS,
    STAGES,
    ArticleText,
    Days,
    DeadStage,
    Discovered,
    Erased,
    Erasure,
    Explanation,
    FeedLook,
    HistoryKind,
    Notice,
    Page,
    Proposed,
    Rebuild,
    Rebuilt,
    ReleaseOutcome,
    Retained,
    SiteReason,
    SiteToLook,
    Stage,
    StepReport,
    Swept,
    Verified,
    WrongCheck,
)
from newswire.settings import Settings, access_in, credential_in
from newswire.steps import (
    alert,
    alert_files,
    archive_care,
    check,
    discover,
    erase,
    explain,
    export,
    feed_files,
    hubs,
    import_history,
    import_warc,
    look,
    override,
    propose,
    reading,
    rebuild,
    release,
    retain,
    send,
    whose_past,
)
from newswire.steps.draining import drain
from newswire.steps.recheck import recheck
from newswire.steps.send import Accesses
from newswire.steps.signing import Credentials
from newswire.warehouse import (
    checks,
    dead_letters,
    rebuilds,
    topics,
)
from newswire.warehouse.exports import Source

_RELEASE_TIMEOUT = "10min"  # one statement asks for every article that a release touches

# One statement looks at every address, and the matchers' turn may be a while in coming.
_PATIENCE = {"statement_timeout": "10min", "lock_timeout": "60s"}


@contextmanager
def running(
    *, warehouse: str | None = None, credentials: Credentials | None = None, accesses: Accesses | None = None
) -> Iterator[App]:
    """An `App` with the settings of the environment; closes what it opened.

    `warehouse` replaces the DSN; `credentials` knows the connections of feeds, `accesses` those of alert channels (None:
    the environment, `AIRFLOW_CONN_*`).
    """
    with App(
        Settings.from_env(warehouse=warehouse),
        credentials or partial(credential_in, os.environ),
        accesses or partial(access_in, os.environ),
    ) as app:
        yield app


class App(Equipment):
    """Newswire at work: drains queues, rebuilds days, asks the warehouse whether all adds up."""

    def drain(self, stage: Stage, *, linger_s: float | None = None, cap_s: float | None = None) -> StepReport:
        """Work on the queue of a stage until it has been quiet for a while (None: as the settings say)."""
        conn = self.connect(f"drain {stage}")
        return drain(
            self.drainer(stage, conn),
            conn,
            linger_s=self.settings.linger_s if linger_s is None else linger_s,
            cap_s=self.settings.cap_s if cap_s is None else cap_s,
            stopping=self.settings.is_stopping,
        )

    def import_history(
        self,
        days: Days,
        *,
        feeds: Sequence[str] = (),
        publishers: Sequence[str] = (),
        everything: bool = False,
        kinds: Sequence[HistoryKind] = HISTORY_KINDS,
        most_documents: int = 200,
        dry_run: bool = False,
    ) -> StepReport:
        """Take the entries of past days from the archives of feeds and sites, and ask for their pages as bulk work.

        Of these feeds and of those of these publishers (domains), or of `everything`; where nothing is said, of the feeds
        that overflowed on these days. Raises ConfigError for days that are not over, and for a feed that nobody subscribed to.
        """
        conn = self.connect(f"history {days}")
        chosen = whose_past.feeds(conn, days, urls=feeds, publishers=publishers, everything=everything)
        wanted = import_history.Import(
            days=days,
            kinds=frozenset(kinds),
            most_documents=most_documents,
            gap_s=self.settings.history_gap_s,
            dry_run=dry_run,
        )
        child = self.child("newswire.core.history")
        return import_history.import_history(
            conn, chosen, wanted, web=self.web(), child=child, stopping=self.settings.is_stopping
        )

    def import_warc(
        self,
        address: str,
        *,
        days: Days | None = None,
        publishers: Sequence[str] = (),
        again: bool = False,
        dry_run: bool = False,
    ) -> StepReport:
        """Import the pages of WARC files in a folder, at an fsspec address, or one file; captures of these days (None: all)."""
        return import_warc.import_warc(
            self.connect("import WARC"),
            warc_files.find(address),
            Wanted(days=days, domains=frozenset(publishers)),
            archive=self.archive,
            again=again,
            dry_run=dry_run,
            stopping=self.settings.is_stopping,
        )

    def subscribe_hubs(self) -> StepReport:
        """Ask the hubs that feeds name to push them, as far as hubs can reach us (NEWSWIRE_PUBLIC_URL)."""
        return hubs.subscribe(self.connect("subscribe hubs"), self.web(), public_url=self.settings.public_url)

    def rebuild(self, wanted: Rebuild, *, asked_by: str = "command line") -> Rebuilt:
        """Run one stage again for a day, from what is stored, and log what that came to.

        Raises ConfigError for a stage that has no past, and for what is to narrow it and is not there.
        """
        rebuild.refuse_no_past(wanted.stage)
        conn = self.connect(f"rebuild {wanted.stage} {wanted.day}")
        by = self.tagger(conn, wanted.topics) if wanted.stage == "tag" else None
        rebuild.refuse_unknown(conn, wanted)
        keys = rebuild.keys(conn, wanted, by)
        rebuilt = rebuild.rebuild(conn, wanted.stage, keys, self.step(wanted.stage, by), dry_run=wanted.dry_run)
        rebuilds.record(conn, wanted, rebuilt, asked_by=asked_by)
        return rebuilt

    def check(self, *, whole: bool = False) -> StepReport:
        """Ask the questions of `sql/checks/` whose time has come (`whole`: all), and do the housekeeping that keeps the
        answers good.

        `outcomes` has the rows that each check found; `failed` counts the checks of severity error that found some.
        """
        conn = self.connect("check")
        checks.know(conn, late_s=self.settings.late_s, setting_problems=self.settings.problems)
        return check.check(conn, self.archive, whole=whole, now=datetime.now(UTC))

    def wrong_checks(self) -> list[WrongCheck]:
        """The checks that found something when they were last asked."""
        return checks.wrong(self.connect("wrong checks"))

    def recheck(self) -> StepReport:
        """Ask for young articles again whose time has come; `seen` says how many."""
        return recheck(
            self.connect("recheck"),
            per_minute=self.settings.rechecks_per_minute,
            every_min=self.settings.recheck_every_min,
        )

    def explain_page(self, url: str, *, article_id: int | None = None) -> Explanation | None:
        """What a page reads as and why: of the archive where the article is known, else as it is now.

        None for an article that was made from its entry. Raises ConfigError where there is no page.
        """
        if article_id is None:
            page: Page | None = reading.asked(self.web(), url)
        else:
            page = reading.archived(self.connect("explain"), self.archive, article_id)
        return reading.explain(self.child("newswire.core.articles.explain"), page) if page else None

    def verify_archive(self, *, sample: int | None = None) -> Verified:
        """Hold the bytes of every page (or of so many, by chance) against what its row says."""
        return archive_care.verify(self.connect("verify"), self.archive, sample=sample)

    def sweep_archive(self, *, dry_run: bool) -> Swept:
        """Remove archive files that no page points to, or only name them."""
        return archive_care.sweep(self.connect("sweep"), self.archive, now=datetime.now(UTC), dry_run=dry_run)

    def erase(self, erasure: Erasure, *, dry_run: bool) -> Erased:
        """Erase texts, entries and archived bytes for good, and keep them from coming back; or only count them.

        Raises ConfigError where there is nothing to erase.
        """
        return erase.erase(self.connect("erase", **_PATIENCE), self.archive, erasure, dry_run=dry_run)

    def retain(self, *, dry_run: bool) -> Retained:
        """Let go what `config/retention.yaml` does not keep, or only count it. Raises ConfigError naming line and mend."""
        wanted = retain.rules(self.settings.config)
        return retain.retain(self.connect("retention", **_PATIENCE), self.archive, wanted, dry_run=dry_run)

    def replay(
        self,
        stages: Sequence[DeadStage] = (),
        *,
        cause: str | None = None,
        since: datetime | None = None,
        dry_run: bool = False,
    ) -> StepReport:
        """Turn dead letters back into work: of these stages (none: all), this cause, since an instant (None: any).

        Records of WARC files, which wait in no queue, are read again at once.
        """
        conn, chosen = self.connect("replay"), stages or DEAD_STAGES
        queued = [stage for stage in STAGES if stage in chosen]
        report = dead_letters.replay(conn, queued, cause=cause, since=since, dry_run=dry_run)
        if "import" in chosen:
            report += import_warc.replay(conn, archive=self.archive, cause=cause, since=since, dry_run=dry_run)
        return report

    def offer_alerts(self) -> list[str]:
        """Put the good files of `config/alerts` in force; returns what is wrong with the others."""
        return alert_files.offer_all(self.connect("alert files"), self.settings.config)

    def preview_alert(self, wanted: Alert, *, days: int) -> list[Notice]:
        """What an alert would have told of the last days; nothing is written or sent."""
        return alert.preview(self.connect("alert preview"), wanted, days=days, now=datetime.now(UTC))

    def try_channels(self, wanted: Alert, notices: Sequence[Notice]) -> list[tuple[str, str]]:
        """Send one message of these notices to each channel now, outside the log; returns each channel's answer."""
        return send.try_channels(wanted, notices, self.channels(), now=datetime.now(UTC))

    def export(
        self, kind: str, name: str, *, to: str, format_: str, since: date | None = None, until: date | None = None
    ) -> int:
        """Write a mart, an example or a search into a file; returns the number of rows.

        Raises ConfigError for what is not there.
        """
        source = Source(kind=kind, name=name, since=since, until=until)
        return export.export(self.connect("export"), source, to=to, format_=format_)

    def look_at(self, *urls: str, connections: Mapping[str, str] = look.NO_CONNECTIONS) -> list[FeedLook]:
        """What these addresses give as feeds right now, those in `connections` with its credential; nothing is written."""
        return look.look_at_all(self.eyes(), urls, connections)

    def discover(self, site: str, *, everywhere: bool = False) -> Discovered:
        """The feeds of a site, best first; nothing is written. Raises ConfigError where the site cannot be read."""
        return discover.discover(self.eyes(), site, everywhere=everywhere)

    def propose_feeds(
        self,
        sites: Sequence[SiteToLook] = (),
        *,
        reasons: Sequence[SiteReason] = SITE_REASONS,
        most: int,
        run_id: str,
        again: bool = False,
    ) -> list[Proposed]:
        """Look for feeds of these sites (none: where one seems to be missing, for these reasons), for a person to decide about."""
        wanted = propose.Search(sites=tuple(sites), reasons=tuple(reasons), most=most, run_id=run_id, again=again)
        return propose.propose(self.connect("propose feeds"), self.eyes(), wanted)

    def decide_proposals(
        self,
        proposal_ids: Sequence[int],
        *,
        chosen: Sequence[str],
        groups: Sequence[str] = (),
        decided_by: str | None,
        note: str | None,
    ) -> StepReport:
        """Subscribe to the chosen ones of these proposals and remember the others; `decided_by` None: nobody answered."""
        return propose.decide(
            self.connect("decide proposals"),
            proposal_ids,
            chosen=chosen,
            groups=groups,
            decided_by=decided_by,
            note=note,
            interval_s=self.first_interval_s,
        )

    def subscribe_new(self) -> feed_files.Imported:
        """Subscribe to what is new in `config/feeds.opml`. Raises ConfigError naming line and mend."""
        conn = self.connect("feeds of the configuration")
        return feed_files.subscribe_new(conn, self.settings.config, interval_s=self.first_interval_s)

    def propose_releases(self, *, again: bool = False) -> list[Difference]:
        """What the topic files would change of what is in force; `again` proposes also what was rejected before."""
        return release.propose(
            self.connect("topic files", statement_timeout=_RELEASE_TIMEOUT), self.topic_folder, again=again
        )

    def release_small(self, differences: Sequence[Difference]) -> list[ReleaseOutcome]:
        """Put in force what needs nobody's approval."""
        return release.release_small(self.connect("release topics", statement_timeout=_RELEASE_TIMEOUT), differences)

    def decide_release(self, release_id: int, *, approved: bool, decided_by: str, note: str | None) -> ReleaseOutcome:
        """Put a version in force and have the touched articles tagged again, or leave the version before."""
        conn = self.connect("release topics", statement_timeout=_RELEASE_TIMEOUT)
        return release.decide_by_id(conn, release_id, approved=approved, decided_by=decided_by, note=note)

    def say_of_topic(self, article: str, topic: str, *, applies: bool | None, said_by: str, note: str | None) -> None:
        """A person's word on an article (its number or an address) and a topic; it wins over the rules. None takes it back.

        Raises ConfigError naming what is not there.
        """
        override.say(
            self.connect("override"),
            article,
            topic,
            applies=applies,
            said_by=said_by,
            note=note,
            publish_delay_s=self.settings.publish_delay_s,
        )

    def topic_problems(self) -> list[str]:
        """What is wrong with topic files, each `file:line: problem; mend`."""
        return [one.problem for one in topics.problems(self.connect("topic files"))]

    def explain_topics(
        self, article: str, *, topics: Sequence[str] = ()
    ) -> tuple[ArticleText, tuple[TopicExplanation, ...]]:
        """What the topics find in an article (its number or an address). Raises ConfigError where there is none."""
        return explain.explain(self.connect("explain"), article, only=topics)

    def suggest_terms(self, topic: str) -> explain.Suggested:
        """What a topic might lack. Raises ConfigError for an unknown one."""
        return explain.suggest(self.connect("suggest"), topic)
