"""The rules of what is kept: read whole, or refused with the line and the mend."""

from __future__ import annotations

from pathlib import Path

import pytest

from newswire.core.retention import read_retention
from newswire.errors import ConfigError
from newswire.records import KeepingRule, Retention

SHIPPED = Path(__file__).parents[2] / "config" / "retention.yaml"
GOOD = """\
logs_months: 6
default:
  pages_days: null
  text_days: null
groups:
  Agencies:
    pages_days: 90
    text_days: 365
"""


def test_as_shipped_everything_is_kept_but_logs_older_than_13_months():
    assert read_retention(SHIPPED.read_text(), path="retention.yaml") == Retention()


def test_rules_are_read_by_group():
    read = read_retention(GOOD, path="retention.yaml")
    assert read.groups == {"Agencies": KeepingRule(pages_days=90, text_days=365)}
    assert (read.logs_months, read.least("pages_days"), read.least("text_days")) == (6, 90, 365)
    assert read.days("pages_days") == {None: None, "Agencies": 90}


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        (
            "logs_months: 6",
            "logs_month: 6",
            r"retention.yaml:1: the file has no key 'logs_month'; known are logs_months",
        ),
        ("logs_months: 6", "logs_months: 1", r"retention.yaml:1: logs_months is 1; minimum is 2"),
        ("logs_months: 6", "logs_months: soon", r"retention.yaml:1: logs_months is 'soon'; write a whole number"),
        ("    pages_days: 90\n", "", r"retention.yaml:6: groups.Agencies has no 'pages_days'; add"),
        ("pages_days: 90", "pages_days: -3", r"retention.yaml:7: groups.Agencies.pages_days is -3; minimum is 1"),
        ("pages_days: 90", "pages_days: true", r"retention.yaml:7: groups.Agencies.pages_days is True"),
        (
            "pages_days: 90",
            "pages_days: 400",
            r"retention.yaml:7: Agencies keeps pages 400 days but texts 365 days; a reb",
        ),
        ("pages_days: 90", "pages_days: null", r"retention.yaml:7: Agencies keeps pages for ever"),
        ("    text_days: 365", "    text_days: 365\n    text_days: 9", r"retention.yaml:9: 'text_days' stands twice"),
        ("groups:\n", "groups: [\n", r"retention.yaml:\d: YAML cannot be read here"),
        (GOOD, "- a", r"retention.yaml:1: the file is no mapping; begin with"),
        (GOOD, "", r"retention.yaml:1: the file is no mapping"),
    ],
)
def test_what_is_wrong_is_named_with_its_line_and_the_mend(old, new, complaint):
    with pytest.raises(ConfigError, match=complaint):
        read_retention(GOOD.replace(old, new), path="retention.yaml")
