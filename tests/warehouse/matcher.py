"""A process of its own that groups what is due: `python matcher.py DSN HOT_LIMIT MOST_EARLIER`."""

from __future__ import annotations

import sys
from functools import partial

from newswire.steps.draining import Batches, drain
from newswire.steps.group import group
from newswire.warehouse import stories
from newswire.warehouse.connection import connect

if __name__ == "__main__":
    dsn, hot_limit, stories.MAX_EARLIER = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    with connect(dsn, name="matcher") as conn:
        step = partial(group, publish_delay_s=3600, hot_limit=hot_limit)
        drain(Batches("group", conn, step, limit=60), conn, linger_s=0, cap_s=60)
