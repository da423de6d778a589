"""Every DAG is a page of the manual, and keeps the policies of the house."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from pathlib import Path

import jsonschema
import pytest

from newswire.errors import ConfigError
from newswire.steps.recheck import EVERY_MIN

ROOT = Path(__file__).resolve().parents[2]
LIVE = [
    "poll_feeds",
    "take_pushes",
    "fetch_pages",
    "extract_articles",
    "group_articles",
    "tag_articles",
    "publish_marts",
    "raise_alerts",
    "send_alerts",
]
CARE = ["check_warehouse", "check_feeds", "recheck_articles", "sweep_archive", "apply_retention"]
FORMS = ["manage_feeds", "replay_dead_letters", "export_articles", "overrule_tag"]
ALL = [*LIVE, "rebuild_day", "import_history", "release_topics", "subscribe_hubs", *CARE, *FORMS]

MEASURE = """
import json, resource, runpy, sys
from pathlib import Path
sys.path.append(sys.argv[2])
for path in sorted(Path(sys.argv[1]).glob("*.py")):
    runpy.run_path(str(path))
used = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps({"cpu_s": used.ru_utime + used.ru_stime, "modules": sorted({name.split(".")[0] for name in sys.modules})}))
"""


def test_every_file_is_read_without_an_error_and_holds_the_dag_of_its_name(described):
    assert described["errors"] == {}
    assert {dag_id: Path(dag["file"]).stem for dag_id, dag in described["dags"].items()} == {name: name for name in ALL}
    assert sorted(path.stem for path in (ROOT / "dags").glob("*.py")) == sorted(ALL)


def test_reading_all_dags_is_cheap_and_loads_no_library_of_the_stages(run_python):
    """From a bare interpreter, Airflow's SDK included. A parser that imported trafilatura would take three times as long."""
    measured = json.loads(run_python("-c", MEASURE, str(ROOT / "dags"), str(ROOT / "plugins")).splitlines()[-1])
    assert not {"feedparser", "trafilatura", "lxml", "aiohttp", "warcio", "psycopg"} & set(measured["modules"])
    assert {"airflow", "newswire"} <= set(measured["modules"])
    assert measured["cpu_s"] < 2.5


@pytest.mark.parametrize("dag_id", ALL)
def test_a_dag_says_what_it_does_when_to_run_it_again_and_what_to_do_when_it_fails(dags, dag_id):
    doc = dags[dag_id]["doc"]
    assert doc.splitlines()[0].endswith(".")
    for part in ("| **Reads** |", "| **Writes** |", "| **Safe to run again** |", "**When it fails**"):
        assert part in doc


def test_all_work_goes_to_one_queue_until_a_setting_sends_a_kind_of_it_elsewhere(dags, run_python):
    assert {task["queue"] for dag in dags.values() for task in dag["tasks"].values()} == {"default"}
    settings = {"NEWSWIRE_QUEUE_NET": "net", "NEWSWIRE_QUEUE_CPU": "cpu", "NEWSWIRE_DRAINS": "5"}
    printed = run_python(str(Path(__file__).parent / "describe_dags.py"), str(ROOT / "dags"), **settings)
    sent = json.loads(printed.splitlines()[-1])["dags"]
    queues = {name: {task["queue"] for task in dag["tasks"].values()} for name, dag in sent.items()}
    assert {name for name, found in queues.items() if found == {"net"}} == {
        "poll_feeds",
        "fetch_pages",
        "import_history",
        "manage_feeds",
        "subscribe_hubs",
        "send_alerts",
    }
    assert {name for name, found in queues.items() if found == {"cpu"}} >= {"extract_articles", "rebuild_day"}
    assert queues["check_warehouse"] == {"default"}
    assert {sent[name]["max_active_runs"] for name in LIVE} == {5, 1}


@pytest.mark.parametrize("wrong", ["0", "many", "1.5"])
def test_a_wrong_number_of_drains_is_named(monkeypatch, orchestration, wrong):
    defaults = orchestration("defaults")
    monkeypatch.setenv("NEWSWIRE_DRAINS", wrong)
    with pytest.raises(ConfigError, match=f"NEWSWIRE_DRAINS={wrong} is not a whole number"):
        defaults._count("NEWSWIRE_DRAINS", 2)


