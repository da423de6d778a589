"""Group the articles that repeat each other.

Finds which articles are one piece of writing (the same text, nearly the same, or one inside the other), and which of them was
first. A copy is kept and linked to its original, never deleted; the result does not depend on the order of arrival.

| | |
|---|---|
| **Wakes up** | when an article's text is new or changed (`articles_to_group`) |
| **Reads** | `news.articles`, `news.article_versions`, `news.fingerprints` |
| **Writes** | `news.fingerprints`, `news.text_keys`, `news.duplicate_pairs`, `news.duplicates` |
| **Leaves work for** | `publish_marts`: the days whose numbers changed |
| **Safe to run again** | always |
| **For a past day** | `rebuild_day`, beginning with `group` |

**When it fails**, copies are counted as news of their own until it catches up; tagging goes on meanwhile.
* What failed for good: `SELECT * FROM mart.dead_letters WHERE stage = 'group';`
* Why two articles were linked: the reasons stand in `mart.duplicates`; `newswire compare A B` shows them test by test.
"""

from __future__ import annotations

from airflow.sdk import dag, task

from newswire.orchestration.assets import ARTICLES_TO_GROUP, DUPLICATES, TOUCHED_DAYS
from newswire.orchestration.defaults import CPU, DRAIN, DRAINS, HOUSE, Counts, done_within
from newswire.orchestration.params.drains import drain_params
from newswire.orchestration.tags import Tag


@dag(
    dag_display_name="News · group articles",
    doc_md=__doc__,
    schedule=[ARTICLES_TO_GROUP],
    max_active_runs=DRAINS,
    deadline=done_within(30),
    params=drain_params(),
    default_args=DRAIN | CPU,
    tags=[Tag.NEWS, Tag.LIVE, Tag.FACTS, Tag.TIER_2],
    **HOUSE,
)
def group_articles() -> None:
    @task(task_display_name="Group copies", outlets=[DUPLICATES, TOUCHED_DAYS])
    def group() -> Counts:
        """Group articles until none waits, then wait a little for more."""
        from newswire.orchestration.tasks import drain

        return drain("group")

    group()


group_articles()
