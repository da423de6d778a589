"""The control corner of a running newsroom, over HTTP."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from newswire.errors import RuntimeTrouble
from newswire.records import Subscription
from newswire.runtime.ports import LOOPBACK
from newswire.runtime.processes import wait_until

_TIMEOUT_S = 30


@dataclass(frozen=True, slots=True)
class Newsroom:
    """A newsroom that listens on a port, as a rule of this machine."""

    port: int
    host: str = LOOPBACK

    def wait(self, *, within_s: float) -> None:
        """Return when it listens: reading hundreds of captures takes it a while. Raises RuntimeTrouble when it does not."""
        if not wait_until(self._listens, within_s=within_s):
            raise RuntimeTrouble(f"the newsroom does not listen at {self.host}:{self.port}; its log says why")

    def status(self) -> dict[str, Any]:
        """Counts, and whether all is published."""
        found: dict[str, Any] = self._ask("")
        return found

    def ledger(self) -> list[dict[str, Any]]:
        """The expected truth about what is published."""
        found: list[dict[str, Any]] = self._ask("ledger")
        return found

    def captures(self) -> dict[str, Any]:
        """The captured feeds with their expected entries."""
        found: dict[str, Any] = self._ask("captures")
        return found

    def requests(self) -> list[tuple[str, str, float]]:
        """Who was asked for what, when: host, path, seconds."""
        found: list[tuple[str, str, float]] = self._ask("requests")
        return found

    def subscriptions(self) -> list[Subscription]:
        """What to subscribe to."""
        return [
            Subscription(
                url=one["url"],
                publisher=one["publication"],
                domain=one["domain"],
                country=one["country"],
                language=one["language"],
            )
            for one in self._ask("subscriptions")
        ]

    def publish(self, urls: Sequence[str]) -> None:
        """Publish these articles at once."""
        self._ask("publish", data=json.dumps({"urls": list(urls)}).encode())

    def start(self) -> None:
        """Let it publish, from now on, what was not there from the start."""
        self._ask("start", data=b"{}")

    def _listens(self) -> bool:
        try:
            self.status()
        except OSError:
            return False
        return True

    def _ask(self, path: str, data: bytes | None = None) -> Any:
        url = f"http://{self.host}:{self.port}/-/newsroom/{path}"
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # never by way of a proxy
        with opener.open(url, data=data, timeout=_TIMEOUT_S) as answer:
            return json.load(answer)
