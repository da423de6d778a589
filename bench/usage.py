"""What the programs of a running home use: CPU seconds and memory, from /proc. Linux only."""

from __future__ import annotations

import os
from pathlib import Path

from newswire.runtime.status import Status

TICKS = os.sysconf("SC_CLK_TCK")


def pids(running: Status) -> dict[str, list[int]]:
    leaders = {one.name: one.process.pid for one in running.processes if one.process}
    if running.supervisor:
        leaders["supervisor"] = running.supervisor.pid
    if running.postgres_pid:
        leaders["PostgreSQL"] = running.postgres_pid
    return {name: [pid, *_descendants(pid, set(leaders.values()))] for name, pid in leaders.items()}


def _descendants(pid: int, others: set[int]) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    own = [int(child) for child in children if int(child) not in others]
    return own + [deeper for child in own for deeper in _descendants(child, others)]


def cpu_s(group: list[int]) -> float:
    """Of the processes and the children that they have already buried."""
    return sum(sum(map(int, _fields(pid)[11:15])) for pid in group) / TICKS


def _fields(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ["0"] * 50


def pss_mb(group: list[int]) -> float:
    return sum(_pss_kb(pid) for pid in group) / 1024


def _pss_kb(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)
