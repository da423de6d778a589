"""Processes by more than their number: a number is given again, a number with its start time is not."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

_PROC = Path("/proc")


@dataclass(frozen=True, slots=True)
class ProcessId:
    """One process, for good."""

    pid: int
    started: str  # compared, never read

    @classmethod
    def of(cls, pid: int) -> ProcessId | None:
        """The live process with that number, if there is one; a zombie is none."""
        started = _start_time(pid)
        return cls(pid, started) if started else None

    def is_alive(self) -> bool:
        return _start_time(self.pid) == self.started

    def signal_group(self, number: int) -> None:
        """Signals the group that this process leads, or led: workers can outlive it."""
        if self.is_alive() or self._may_have_left_workers():
            signal_group(self.pid, number)

    def _may_have_left_workers(self) -> bool:
        """Its number is free again, but was its own since the machine was started."""
        return _start_time(self.pid) is None and self.started.startswith(_boot() + ":")


def signal_group(leader: int, number: int) -> None:
    """Signals every process of the group; no error when none is left."""
    try:
        os.killpg(leader, number)
    except (ProcessLookupError, PermissionError):  # macOS says "not permitted" of a group of zombies
        return


def command_of(pid: int) -> str | None:
    """The command line of a live process; a zombie has none."""
    try:
        if _PROC.joinpath("self").exists():
            return (
                _PROC.joinpath(str(pid), "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace") or None
            )
    except OSError:
        return None
    return _ps(pid, "command=")


def wait_until(ready: Callable[[], bool], *, within_s: float, every_s: float = 0.05) -> bool:
    """Whether `ready` came true in time."""
    deadline = time.monotonic() + within_s
    while not ready():
        if time.monotonic() > deadline:
            return False
        time.sleep(every_s)
    return True


def _start_time(pid: int) -> str | None:
    if not _PROC.joinpath("self", "stat").exists():
        stat = _ps(pid, "stat=,lstart=")
        return None if stat is None or stat.startswith("Z") else stat.split(maxsplit=1)[1]
    try:
        # The name in parentheses may hold anything; after it stand the state (field 3) and the start in ticks (field 22).
        fields = _PROC.joinpath(str(pid), "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] in "ZX" else f"{_boot()}:{fields[19]}"


def _boot() -> str:
    """Ticks count from the boot: without its name, a process of today may equal one of before."""
    try:
        return _PROC.joinpath("sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return "unknown boot"


def _ps(pid: int, columns: str) -> str | None:
    found = subprocess.run(["ps", "-ww", "-o", columns, "-p", str(pid)], capture_output=True, text=True, check=False)  # noqa: S603, S607
    return found.stdout.strip() or None
