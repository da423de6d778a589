"""Publish the marts of touched days.

Makes the rollups of every day on which an article, a copy or a tag changed. Most marts are views and need nothing.

| | |
|---|---|
| **Wakes up** | a few seconds after the first change of a day (`touched_days`) |
| **Reads** | the facts in the schema `news` |
| **Writes** | `mart.topic_daily`, one day at a time, each day whole |
| **Leaves work for** | nobody: this is the end of the flow |
| **Safe to run again** | always. A day is made from its facts, never added up |
| **For a past day** | `rebuild_day` publishes the days that it rebuilds |

**When it fails**, daily numbers lag behind the articles; `mart.articles` and the other views are right all the same.
* What failed for good: `SELECT * FROM mart.dead_letters WHERE stage = 'publish';`
* A day looks wrong: start `rebuild_day` for it; `check_warehouse` compares marts with facts.
"""

from __future__ import annotations

from airflow.sdk import dag, task

from newswire.orchestration.assets import MARTS, TOUCHED_DAYS
from newswire.orchestration.defaults import CONTROL, DRAIN, HOUSE, Counts, done_within
from newswire.orchestration.params.drains import drain_params
from newswire.orchestration.tags import Tag


@dag(
    dag_display_name="News · publish marts",
    doc_md=__doc__,
    schedule=[TOUCHED_DAYS],
    max_active_runs=1,  # a day is made by one run at a time
    deadline=done_within(30),
    params=drain_params(),
    default_args=DRAIN | CONTROL,
    tags=[Tag.NEWS, Tag.LIVE, Tag.MARTS, Tag.TIER_3],
    **HOUSE,
)
def publish_marts() -> None:
    @task(task_display_name="Publish touched days", outlets=[MARTS])
    def publish() -> Counts:
        """Publish days until none is touched, then wait a little for more."""
        from newswire.orchestration.tasks import drain

        return drain("publish")

    publish()


publish_marts()
