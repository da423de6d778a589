"""One line for each long step: what it does, then the seconds it took."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TextIO


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Says what is going on, in one column."""

    out: TextIO = field(default_factory=lambda: sys.stdout)

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        """Prints the title at once, the seconds at the end, "failed" when the step raises."""
        print(f"  {title:<34}", end="", flush=True, file=self.out)
        started = time.monotonic()
        try:
            yield
        except BaseException:
            print("failed", flush=True, file=self.out)
            raise
        print(f"{time.monotonic() - started:6.1f} s", flush=True, file=self.out)

    def say(self, line: str) -> None:
        """A line between the steps."""
        print(f"  {line}", flush=True, file=self.out)
