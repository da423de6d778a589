"""What the tasks do: each body of a DAG file is one call of a function here.

Imported inside the task, so that a DAG file parses without the library behind it. What is returned crosses XCom:
counts, never documents.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

from airflow.sdk import get_current_context
from airflow.sdk.exceptions import AirflowException, AirflowFailException, AirflowSkipException

from newswire import managing
from newswire.app import running
from newswire.core.proposals import as_markdown, in_lines, question
from newswire.errors import ConfigError
from newswire.orchestration.connections import channel_access, feed_credential, warehouse_dsn
from newswire.orchestration.defaults import Counts
from newswire.orchestration.params.past import ANY, REBUILD_STAGES
from newswire.records import Days, Rebuild, ReleaseOutcome, Stage, StepReport

log = logging.getLogger(__name__)


def drain(stage: Stage) -> Counts:
    """Work off a stage's queue, linger for more, and say what was done.

    A drain that found nothing ends as skipped, so that its outlets do not wake the stages behind it for nothing.
    """
    context = get_current_context()
    params = context["params"]
    with running(warehouse=warehouse_dsn(), credentials=cache(feed_credential), accesses=channel_access) as app:
        report = app.drain(stage, linger_s=params["linger_s"], cap_s=params["cap_s"])
    if not report.seen:
        raise AirflowSkipException(f"nothing was due in the queue of {stage}")
    return _told(context, report)


def rebuild(stage: Stage) -> Counts:
    """Run one stage again for the day of the run, unless the run begins with a later stage."""
    context = get_current_context()
    params = form_of(context)
    day = day_of(context["dag_run"].partition_key)
    if not belongs_to_rebuild(stage, from_stage=params["from_stage"], dry_run=params["dry_run"]):
        raise AirflowSkipException(f"{stage} is no part of this rebuild")
    wanted = Rebuild(
        stage=stage,
        day=day,
        topics=tuple(params["topics"]),
        publishers=tuple(params["publishers"]),
        feeds=tuple(params["feeds"]),
        languages=tuple(params["languages"]),
        limit=params["limit"],
        force=params["force"],
        dry_run=params["dry_run"],
    )
    with running(warehouse=warehouse_dsn()) as app:
        rebuilt = app.rebuild(wanted, asked_by=context["dag_run"].run_id)
    told = {"changed_subjects": rebuilt.changed_subjects, "changes": [asdict(change) for change in rebuilt.changes]}
    return Counts({**_told(context, rebuilt.report), **told})


def import_history() -> Counts:
    """Import what feeds and sites keep of the day of the run."""
    context = get_current_context()
    params = form_of(context)
    if params["warc"] and not (params["feeds"] or params["everything"]):
        raise AirflowSkipException("only WARC files were asked for")
    day = day_of(context["dag_run"].partition_key)
    with running(warehouse=warehouse_dsn()) as app:
        report = app.import_history(
            Days(since=day, until=day),
            feeds=params["feeds"],
            publishers=[] if params["warc"] else params["publishers"],
            everything=params["everything"],
            kinds=params["kinds"],
            most_documents=params["max_documents"],
            dry_run=params["dry_run"],
        )
    if not report.outcomes["feeds"]:
        raise AirflowSkipException(f"no feed was chosen, and none overflowed on {day}")
    return _finished(context, report)


def import_warc() -> Counts:
    """Import what WARC files hold of the day of the run."""
    context = get_current_context()
    params = form_of(context)
    if not params["warc"]:
        raise AirflowSkipException("no WARC files were asked for")
    day = day_of(context["dag_run"].partition_key)
    with running(warehouse=warehouse_dsn()) as app:
        report = app.import_warc(
            params["warc"],
            days=Days(since=day, until=day),
            publishers=params["publishers"],
            dry_run=params["dry_run"],
        )
    return _finished(context, report)


def show_topic_changes() -> list[dict[str, Any]]:
    """Find out what the topic files would change, release what is small, and return what a person has to decide."""
    context = get_current_context()
    with running(warehouse=warehouse_dsn()) as app:
        differences = app.propose_releases()
        for one in differences:
            log.info("%s", one.in_a_line())
        _told_of(context, app.release_small(differences))
    return [
        {
            "release_id": one.release.release_id,
            "subject": f"Release {one.in_a_line()}?",
            "body": one.as_markdown(),
        }
        for one in differences
        if one.needs_approval
    ]


def decide_topic_release(release_id: int, answer: Mapping[str, Any], *, approve: str) -> Counts:
    """Do what a person decided of a topic's new version."""
    context = get_current_context()
    with running(warehouse=warehouse_dsn()) as app:
        outcome = app.decide_release(
            release_id,
            approved=answer["chosen_options"] == [approve],
            decided_by=_name_of(answer) or "somebody",
            note=(answer.get("params_input") or {}).get("note"),
        )
    return _told_of(context, [outcome])


