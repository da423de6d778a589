"""The stages that ask the web: many requests under way, answers written as they come, one slow server holding up nobody."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from typing import Generic, Protocol, TypeVar

from newswire.records import Batch, HttpFailure, HttpReply, Stage, StepReport, Verdict
from newswire.steps.breaker import Breaker
from newswire.warehouse import work
from newswire.warehouse.connection import Conn
from newswire.web.client import Web
from newswire.web.request import Request

_UNDER_WAY = (
    100  # requests at a time: with a few kilobytes each on the way, a laptop's network is the limit, not memory
)
_SETTLE_S = 0.05  # answers that come in together are committed together
_LOOK_AGAIN_S = 0.25  # between looks at an empty queue while requests are under way

_HELD_BACK_S = 60.0  # what was asked while this machine is cut off; others are tried meanwhile
_NEVER_S = 365 * 86_400.0  # a paused feed's row: resuming makes it due


class Subject(Protocol):
    """What a request is made for."""

    @property
    def host(self) -> str: ...


S = TypeVar("S", bound=Subject)


class Answered(Protocol):
    """An answer, read and decided on."""

    @property
    def verdict(self) -> Verdict: ...


A = TypeVar("A", bound=Answered)


class WebStep(Protocol[S, A]):
    """What a stage that asks the web does with one batch: read, decide, write."""

    stage: Stage
    per_host: int  # rows of one host in one claim

    def subjects(self, conn: Conn, keys: Sequence[int]) -> Iterable[tuple[int, S]]:
        """What the keys stand for; keys that are left out need nothing now and are put off."""
        ...

    def request(self, subject: S) -> Request | HttpFailure:
        """What to ask for a subject, or why it cannot be asked."""
        ...

    def decide(self, conn: Conn, subject: S, reply: HttpReply) -> A:
        """What one answer means."""
        ...

    def write(self, conn: Conn, answers: Sequence[A]) -> StepReport:
        """Store what was decided, in the transaction that closes the work rows."""
        ...


class Asking(Generic[S, A]):
    """A web stage at work on its queue (a `Drainer`)."""

    def __init__(self, step: WebStep[S, A], conn: Conn, web: Web) -> None:
        self.stage = step.stage
        self._step = step
        self._conn = conn
        self._web = web
        self._breaker = Breaker(conn)
        self._holder = work.hold(conn)
        self._under_way: dict[Future[HttpReply], tuple[Batch, int, S]] = {}
        self._look_at = 0.0

    def turn(self, *, claim: bool) -> StepReport:
        """Ask for what is due; write what was answered."""
        if claim and len(self._under_way) < _UNDER_WAY and time.monotonic() >= self._look_at:
            self._claim(self._breaker.room(_UNDER_WAY - len(self._under_way)))
        return self._settle()

    def busy(self) -> bool:
        """Whether requests are under way."""
        return bool(self._under_way)

    def close(self) -> None:
        """Give back what is under way: it is due again at once."""
        for future, (batch, key, _) in self._under_way.items():
            future.cancel()
            work.release(self._conn, batch, [key])
        self._under_way.clear()

    def _claim(self, room: int) -> None:
        if not room:
            time.sleep(_LOOK_AGAIN_S)  # cut off from the world, with work that is due
            return
        batch = work.claim(self._conn, self.stage, holder=self._holder, limit=room, per_lane=self._step.per_host)
        if batch is None:
            self._look_at = time.monotonic() + _LOOK_AGAIN_S if self._under_way else 0.0
            return
        subjects = dict(self._step.subjects(self._conn, batch.keys))
        for key, subject in subjects.items():
            self._under_way[self._asked(self._step.request(subject))] = (batch, key, subject)
        idle = [key for key in batch.keys if key not in subjects]
        work.drop(self._conn, batch, idle, due_in_s=_NEVER_S if self.stage == "poll" else None)

    def _asked(self, request: Request | HttpFailure) -> Future[HttpReply]:
        if isinstance(request, Request):
            return self._web.submit(request)
        failed: Future[HttpReply] = Future()
        failed.set_result(request)
        return failed

    def _settle(self) -> StepReport:
        if not self._under_way:
            return StepReport()
        done, _ = wait(self._under_way, timeout=_SETTLE_S, return_when=FIRST_COMPLETED)
        answers: dict[str | None, tuple[Batch, list[A]]] = {}
        total = StepReport()
        for future in done:
            batch, key, subject = self._under_way.pop(future)
            reply = future.result()
            if not self._breaker.believes(subject.host, reply):
                total += work.drop(self._conn, batch, [key], due_in_s=_HELD_BACK_S)
                continue
            answer = self._step.decide(self._conn, subject, reply)
            answers.setdefault(batch.lease, (batch, []))[1].append(answer)
        for batch, some in answers.values():
            total += work.settle(self._conn, batch, some, self._step.write)
        return total
