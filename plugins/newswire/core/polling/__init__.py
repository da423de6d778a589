"""One poll, decided: what to ask with, what the answer means, what it teaches, and when to ask again.

DueFeed -> requests -> (the web) -> answers -> FeedReply -> plan -> PollPlan
                               rates, intervals, hints, ladder, moves, pushes ^
"""

from __future__ import annotations

from newswire.core.polling.answers import feed_reply
from newswire.core.polling.budget import DEFAULT_PRICE, next_price
from newswire.core.polling.intervals import PollPolicy
from newswire.core.polling.plan import plan_poll
from newswire.core.polling.pushes import plan_push
from newswire.core.polling.requests import request_headers

__all__ = ["DEFAULT_PRICE", "PollPolicy", "feed_reply", "next_price", "plan_poll", "plan_push", "request_headers"]
