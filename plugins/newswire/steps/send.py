"""Send: bring the messages of alerts to their channels, and note how each try ended.

A try that dies between sending and noting is made again: with the same `webhook-id`, so that the receiver takes it once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from secrets import token_hex
from typing import TypeAlias

from newswire.core.alerts import Alert, Channel
from newswire.core.alerts.signing import webhook_headers
from newswire.core.alerts.telling import message
from newswire.core.retry_after import retry_after_s
from newswire.errors import ConfigError
from newswire.records import (
    Access,
    Again,
    Batch,
    Cause,
    Dead,
    Delivery,
    Done,
    HttpFailure,
    HttpReply,
    Message,
    Notice,
    StepReport,
    Verdict,
    WaitingNotice,
)
from newswire.warehouse import alerts, work
from newswire.warehouse.connection import Conn
from newswire.web.client import Web
from newswire.web.mail import send_mail
from newswire.web.refusal import Refusal
from newswire.web.request import Request
from newswire.web.services import notify

BATCH = 20  # one of each channel: they are tried side by side

# The connection of a channel, by its id. Raises ConfigError, `problem; mend`, where there is none.
Accesses: TypeAlias = Callable[[str], Access]

_ASK_FOR_PATIENCE = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)


def no_accesses(connection: str) -> Access:
    """For whoever has none."""
    raise ConfigError(f"the connection {connection!r} is not known here; define it in Airflow")


@dataclass(frozen=True, slots=True, kw_only=True)
class Channels:
    """The ways out: the web as it is open to everybody, and with the operator's own network; who knows the connections."""

    web: Web
    internal_web: Web
    accesses: Accesses
    now: Callable[[], datetime] = lambda: datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """How one try ended; `cause` None: the message is there."""

    words: str
    cause: Cause | None = None
    after_s: float | None = None  # what the receiver asks for
    is_final: bool = False  # it wants nothing more


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tried:
    delivery: Delivery
    answer: Answer
    attempts: int
    verdict: Verdict


def send(conn: Conn, batch: Batch, *, channels: Channels) -> StepReport:
    """Try these deliveries side by side."""
    wanted = alerts.deliveries(conn, batch.keys)
    sent = {delivery.delivery_id for delivery in wanted}
    done = work.drop(conn, batch, [key for key in batch.keys if key not in sent])
    if not wanted:
        return done
    with ThreadPoolExecutor(len(wanted), thread_name_prefix="newswire-send") as pool:
        answers = list(pool.map(lambda delivery: deliver(delivery, channels), wanted))
    attempts = {item.key: item.attempts for item in batch.items}
    tried = [_tried(delivery, answer, attempts) for delivery, answer in zip(wanted, answers, strict=True)]
    return done + work.settle(conn, batch, tried, _write)


def deliver(delivery: Delivery, channels: Channels) -> Answer:
    """Bring one message to its channel, whatever happens on the way."""
    try:
        match delivery.channel["kind"]:
            case "log":
                return Answer(words="logged")
            case "webhook":
                return _post(delivery, channels)
            case "email":
                access = channels.accesses(delivery.channel["connection"])
                return Answer(words=_mailed(delivery, access))
            case _:
                access = channels.accesses(delivery.channel["connection"])
                return Answer(words=notify(access, title=delivery.title, plain=delivery.plain))
    except ConfigError as error:
        return Answer(words=str(error), cause="credential")
    except Refusal as error:
        return Answer(words=error.detail, cause=error.cause)


def _mailed(delivery: Delivery, access: Access) -> str:
    to = delivery.channel["to"]
    return send_mail(access, to=to, title=delivery.title, plain=delivery.plain, webhook_id=delivery.webhook_id)


