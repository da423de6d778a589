"""Run in a process of its own: asks for faults (`name=cause`) with the real limits, prints by how much the peak grew.

One after the other; those that end by time come last and together, with less time than the real limits give them.
"""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "plugins"))

from newswire.records import HttpReply
from newswire.web.client import Web
from newswire.web.request import LIMITS, Request, WebSettings

HASTY = replace(LIMITS["sitemap"], total_s=2, connect_s=1, read_s=1)


def peak_mb() -> float:
    """Of this program only; `ru_maxrss` would start with the peak of the process that started it."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def main(port: str, *kinds: str) -> None:
    causes = dict(kind.split("=") for kind in kinds)
    slow = [name for name, cause in causes.items() if cause == "timeout"]
    limits = {**LIMITS, "sitemap": HASTY}
    with Web(WebSettings(connect_to=("127.0.0.1", int(port)), host_gap_s=0, limits=limits)) as web:
        web.get(Request(url="http://warm.example/up", kind="feed"))
        base_mb, growth_mb = peak_mb(), {}
        for name in causes.keys() - set(slow):
            check(name, causes[name], web.get(Request(url=f"http://probe.example/{name}", kind="feed")))
            growth_mb[name] = peak_mb() - base_mb
        hosts = [name.replace("_", "-") for name in slow]
        asked = [
            Request(url=f"http://{host}.example/{name}", kind="sitemap") for host, name in zip(hosts, slow, strict=True)
        ]
        for name, reply in zip(slow, list(map(web.submit, asked)), strict=True):
            check(name, "timeout", reply.result())
        growth_mb["all that time out"] = peak_mb() - base_mb
    print(json.dumps(growth_mb))


def check(name: str, cause: str, reply: HttpReply) -> None:
    assert getattr(reply, "cause", None) == cause, (name, reply)


main(*sys.argv[1:])
