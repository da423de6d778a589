"""Run in a process of its own: asks for faults one after the other with the real limits, prints by how much the peak grew."""

from __future__ import annotations

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "plugins"))

from newswire.web.client import Web
from newswire.web.request import Request, WebSettings


def peak_mb() -> float:
    """Of this program only; `ru_maxrss` would start with the peak of the process that started it."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def main(port: str, *names: str) -> None:
    with Web(WebSettings(connect_to=("127.0.0.1", int(port)), host_gap_s=0)) as web:
        web.get(Request(url="http://warm.example/up", kind="feed"))
        base_mb, growth_mb = peak_mb(), {}
        for name in names:
            reply = web.get(Request(url=f"http://probe.example/{name}", kind="feed"))
            assert getattr(reply, "cause", None) == "too_large", reply
            growth_mb[name] = peak_mb() - base_mb
    print(json.dumps(growth_mb))


main(*sys.argv[1:])