def _post(delivery: Delivery, channels: Channels) -> Answer:
    channel = delivery.channel
    access = channels.accesses(channel["connection"])
    url = channel["url"] or access.extra.get("url")
    if not url:
        raise ConfigError(f'the connection {channel["connection"]!r} says no address; give it {{"url": ...}} as extra')
    if not str(url).startswith("https://") and not channel["internal"]:
        raise ConfigError("the address of the webhook does not begin with https://; mend it, or write `internal: true`")
    now = channels.now()
    try:
        headers = webhook_headers(
            access.password, webhook_id=delivery.webhook_id, at_s=int(now.timestamp()), body=delivery.body
        )
    except ValueError as error:
        raise ConfigError(f"connection {channel['connection']!r}: {error}") from None
    web = channels.internal_web if channel["internal"] else channels.web
    return _meaning(web.get(Request(url=str(url), kind="webhook", headers=headers, json=delivery.body)), now)


def _meaning(reply: HttpReply, now: datetime) -> Answer:
    """What an answer says, as Standard Webhooks 1.0.0 reads it: only 2xx is a yes, 410 is a no for good."""
    if isinstance(reply, HttpFailure):
        return Answer(words=reply.detail, cause=reply.cause)
    words = f"{reply.status}"
    if HTTPStatus.OK <= reply.status < HTTPStatus.MULTIPLE_CHOICES:
        return Answer(words=words)
    after_s = retry_after_s(reply.header("retry-after"), now)
    cause: Cause = "throttled" if reply.status in _ASK_FOR_PATIENCE else "http_status"
    return Answer(words=words, cause=cause, after_s=after_s, is_final=reply.status == HTTPStatus.GONE)


def _tried(delivery: Delivery, answer: Answer, attempts: dict[int, int]) -> _Tried:
    key = delivery.delivery_id
    return _Tried(delivery=delivery, answer=answer, attempts=attempts[key], verdict=_verdict(key, answer))


def _verdict(key: int, answer: Answer) -> Verdict:
    if answer.cause is None:
        return Done(key=key)
    if answer.is_final:
        return Dead(key=key, cause=answer.cause, detail=answer.words)
    return Again(key=key, cause=answer.cause, detail=answer.words, after_s=answer.after_s)


def _write(conn: Conn, tried: Sequence[_Tried]) -> StepReport:
    are_sent = [one.answer.cause is None for one in tried]
    alerts.note_answers(
        conn,
        [one.delivery.delivery_id for one in tried],
        attempts=[one.attempts for one in tried],
        answers=[one.answer.words for one in tried],
        are_sent=are_sent,
    )
    # A receiver that asks for patience is asked for nothing else meanwhile.
    waits = {f"alert {one.delivery.place}": one.answer.after_s for one in tried if one.answer.after_s}
    work.block_hosts(conn, {lane: wait_s for lane, wait_s in waits.items() if wait_s is not None})
    outcomes = [one.answer.cause or "sent" for one in tried]
    return StepReport(
        seen=len(tried),
        changed=sum(are_sent),
        failed=len(tried) - sum(are_sent),
        outcomes={name: outcomes.count(name) for name in sorted(set(outcomes))},
    )


def try_channels(
    alert: Alert, notices: Sequence[Notice], channels: Channels, *, now: datetime
) -> list[tuple[str, str]]:
    """Send a message that is marked as a test to each channel of an alert; returns how each answered."""
    waiting = [
        WaitingNotice(notice_key=alert.notice_key(one.subject), found_at=now, told=one.told() | {"is_test": True})
        for one in notices
    ]
    made = message(alert, waiting, at=now.isoformat())
    return [(channel.place, _in_words(deliver(_trial(made, channel), channels))) for channel in alert.to]


def _trial(made: Message, channel: Channel) -> Delivery:
    """Its id is another one each time: a receiver must not take the real message for a repetition of the test."""
    return Delivery(
        delivery_id=0,
        webhook_id=f"msg_test_{token_hex(12)}",
        title=f"Test: {made.title}",
        plain=made.plain,
        body=made.body,
        channel=channel.as_dict(),
        place=channel.place,
    )


def _in_words(answer: Answer) -> str:
    return f"sent ({answer.words})" if answer.cause is None else f"failed ({answer.cause}: {answer.words})"
