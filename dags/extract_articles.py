"""Extract articles from pages.

Reads title, text, authors, date and language out of each archived page, in a process that can be killed: a page is
hostile until it has been read. Where no page can be had, the entry's own text makes the article.

| | |
|---|---|
| **Wakes up** | when a page waits to be read (`pages`) |
| **Reads** | the archive, `news.pages`, `news.entries` |
| **Writes** | `news.articles`, `news.article_versions`, canonical addresses in `news.addresses` |
| **Leaves work for** | `group_articles` and `tag_articles`: articles whose text is new or changed |
| **Safe to run again** | always. The same text again makes no version |
| **For a past day** | `rebuild_day`, beginning with `extract` |

**When it fails**, news is late; the pages are safe in the archive.
* A page without an article (a gallery, a login) is an outcome with its reason, not a failure.
* A page that kills its reader is tried again alone, then kept as a dead letter:
  `SELECT * FROM mart.dead_letters WHERE stage = 'extract';`
* After the extractor was mended: start `rebuild_day` for the days in question.
"""

from __future__ import annotations

from airflow.sdk import dag, task

from newswire.orchestration.assets import ARTICLES, ARTICLES_TO_GROUP, ARTICLES_TO_TAG, PAGES
from newswire.orchestration.defaults import CPU, DRAIN, DRAINS, HOUSE, Counts, done_within
from newswire.orchestration.params.drains import drain_params
from newswire.orchestration.tags import Tag


@dag(
    dag_display_name="News · extract articles",
    doc_md=__doc__,
    schedule=[PAGES],
    max_active_runs=DRAINS,
    deadline=done_within(30),
    params=drain_params(),
    default_args=DRAIN | CPU,
    tags=[Tag.NEWS, Tag.LIVE, Tag.FACTS, Tag.TIER_2],
    **HOUSE,
)
def extract_articles() -> None:
    @task(task_display_name="Extract articles", outlets=[ARTICLES, ARTICLES_TO_GROUP, ARTICLES_TO_TAG])
    def extract() -> Counts:
        """Read pages until none waits, then wait a little for more."""
        from newswire.orchestration.tasks import drain

        return drain("extract")

    extract()


extract_articles()
