"""Overrule a tag.

Says that an article has a topic, or has it not. A person's word wins over the rules in every mart, outlives every release of
the topic, and is kept with who and when.

| | |
|---|---|
| **Runs** | when somebody triggers it, with the form |
| **Reads** | `news.articles`, `news.topics` |
| **Writes** | `news.topic_overrides` |
| **Leaves work for** | `publish_marts`: the day of the article |
| **Safe to run again** | always; the same word twice is one word more in its history |

From a terminal: `newswire topics override ARTICLE TOPIC yes --note "..."`. What people said otherwise than the rules:
`newswire topics suggest TOPIC`; `SELECT article_id, topic_id, applies, said_by, note FROM news.topic_overrides WHERE valid_to IS NULL;`

**When it fails**, the log says what is not there: the article or the topic. Trigger it again with another.
"""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import dag, task

from newswire.orchestration.assets import TOUCHED_DAYS
from newswire.orchestration.defaults import CONTROL, HOUSE, PATIENT, Counts
from newswire.orchestration.params.topics import overrule_params
from newswire.orchestration.tags import Tag


@dag(
    dag_display_name="News · overrule a tag",
    doc_md=__doc__,
    schedule=None,
    max_active_runs=16,
    params=overrule_params(),
    default_args={**PATIENT, **CONTROL, "execution_timeout": timedelta(minutes=5)},
    tags=[Tag.NEWS, Tag.REPLAY, Tag.FACTS, Tag.TIER_3],
    **HOUSE,
)
def overrule_tag() -> None:
    @task(task_display_name="Keep what a person says", outlets=[TOUCHED_DAYS])
    def overrule() -> Counts:
        """Store the word in place of what was said before."""
        from newswire.orchestration.tasks import overrule_tag as keep

        return keep()

    overrule()


overrule_tag()
