r"""Rebuild a day.

Makes the articles of one day again from what is stored: extract, group, tag, publish, in this order and each for the whole
day. Nothing is asked of the web. Every night yesterday is rebuilt; any other day or range of days is a **backfill**.

| | |
|---|---|
| **A run is** | one day (UTC), the partition key of the run: `2026-11-10` |
| **Reads** | the archive, the facts of that day, the topics of today |
| **Writes** | what the live stages write, for that day: `news.article_versions`, `news.duplicates`, `news.article_topics`, `mart.topic_daily` |
| **Leaves behind** | counts and the first changes, before and after, as each task's result and in `mart.rebuilds`; an event of `articles_by_day` with the day as its key, for DAGs of your own |
| **Safe to run again** | always: a second time it writes no row of `news` and `mart`; also beside the live DAGs, whose queues it does not touch |

**To rebuild days after a topic or the extractor changed**, use *Backfill* on this page, or
```
newswire airflow backfill create --dag-id rebuild_day --from-date 2026-11-01 --to-date 2026-11-10 \
  --reprocess-behavior completed --max-active-runs 2 --dag-run-conf '{"from_stage": "tag", "topics": ["rare-earths"]}'
```
* Tick *Override parameters on existing runs*: without it Airflow shows the form and does not send it. A backfill without
  parameters does nothing and says so.
* Choose *all runs* (`completed`) as reprocess behaviour: the default skips each day that has a run already, and every day
  got one in its night. The old runs stay beside the new ones, with the parameters they had.
* One backfill at a time: the next is refused with 409 until the first is marked complete, half a minute after its last run.
* However many runs a backfill may have at once, each stage works on two days (`NEWSWIRE_DAYS`), so that the live DAGs go on beside it.
* One day by hand: *Trigger* with the day as partition key. Try *dry run* first: each stage reports what it would change, seen
  from what is stored now, and writes nothing; `SELECT * FROM mart.rebuilds ORDER BY at DESC;` has it afterwards.
* The form narrows it: publishers, feeds, languages, topics, at most so many articles. *Even what is up to date* is off: a day
  that nothing has overtaken is looked at and left alone.

**When it fails**, it has been tried for at least 25 minutes; the stages before the failed one are done. Clear the failed task,
or start the day again.
"""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import TriggerRule, chain, dag, task

from newswire.orchestration.assets import ARTICLES_BY_DAY
from newswire.orchestration.defaults import CPU, DAYS, HOUSE, PAST, PATIENT, Counts
from newswire.orchestration.params.past import rebuild_params
from newswire.orchestration.tags import Tag
from newswire.orchestration.timetables import by_day


@dag(
    dag_display_name="News · rebuild a day",
    doc_md=__doc__,
    schedule=by_day(),
    max_active_runs=DAYS,
    params=rebuild_params(),
    # A stage left out is skipped, and the stages behind it run all the same.
    default_args={
        **PATIENT,
        **PAST,
        **CPU,
        "execution_timeout": timedelta(hours=4),
        "trigger_rule": TriggerRule.NONE_FAILED,
    },
    tags=[Tag.NEWS, Tag.REPLAY, Tag.FACTS, Tag.TIER_3],
    **HOUSE,
)
def rebuild_day() -> None:
    @task(task_display_name="Extract the day's pages again")
    def extract() -> Counts:
        """Read the archived pages of the day again."""
        from newswire.orchestration.tasks import rebuild

        return rebuild("extract")

    @task(task_display_name="Group the day's articles again")
    def group() -> Counts:
        """Find the copies among the articles of the day again."""
        from newswire.orchestration.tasks import rebuild

        return rebuild("group")

    @task(task_display_name="Tag the day's articles again")
    def tag() -> Counts:
        """Apply the topics of today to the articles of the day."""
        from newswire.orchestration.tasks import rebuild

        return rebuild("tag")

    @task(task_display_name="Publish the day", outlets=[ARTICLES_BY_DAY])
    def publish() -> Counts:
        """Make the rollups of the day again and say that it is done."""
        from newswire.orchestration.tasks import rebuild

        return rebuild("publish")

    chain(extract(), group(), tag(), publish())


rebuild_day()
