"""The closed vocabulary of DAG tags: people filter by them, so a word means one thing and no DAG invents its own."""

from __future__ import annotations

from enum import StrEnum


class Tag(StrEnum):
    """Each DAG carries `news`, one kind, one layer and one tier; a test holds it to that."""

    NEWS = "news"  # of this project, beside whatever else runs in the same Airflow

    LIVE = "kind:live"  # drains a queue as soon as something is in it
    REPLAY = "kind:replay"  # works on a day that somebody asks for
    CHECK = "kind:check"  # looks after the rest

    MANAGE = "kind:manage"  # does what a form says

    OPS = "layer:ops"  # writes the pipeline's own books only
    FACTS = "layer:facts"  # writes the schema news
    MARTS = "layer:marts"  # writes the schema mart

    TIER_1 = "tier:1"  # while it fails, news is lost: feeds forget their older entries
    TIER_2 = "tier:2"  # while it fails, news is late
    TIER_3 = "tier:3"  # can wait for office hours