def statements() -> list[str]:
    """Every SELECT that a page tells its reader to try."""
    text = "\n".join(path.read_text() for path in sorted((ROOT / "dags").glob("*.py")))
    return sorted(set(re.findall(r"`(SELECT .*?;)`", text)))


@pytest.mark.parametrize("statement", statements())
def test_a_statement_on_a_page_can_be_run(conn, statement):
    conn.execute(statement)


@pytest.mark.parametrize("dag_id", ALL)
def test_a_table_on_a_page_exists(conn, dags, dag_id):
    for name in set(re.findall(r"`((?:news|ops|mart)\.\w+)`", dags[dag_id]["doc"])):
        [[found]] = conn.execute("SELECT to_regclass(%s)", [name]).fetchall()
        assert found, name


@pytest.mark.parametrize("dag_id", ALL)
def test_a_dag_carries_one_tag_of_each_kind_from_the_vocabulary(dags, dag_id, orchestration):
    tags = dags[dag_id]["tags"]
    assert set(tags) <= {tag.value for tag in orchestration("tags").Tag}
    assert [tag.partition(":")[0] for tag in tags] == ["kind", "layer", "news", "tier"]


def test_every_tag_of_the_vocabulary_is_used(dags, orchestration):
    used = {tag for dag in dags.values() for tag in dag["tags"]}
    assert {tag.value for tag in orchestration("tags").Tag} == used


@pytest.mark.parametrize("dag_id", ALL)
def test_a_dag_names_its_owner_and_how_to_reach_them(dags, dag_id):
    assert dags[dag_id]["owner"] == "newswire"
    assert re.match(r"mailto:|https?://", dags[dag_id]["owner_links"]["newswire"])


@pytest.mark.parametrize("dag_id", ALL)
def test_people_read_names_not_ids(dags, dag_id):
    assert dags[dag_id]["display_name"].startswith("News · ")
    for task_id, task in dags[dag_id]["tasks"].items():
        assert task["display_name"] != task_id
        assert task["doc"]


@pytest.mark.parametrize("dag_id", ALL)
def test_a_dag_runs_from_the_start_and_never_catches_up_by_itself(dags, dag_id):
    assert dags[dag_id]["born_paused"] is False
    assert dags[dag_id]["catchup"] is False


@pytest.mark.parametrize("dag_id", LIVE)
def test_a_live_dag_is_woken_by_its_own_queue_only(dags, dag_id):
    [asset] = [asset for asset in dags[dag_id]["woken_by"] if asset["group"] != "files"]  # and alerts by their files
    [task_id] = dags[dag_id]["tasks"]
    assert asset["watchers"] == [{"stage": task_id, "conn_id": "news_warehouse"}]
    assert asset["group"] == "queues"


@pytest.mark.parametrize("dag_id", LIVE)
def test_a_drain_gives_up_soon_because_its_watcher_wakes_it_again(dags, dag_id):
    [task] = dags[dag_id]["tasks"].values()
    assert (task["retries"], task["retry_delay_s"], task["backoff"]) == (2, 10, 0)
    assert task["timeout_s"] >= 2 * dags[dag_id]["params"]["cap_s"]["schema"]["maximum"]
    assert dags[dag_id]["max_active_runs"] == (1 if dag_id == "publish_marts" else 2)


@pytest.mark.parametrize("dag_id", ["rebuild_day", "import_history", *CARE])
def test_what_nobody_wakes_again_tries_for_a_quarter_of_an_hour(dags, dag_id):
    for task in dags[dag_id]["tasks"].values():
        delays_s = [task["retry_delay_s"] * task["backoff"] ** n for n in range(task["retries"])]
        assert task["retries"] == 6
        assert all(before < after for before, after in pairwise(delays_s))
        assert sum(min(delay_s, task["max_retry_delay_s"]) for delay_s in delays_s) >= 15 * 60
        assert task["timeout_s"]


