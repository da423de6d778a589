"""Alerts: what people want to be told, decided without clock, network or database.

definition  what an alert is           collecting  which notices go out now, and together
reading     its file, line by line     telling     what a notice and a message say
volume      unusual days               signing     webhooks that prove where they come from
"""

from __future__ import annotations

from newswire.core.alerts.definition import Alert, Articles, Channel, Checks, Feeds, Late, Volume
from newswire.core.alerts.reading import read_alert

__all__ = ["Alert", "Articles", "Channel", "Checks", "Feeds", "Late", "Volume", "read_alert"]