def overrule_tag() -> Counts:
    """Keep what a person says of an article and a topic."""
    context = get_current_context()
    params = context["params"]
    with running(warehouse=warehouse_dsn()) as app:
        app.say_of_topic(
            params["article"].strip(),
            params["topic"].strip(),
            applies={"yes": True, "no": False, "none": None}[params["verdict"]],
            said_by=getattr(context["dag_run"], "triggering_user_name", None) or "somebody",
            note=params["note"],
        )
    return _told(context, StepReport(seen=1, changed=1))


def propose_feeds(*, none_of_them: str) -> list[dict[str, Any]]:
    """Look for feeds where one seems to be missing, and return what a person has to decide: one question a site."""
    context = get_current_context()
    params = context["params"]
    with running(warehouse=warehouse_dsn()) as app:
        looked = managing.propose(
            app,
            params["sites"],
            reasons=params["reasons"],
            most=params["most_sites"],
            run_id=context["dag_run"].run_id,
            again=params["again"],
        )
    lines = [managing.shown(line) for one in looked for line in in_lines(one)]
    for line in lines:
        log.info("%s", line)
    context["ti"].xcom_push(
        key="told", value=lines or ["no publisher lacks a feed, or all were looked at within 30 days"]
    )
    return [
        {
            "proposal_ids": list(one.ids),
            "options": [*(feed.url for feed in one.feeds), none_of_them],
            "subject": question(one),
            "body": as_markdown(one),
        }
        for one in looked
        if one.feeds
    ]


def decide_proposals(proposal_ids: Sequence[int], answer: Mapping[str, Any], *, none_of_them: str) -> Counts:
    """Subscribe to the feeds that a person chose, and remember what was not chosen."""
    said = answer.get("params_input") or {}
    with running(warehouse=warehouse_dsn()) as app:
        report = app.decide_proposals(
            proposal_ids,
            chosen=[url for url in answer["chosen_options"] if url != none_of_them],
            groups=[said["group"]] if said.get("group") else [],
            decided_by=_name_of(answer),
            note=said.get("note"),
        )
    return _told(get_current_context(), report)


def manage_feeds() -> list[str]:
    """Do with feeds what the form says; what came of it, in lines. Fails without a retry where that is not what was wanted."""
    context = get_current_context()
    with running(warehouse=warehouse_dsn(), credentials=feed_credential) as app:
        told = managing.by_form(app, context["params"])
    lines = [*told.lines, *told.problems]
    for line in lines:
        log.info("%s", line)
    if not told.good:
        context["ti"].xcom_push(key="told", value=lines)
        raise AirflowFailException("; ".join(told.problems or told.lines[-1:]))
    return lines


def check_feeds() -> list[str]:
    """Say in words how feeds are; fail, without a retry, where more of them are in trouble than the form allows."""
    context = get_current_context()
    params = context["params"]
    with running(warehouse=warehouse_dsn()) as app:
        told = managing.trouble(app, most_percent=params["most_percent"], quiet_min=params["quiet_min"])
    for line in told.lines:
        log.info("%s", line)
    if not told.good:
        context["ti"].xcom_push(key="told", value=list(told.lines))
        raise AirflowFailException("; ".join(told.problems))
    return list(told.lines)


def subscribe_hubs() -> Counts:
    """Ask hubs for what is due; skipped where there was nothing to ask, or hubs cannot reach us."""
    with running(warehouse=warehouse_dsn()) as app:
        report = app.subscribe_hubs()
        reachable = app.settings.public_url is not None
    if not report.seen:
        why = "no hub is to be asked now" if reachable else "NEWSWIRE_PUBLIC_URL is not set: WebSub is off"
        raise AirflowSkipException(why)
    return Counts(report.as_dict())


def run_checks() -> Counts:
    """Ask every question of `sql/checks`, mend what can be mended, and fail, without a retry, where an answer is wrong."""
    context = get_current_context()
    with running(warehouse=warehouse_dsn()) as app:
        report = app.check()
        wrong = app.wrong_checks()
    context["ti"].xcom_push(key="told", value=[str(one) for one in wrong])
    if report.failed:
        context["ti"].xcom_push(key="report", value=report.as_dict())
        raise AirflowFailException(f"{report.failed} checks found something wrong: {_wrong(report.outcomes)}")
    return Counts(report.as_dict())


def recheck() -> Counts:
    """Ask for young articles again whose time has come."""
    with running(warehouse=warehouse_dsn()) as app:
        return Counts(app.recheck().as_dict())


def verify_archive() -> Counts:
    """Hold a sample of pages against their archived bytes; fail, without a retry, where one is not what its row says."""
    sample = get_current_context()["params"]["sample"]
    with running(warehouse=warehouse_dsn()) as app:
        verified = app.verify_archive(sample=sample)
    if verified.problems:
        raise AirflowFailException(f"{len(verified.problems)} of {verified.pages} pages: {verified.problems[0]}")
    return Counts({"pages": verified.pages})


