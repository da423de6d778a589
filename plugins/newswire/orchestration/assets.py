"""The assets of Newswire, in the order of the flow. docs/architecture.md draws them; a test compares the two.

A *queue* is the work of one stage: one watcher wakes the one DAG that drains it. A *table* is what a stage leaves for
readers; DAGs of your own may be scheduled by it. Group and tag have a queue each although they read the same articles:
with one asset for both, a paused DAG's backlog would start the other every 20 seconds for nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow.sdk import Asset, AssetWatcher

from newswire.orchestration.triggers import FilesChanged, WorkDue

if TYPE_CHECKING:
    from newswire.records import Stage

_DATABASE = "postgres://warehouse/warehouse"  # a name for lineage, not an address: that is the connection's business


def _queue(name: str, stage: Stage) -> Asset:
    watcher = AssetWatcher(name=f"{stage}_work", trigger=WorkDue(stage=stage))
    return Asset(name=name, uri=f"{_DATABASE}/ops/work?stage={stage}", group="queues", watchers=[watcher])


def _table(name: str, table: str) -> Asset:
    return Asset(name=name, uri=f"{_DATABASE}/{table}", group="tables")


def _files(name: str, folder: str) -> Asset:
    watcher = AssetWatcher(name=name, trigger=FilesChanged(folder=folder))
    return Asset(name=name, uri=f"file://config/{folder}", group="files", watchers=[watcher])


FEEDS_DUE = _queue("feeds_due", "poll")
PUSHES = _queue("pushes", "push")
PAGE_REQUESTS = _queue("page_requests", "fetch")
PAGES = _queue("pages", "extract")
ARTICLES_TO_GROUP = _queue("articles_to_group", "group")
ARTICLES_TO_TAG = _queue("articles_to_tag", "tag")
TOUCHED_DAYS = _queue("touched_days", "publish")
ALERTS_TO_LOOK = _queue("alerts_to_look", "alert")
MESSAGES = _queue("messages", "send")

TOPIC_FILES = _files("topic_files", "topics")
ALERT_FILES = _files("alert_files", "alerts")

ENTRIES = _table("entries", "news/entries")
ARTICLES = _table("articles", "news/articles")
DUPLICATES = _table("duplicates", "news/duplicates")
ARTICLE_TOPICS = _table("article_topics", "news/article_topics")
MARTS = _table("marts", "mart/topic_daily")
ARTICLES_BY_DAY = _table(
    "articles_by_day", "news/articles?by=day"
)  # partitioned: its events carry the day as their key
