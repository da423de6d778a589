"""What Grafana would ask, asked here: its files hold questions, and each has an answer. Grafana itself is not run."""

from __future__ import annotations

import json
import re
import runpy
from pathlib import Path

import pytest
import yaml

from databases import READER, Warehouse
from newswire.runtime.airflow_env import observed
from newswire.warehouse.connection import connect

MONITORING = Path(__file__).resolve().parents[2] / "monitoring"
DASHBOARD = json.loads((MONITORING / "grafana" / "dashboard.json").read_text())
RULES = yaml.safe_load((MONITORING / "grafana" / "alerts.yaml").read_text())["groups"][0]["rules"]

PANELS = {panel["title"]: panel["targets"][0]["rawSql"] for panel in DASHBOARD["panels"]}
ALERTS = {rule["uid"]: rule["data"][0]["model"]["rawSql"] for rule in RULES}


def asked(dsn: str, question: str) -> list[tuple[object, ...]]:
    """As Grafana asks it, with its macro replaced; by the reader, who may change nothing."""
    text = re.sub(r"\$__timeFilter\((\w+)\)", r"\1 BETWEEN now() - interval '1 day' AND now()", question)
    assert "$__" not in text, "a macro that this test does not know"
    with connect(dsn, name="test") as conn:
        return conn.execute(text).fetchall()


@pytest.mark.parametrize("title", PANELS)
def test_every_panel_has_an_answer(filled: tuple[Warehouse, Path], title: str):
    rows = asked(filled[0].dsn(READER), PANELS[title])
    assert rows or title in {"Checks that found something", "Feeds in trouble", "Dead letters, by cause"}


@pytest.mark.parametrize("uid", ALERTS)
def test_every_alert_asks_for_one_number(filled: tuple[Warehouse, Path], uid: str):
    ((found,),) = asked(filled[0].dsn(READER), ALERTS[uid])
    assert isinstance(found, float)


@pytest.mark.parametrize(
    ("uid", "fault"),
    [
        ("newswire-checks", "INSERT INTO ops.checks (name, severity, why, rows, sample, wrong_since) VALUES ('x', 'error', 'x', 1, '[]', now())"),
        ("newswire-unchecked", "DELETE FROM ops.checks"),
        ("newswire-queues", "INSERT INTO ops.work (stage, key, lane, due_at) VALUES ('tag', 1, '', now() - interval '1 h')"),
    ],
)  # fmt: skip
def test_an_alert_fires_on_its_fault_and_not_before(warehouse: Warehouse, uid: str, fault: str):
    with connect(warehouse.dsn(), name="test") as conn:
        conn.execute("INSERT INTO ops.checks (name, severity, why, rows, sample) VALUES ('y', 'error', 'y', 0, '[]')")
        assert asked(warehouse.dsn(READER), ALERTS[uid]) == [(0,)]
        conn.execute(fault)
    assert asked(warehouse.dsn(READER), ALERTS[uid]) == [(1,)]


def test_rules_and_panels_name_one_source_and_each_rule_itself():
    source = yaml.safe_load((MONITORING / "grafana" / "datasource.yaml").read_text())["datasources"][0]["uid"]
    assert {panel["datasource"]["uid"] for panel in DASHBOARD["panels"]} == {source}
    assert {rule["data"][0]["datasourceUid"] for rule in RULES} == {source}
    assert len({rule["uid"] for rule in RULES}) == len(RULES)
    assert all(rule["annotations"]["summary"] for rule in RULES)


def test_the_dashboard_is_the_one_that_its_script_writes():
    assert runpy.run_path(str(MONITORING / "make_dashboard.py"))["dashboard"]() == DASHBOARD


def test_metrics_and_json_logs_are_off_until_they_are_asked_for():
    assert observed({}) == {}
    on = observed({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318", "NEWSWIRE_LOGS": "json"})
    assert on == {"AIRFLOW__METRICS__OTEL_ON": "True", "AIRFLOW__LOGGING__JSON_LOGS": "True"}