@pytest.mark.parametrize("dag_id", ALL)
def test_what_waiting_does_not_mend_fails_at_once(dags, dag_id):
    for task in dags[dag_id]["tasks"].values():
        policy = json.dumps(task["fails_at_once"])
        assert "newswire.errors.ConfigError" in policy
        assert "newswire.errors.MigrationError" in policy


@pytest.mark.parametrize("dag_id", ALL)
def test_a_result_is_stored_once_not_once_more_for_every_key(dags, dag_id):
    assert not any(task["multiple_outputs"] for task in dags[dag_id]["tasks"].values())


@pytest.mark.parametrize("dag_id", ALL)
def test_every_field_of_a_form_explains_itself_and_starts_valid(dags, dag_id):
    for name, param in dags[dag_id]["params"].items():
        schema = param["schema"]
        assert {"type", "title", "description_md", "section"} <= schema.keys(), name
        jsonschema.validate(param["value"], schema)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("from_stage", "fetch"),
        ("topics", "rare-earths"),
        ("topics", ["Rare Earths"]),
        ("topics", ["rare-earths", "rare-earths"]),
        ("publishers", [""]),
        ("languages", ["e"]),
        ("limit", 0),
        ("dry_run", "yes"),
        ("force", None),
    ],
)
def test_a_rebuild_refuses_what_it_does_not_understand(dags, field, value):
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(value, dags["rebuild_day"]["params"][field]["schema"])


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("feeds", ["example.org/feed"]),
        ("publishers", ["https://example.org/"]),
        ("kinds", []),
        ("kinds", ["rumour"]),
        ("warc", ""),
        ("max_documents", 0),
    ],
)
def test_an_import_refuses_what_it_does_not_understand(dags, field, value):
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(value, dags["import_history"]["params"][field]["schema"])


def test_an_import_is_of_yesterday_under_the_day_as_its_key(dags):
    schedule = dags["import_history"]["schedule"]
    assert dags["import_history"]["timetable"] == "CronPartitionTimetable"
    assert (schedule["run_offset"], schedule["key_format"]) == (-1, "%Y-%m-%d")


def test_a_rebuild_offers_the_topics_of_the_configuration(dags):
    offered = dags["rebuild_day"]["params"]["topics"]["schema"]["examples"]
    assert offered == sorted(path.stem for path in (ROOT / "config" / "topics").glob("*.yaml"))
    assert "rare-earths" in offered


def test_a_rebuild_is_of_yesterday_under_the_day_as_its_key(dags):
    assert dags["rebuild_day"]["timetable"] == "CronPartitionTimetable"
    schedule = dags["rebuild_day"]["schedule"]
    assert (schedule["expression"], schedule["run_offset"], schedule["key_format"]) == ("0 0 * * *", -1, "%Y-%m-%d")


def test_a_rebuild_goes_stage_by_stage_and_past_a_stage_left_out(dags):
    tasks = dags["rebuild_day"]["tasks"]
    assert {task_id: task["after"] for task_id, task in tasks.items()} == {
        "extract": [],
        "group": ["extract"],
        "tag": ["group"],
        "publish": ["tag"],
    }
    assert {task["trigger_rule"] for task in tasks.values()} == {"none_failed"}


@pytest.mark.parametrize(
    ("dag_id", "expression"),
    [
        ("check_warehouse", "*/10 * * * *"),
        ("recheck_articles", "*/5 * * * *"),
        ("sweep_archive", "20 3 * * *"),
        ("apply_retention", "50 3 * * *"),
    ],
)
def test_what_looks_at_the_present_runs_by_the_clock_and_refuses_a_backfill(dags, dag_id, expression):
    assert dags[dag_id]["schedule"]["expression"] == expression
    assert dags[dag_id]["max_active_runs"] == 1
    assert dags[dag_id]["allowed_run_types"] == ["manual", "scheduled"]


def test_looks_at_young_articles_are_asked_for_as_often_as_their_budget_is_counted(dags):
    assert dags["recheck_articles"]["schedule"]["expression"] == f"*/{EVERY_MIN} * * * *"