def sweep_archive() -> Counts:
    """Remove archive files that belong to no page, or only count them."""
    dry_run = get_current_context()["params"]["dry_run"]
    with running(warehouse=warehouse_dsn()) as app:
        swept = app.sweep_archive(dry_run=dry_run)
    for path in swept.orphans:
        log.info("%s %s", "removed" if swept.removed else "would remove", path)
    return Counts({"files": swept.files, "orphans": len(swept.orphans), "removed": swept.removed})


def apply_retention() -> Counts:
    """Let go what the configuration does not keep, or only count it."""
    dry_run = get_current_context()["params"]["dry_run"]
    with running(warehouse=warehouse_dsn()) as app:
        gone = app.retain(dry_run=dry_run)
    return Counts({**asdict(gone), "months": list(gone.months), "dry_run": dry_run})


def replay_dead_letters() -> Counts:
    """Turn the dead letters that the form names back into work."""
    context = get_current_context()
    params = context["params"]
    since = _instant(params["since"]) if params["since"] else None
    cause = None if params["cause"] == ANY else params["cause"]
    with running(warehouse=warehouse_dsn()) as app:
        report = app.replay(params["stages"], cause=cause, since=since, dry_run=params["dry_run"])
    return _told(context, report)


def export() -> Counts:
    """Write what the form asks for into a file."""
    params = get_current_context()["params"]
    bounds = {name: date.fromisoformat(params[name]) if params[name] else None for name in ("since", "until")}
    with running(warehouse=warehouse_dsn()) as app:
        rows = app.export(params["kind"], params["name"], to=params["to"], format_=params["format"], **bounds)
    return Counts({"rows": rows, "to": params["to"]})


def _instant(text: str) -> datetime:
    """The field *Since*, whose form Airflow 3.3 does not check; UTC where nothing is said. Raises ConfigError."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ConfigError(f"Since: {text!r} is no time; give one such as 2026-11-25T08:00:00Z") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def day_of(partition_key: str | None) -> date:
    """The day that a run is about. Raises AirflowFailException for a run without one: a retry would not find it either."""
    try:
        return date.fromisoformat(partition_key or "")
    except ValueError:
        raise AirflowFailException(
            f"{partition_key!r} is no day; start this DAG with a partition key such as 2026-11-10, or as a backfill"
        ) from None


def form_of(context: Any) -> Mapping[str, Any]:
    """The parameters of a run by day. Raises AirflowFailException for a backfill without any.

    Airflow's backfill form shows the parameters but sends them only where *Override parameters on existing runs* is ticked
    (3.3; without it `dag_run_conf` is null): a dry run would write.
    """
    run = context["dag_run"]
    if run.run_type == "backfill" and not run.conf:
        raise AirflowFailException(
            "this backfill came without its parameters, so that nothing was done: create it again and tick 'Override parameters"
            " on existing runs', or the form is not sent; on the command line give --dag-run-conf, such as"
            " '{\"dry_run\": false}'"
        )
    return context["params"]  # type: ignore[no-any-return]


def belongs_to_rebuild(stage: Stage, *, from_stage: Stage, dry_run: bool) -> bool:
    """Whether a stage runs in a rebuild. A dry run of the facts changes nothing, so that there is nothing to publish."""
    if stage == "publish":
        return not dry_run or from_stage == "publish"
    return REBUILD_STAGES.index(stage) >= REBUILD_STAGES.index(from_stage)


def _finished(context: Any, report: StepReport) -> Counts:
    """The report of an import that came to its end. One that did not raises, so that a retry goes on where it was."""
    counts = _told(context, report)
    left = report.outcomes.get("not_finished", 0) + report.outcomes.get("throttled", 0)
    if left:
        context["ti"].xcom_push(key="report", value=report.as_dict())
        raise AirflowException(f"{left} walks are not finished; the next try goes on where they are")
    return counts


def _told(context: Any, report: StepReport) -> Counts:
    """The report as the task's result, its counts also on the asset events that the task is about to cause."""
    counts = Counts(report.as_dict())
    for asset in context["outlets"]:
        context["outlet_events"][asset].extra = counts
    return counts


def _told_of(context: Any, outcomes: Sequence[ReleaseOutcome]) -> Counts:
    """The same of releases: how many came out how, and how many articles they touch."""
    found = [one.outcome for one in outcomes]
    touched = sum(one.touched for one in outcomes)
    report = StepReport(
        seen=len(found), changed=touched, outcomes={name: found.count(name) for name in sorted(set(found))}
    )
    return _told(context, report)


def _name_of(answer: Mapping[str, Any]) -> str | None:
    """Who answered a question; None: nobody did, in time."""
    user = answer.get("responded_by_user") or {}
    return user.get("name") or user.get("id")


def _wrong(outcomes: Mapping[str, int]) -> str:
    return ", ".join(f"{name} ({rows} rows)" for name, rows in outcomes.items() if rows)
