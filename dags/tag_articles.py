"""Tag articles with topics.

Applies every topic in force to each article and keeps, with each tag, the sentences that prove it.

| | |
|---|---|
| **Wakes up** | when an article's text is new or changed, or a released topic touches it (`articles_to_tag`) |
| **Reads** | `news.articles`, `news.article_versions`, `news.topics`, `news.topic_versions` |
| **Writes** | `news.article_topics`, `news.article_topic_history`, `news.article_taggings` |
| **Leaves work for** | `publish_marts`: the days whose numbers changed |
| **Safe to run again** | always. The same topics on the same text change nothing |
| **For a past day** | `rebuild_day`, beginning with `tag` |

**When it fails**, articles stay without tags until it catches up.
* A changed topic is not applied: it waits for its release, see `release_topics`.
* What failed for good: `SELECT * FROM mart.dead_letters WHERE stage = 'tag';`
* Why an article has a tag: the sentence stands in `mart.article_topics`, every span in `mart.topic_why`.
"""

from __future__ import annotations

from airflow.sdk import dag, task

from newswire.orchestration.assets import ARTICLE_TOPICS, ARTICLES_TO_TAG, TOUCHED_DAYS
from newswire.orchestration.defaults import CPU, DRAIN, DRAINS, HOUSE, Counts, done_within
from newswire.orchestration.params.drains import drain_params
from newswire.orchestration.tags import Tag


@dag(
    dag_display_name="News · tag articles",
    doc_md=__doc__,
    schedule=[ARTICLES_TO_TAG],
    max_active_runs=DRAINS,
    deadline=done_within(30),
    params=drain_params(),
    default_args=DRAIN | CPU,
    tags=[Tag.NEWS, Tag.LIVE, Tag.FACTS, Tag.TIER_2],
    **HOUSE,
)
def tag_articles() -> None:
    @task(task_display_name="Tag with topics", outlets=[ARTICLE_TOPICS, TOUCHED_DAYS])
    def tag() -> Counts:
        """Tag articles until none waits, then wait a little for more."""
        from newswire.orchestration.tasks import drain

        return drain("tag")

    tag()


tag_articles()
