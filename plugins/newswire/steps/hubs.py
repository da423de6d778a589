"""Subscribe at hubs: ask those that feeds name to push, ask anew before a lease ends, leave what is not wanted any more."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from newswire.core.websub import CALLBACK_PATH, hub_form, refusal, wait_s
from newswire.records import HubRequest, StepReport
from newswire.warehouse import hubs, pushes
from newswire.warehouse.connection import Conn
from newswire.web.client import Web
from newswire.web.request import Request

_MOST, _PER_HUB = 200, 20  # requests a run: a hub that takes its time with each holds a run up for ten minutes


def subscribe(conn: Conn, web: Web, *, public_url: str | None) -> StepReport:
    """Ask hubs for what is due. Without a public address nothing is asked, and what was pushed runs out."""
    hubs.note_callback(conn, public_url)
    hubs.tidy(conn)
    pushes.forget(conn)
    if public_url is None:
        return StepReport()
    hubs.begin(conn, limit=_MOST)
    due = hubs.take_due(conn, limit=_MOST, per_hub=_PER_HUB)
    return _ask(conn, web, due, public_url)


def _ask(conn: Conn, web: Web, due: Sequence[HubRequest], public_url: str) -> StepReport:
    replies = [web.submit(_request(request, public_url)) for request in due]
    now = datetime.now(UTC)
    answers = {
        request.hub_subscription_id: (refusal(reply.result(), request), wait_s(reply.result(), now=now))
        for request, reply in zip(due, replies, strict=True)
    }
    hubs.note_answers(conn, answers)
    refused = sum(detail is not None for detail, _ in answers.values())
    modes = [request.mode for request in due]
    return StepReport(
        seen=len(due),
        changed=len(due) - refused,
        failed=refused,
        outcomes={mode: modes.count(mode) for mode in sorted(set(modes))},
    )


def _request(request: HubRequest, public_url: str) -> Request:
    callback_url = f"{public_url}{CALLBACK_PATH}/{request.token}"
    return Request(url=request.hub_url, kind="hub", form=hub_form(request, callback_url=callback_url))
