"""Exports: what, and where to."""

from __future__ import annotations

from airflow.sdk import Param

from newswire.orchestration.params.fields import FIRST


def export_params() -> dict[str, Param]:
    """What to export, and where to."""
    return {
        "kind": Param(
            "mart",
            type="string",
            enum=["mart", "example", "search"],
            values_display={
                "mart": "A mart",
                "example": "An example of sql/examples",
                "search": "A search: the best 2,000 hits",
            },
            title="Kind",
            description_md="What the name below is the name of.",
            section=FIRST,
        ),
        "name": Param(
            "article_topics",
            type="string",
            minLength=1,
            examples=["article_topics", "articles", "topic_daily", "duplicates"],
            title="Name",
            description_md="The mart, the example's file without its ending, or the query.",
            section=FIRST,
        ),
        "since": _day("Since", "Only from this day on."),
        "until": _day("Until", "Only before this day."),
        "format": Param(
            "csv",
            type="string",
            enum=["csv", "jsonl", "parquet", "rss", "json-feed"],
            title="Format",
            description_md="RSS and JSON Feed need rows with an address and a title.",
            section=FIRST,
        ),
        "to": Param(
            "exports/article_topics.csv",
            type="string",
            minLength=1,
            title="File",
            description_md="A path, or an address such as `s3://bucket/file.csv`; what is there is replaced.",
            section=FIRST,
        ),
    }


def _day(title: str, help_: str) -> Param:
    return Param(
        None,
        type=["string", "null"],
        format="date",
        title=title,
        description_md=f"{help_} Empty: no bound.",
        section=FIRST,
    )
