"""Drains: how long one stays."""

from __future__ import annotations

from airflow.sdk import Param

from newswire.orchestration.params.fields import FIRST


def drain_params(*, linger_s: int | None = None) -> dict[str, Param]:
    """How long a live drain stays. None: as the settings say."""
    return {
        "linger_s": Param(
            linger_s,
            type=["integer", "null"],
            minimum=0,
            maximum=120,
            title="Linger (seconds)",
            description_md="How long to listen for more once the queue is empty; `0` leaves at once. Empty: `NEWSWIRE_LINGER_S`.",
            section=FIRST,
        ),
        "cap_s": Param(
            None,
            type=["integer", "null"],
            minimum=1,
            maximum=300,
            title="Leave after (seconds)",
            description_md="No new batch is begun after this time; what remains wakes the next run. Empty: `NEWSWIRE_CAP_S`.",
            section=FIRST,
        ),
    }
