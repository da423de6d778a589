"""How long the system takes to start, and what it costs when nothing happens: `make bench-start`.

A home of its own, removed at the end. Two starts (empty, then with what the first one left), 15 s to settle, 60 s of idling.
CPU is read from /proc for the supervisor's programs, their children and PostgreSQL; memory is PSS, so shared pages count once.
Linux only.
"""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path

from usage import cpu_s, pids, pss_mb

from newswire.runtime.home import Home
from newswire.runtime.status import Status, remove, status, stop
from newswire.runtime.system import StartOptions, up
from newswire.warehouse.migrate import migrate

SETTLE_S = 15
SAMPLE_S = 60


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="newswire-bench-") as folder:
        home = Home(Path(folder, "home"))
        try:
            first_s, again_s = _timed_up(home), _timed_restart(home)
            time.sleep(SETTLE_S)
            _report(status(home), first_s, again_s)
        finally:
            remove(Path(folder))


def _timed_up(home: Home) -> float:
    started = time.monotonic()
    up(home, StartOptions(prepare=migrate))
    return time.monotonic() - started


def _timed_restart(home: Home) -> float:
    started = time.monotonic()
    stop(home)
    print(f"  {'stop':<34}{time.monotonic() - started:6.1f} s")
    return _timed_up(home)


def _report(running: Status, first_s: float, again_s: float) -> None:
    programs = pids(running)
    before = {name: cpu_s(group) for name, group in programs.items()}
    time.sleep(SAMPLE_S)
    print(f"\nstart from nothing {first_s:.1f} s, start again {again_s:.1f} s, load {os.getloadavg()[0]:.1f}\n")
    print(f"{'idle':<16}{'processes':>10}{'CPU %':>8}{'PSS MB':>9}")
    rows = [
        (name, len(group), 100 * (cpu_s(group) - before[name]) / SAMPLE_S, pss_mb(group))
        for name, group in programs.items()
    ]
    for name, count, cpu, pss in [*rows, ("all", *(sum(row[i] for row in rows) for i in (1, 2, 3)))]:
        print(f"{name:<16}{count:>10}{cpu:>8.1f}{pss:>9.0f}")


if __name__ == "__main__":
    main()
