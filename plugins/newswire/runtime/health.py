"""What Airflow says of its own health: who is ready, and who hangs although its process lives."""

from __future__ import annotations

import http.client
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from newswire.runtime.ports import LOOPBACK

PARTS = {"scheduler": "scheduler", "triggerer": "triggerer", "dag_processor": "dag-processor"}  # in its words -> ours
HANGS_AFTER_S = 120.0  # a start on a busy machine takes up to a minute (41 s measured at load 10)


def is_healthy(ui_port: int, *, since: datetime) -> bool:
    """Whether all of Airflow is at work: each part says so, with a sign of life of later than `since`."""
    parts = ask_health(ui_port)
    return all(_is_alive(parts.get(name, {}), name, since) for name in PARTS)


def ask_health(ui_port: int, *, host: str = LOOPBACK) -> dict[str, Any]:
    """The health page, by part; empty while nobody answers."""
    connection = http.client.HTTPConnection(host, ui_port, timeout=5)
    try:
        connection.request("GET", "/api/v2/monitor/health")
        answer = json.loads(connection.getresponse().read())
    except (OSError, http.client.HTTPException, ValueError):
        return {}
    finally:
        connection.close()
    return answer if isinstance(answer, dict) else {}


@dataclass(kw_only=True)
class Hangs:
    """Finds components whose process lives although Airflow has had no sign of life of them for long."""

    _silent_since: dict[str, float] = field(default_factory=dict)

    def found(self, parts: Mapping[str, Any], *, now: float) -> list[str]:
        """The components that hang by now; while the health page itself is silent, nobody is blamed."""
        hanging = []
        for name, component in PARTS.items():
            if not parts or parts.get(name, {}).get("status") == "healthy":
                self._silent_since.pop(component, None)
            elif now - self._silent_since.setdefault(component, now) >= HANGS_AFTER_S:
                self._silent_since.pop(component)
                hanging.append(component)
        return hanging


def _is_alive(part: Mapping[str, Any], name: str, since: datetime) -> bool:
    beat = part.get(f"latest_{name}_heartbeat")
    return part.get("status") == "healthy" and beat is not None and datetime.fromisoformat(beat) > since
