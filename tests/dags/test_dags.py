"""Every DAG is a page of the manual, and keeps the policies of the house."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from pathlib import Path

import jsonschema
import pytest

from newswire.schedules import SCHEDULES, setting

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
ASKS = ["release_topics", "propose_feeds"]  # a person
WRITES_NO_TABLE = ["check_feeds", "sweep_archive", "export_articles"]
ALL = [*LIVE, "rebuild_day", "import_history", "subscribe_hubs", *ASKS, *CARE, *FORMS]

READ = [ROOT / "dags" / f"{name}.py" for name in ("poll_feeds", "check_warehouse", "propose_feeds")]  # one of each kind

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


def test_reading_a_dag_again_every_20_seconds_does_not_make_the_records_of_the_stages_each_time(run_python):
    """Making them takes as long as all the rest of a DAG file; only the forms of the past need their lists."""
    heavy = "import sys, runpy; runpy.run_path(sys.argv[1]); print('newswire.records' in sys.modules)"
    made = {path.stem: run_python("-c", heavy, str(path), PYTHONPATH=str(ROOT / "plugins")) for path in READ}
    assert {name for name, printed in made.items() if printed.strip() != "False"} == set()


@pytest.mark.parametrize("dag_id", ALL)
def test_a_dag_says_what_it_does_when_to_run_it_again_and_what_to_do_when_it_fails(dags, dag_id):
    doc = dags[dag_id]["doc"]
    assert doc.splitlines()[0].endswith(".")
    for part in ("| **Reads** |", "| **Writes** |", "| **Safe to run again** |", "**When it fails**"):
        assert part in doc
    assert statements_of(doc), "where does its reader look?"


@pytest.mark.parametrize("dag_id", ALL)
def test_a_page_names_the_tables_that_its_dag_writes_unless_it_writes_none(dags, dag_id):
    """A DAG without outlets has no asset that leads to them."""
    [writes] = re.findall(r"^\| \*\*Writes\*\* \| (.*) \|$", dags[dag_id]["doc"], flags=re.MULTILINE)
    names_tables = re.search(r"`(?:news|ops|mart)\.\w+`", writes) is not None
    assert names_tables is (dag_id not in WRITES_NO_TABLE), writes


def test_a_backfill_of_many_days_works_on_as_many_at_once_as_its_setting_says(dags, run_python):
    """Its own limit is ten runs, whatever the DAG says."""
    past = ("rebuild_day", "import_history")
    assert {name: {task["at_once"] for task in dag["tasks"].values()} for name, dag in dags.items()} == {
        name: {2} if name in past else {None} for name in dags
    }
    printed = run_python(str(Path(__file__).parent / "describe_dags.py"), str(ROOT / "dags"), NEWSWIRE_DAYS="5")
    more = json.loads(printed.splitlines()[-1])["dags"]
    assert {task["at_once"] for name in past for task in more[name]["tasks"].values()} == {5}


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
    assert queues["propose_feeds"] == {"net", "default"}
    assert {name for name, found in queues.items() if found == {"cpu"}} >= {"extract_articles", "rebuild_day"}
    assert queues["check_warehouse"] == {"default"}
    assert {sent[name]["max_active_runs"] for name in LIVE} == {5, 1}


def test_a_setting_that_is_wrong_takes_no_dag_away_and_stands_first_on_its_page(run_python):
    wrong = {"NEWSWIRE_SCHEDULE_CHECK_FEEDS": "every day", "NEWSWIRE_DRAINS": "many", "NEWSWIRE_DAYS": "0"}
    printed = run_python(str(Path(__file__).parent / "describe_dags.py"), str(ROOT / "dags"), **wrong)
    described = json.loads(printed.splitlines()[-1])
    assert described["errors"] == {}
    assert described["dags"]["check_feeds"]["schedule"]["expression"] == SCHEDULES["check_feeds"]
    assert described["dags"]["check_feeds"]["doc"].startswith(
        "**A setting is wrong.** NEWSWIRE_SCHEDULE_CHECK_FEEDS=every day: it has 2 fields, not five"
    )
    assert (
        described["dags"]["poll_feeds"]["max_active_runs"],
        described["dags"]["rebuild_day"]["max_active_runs"],
    ) == (2, 2)


def test_a_schedule_is_what_its_setting_says(run_python):
    every = {setting(dag_id): f"{number} 4 * * *" for number, dag_id in enumerate(SCHEDULES)}
    printed = run_python(str(Path(__file__).parent / "describe_dags.py"), str(ROOT / "dags"), **every)
    dags = json.loads(printed.splitlines()[-1])["dags"]
    assert {dag_id: dags[dag_id]["schedule"]["expression"] for dag_id in SCHEDULES} == {
        dag_id: f"{number} 4 * * *" for number, dag_id in enumerate(SCHEDULES)
    }


def test_every_dag_that_runs_by_the_clock_has_a_setting_for_it(dags):
    by_clock = {dag_id for dag_id, dag in dags.items() if dag["timetable"] == "CronTriggerTimetable"}
    assert by_clock == set(SCHEDULES)
    for dag_id in SCHEDULES:
        assert f"`{setting(dag_id)}`" in dags[dag_id]["doc"]


def statements_of(text: str) -> list[str]:
    """The SELECTs that a page tells its reader to try."""
    return re.findall(r"`(SELECT .*?;)`", text)


def statements() -> list[str]:
    text = "\n".join(path.read_text() for path in sorted((ROOT / "dags").glob("*.py")))
    return sorted(set(statements_of(text)))


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


def test_what_begins_when_it_is_due_has_a_deadline_and_what_waits_for_others_or_a_person_has_none(dags):
    minutes = {dag_id: dag["done_within_min"] for dag_id, dag in dags.items() if dag["done_within_min"]}
    assert minutes == {**{dag_id: [30.0] for dag_id in LIVE}, "check_warehouse": [15.0]}


def test_a_question_may_wait_for_weeks_and_the_next_run_does_not_wait_for_it(dags):
    for dag_id in ASKS:
        assert dags[dag_id]["max_active_runs"] == 100
    assert dags["propose_feeds"]["tasks"]["decide.choose"]["timeout_s"] is None


@pytest.mark.parametrize("dag_id", ALL)
def test_a_form_opens_with_what_nearly_every_run_needs(dags, dag_id, orchestration):
    """Airflow opens the section of one name by itself, and only one at a time."""
    sections = [param["schema"]["section"] for param in dags[dag_id]["params"].values()]
    assert sections[:1] in ([], [orchestration("params.fields").FIRST])


@pytest.mark.parametrize("dag_id", ALL)
def test_every_choice_of_a_form_says_what_it_means(dags, dag_id):
    for name, param in dags[dag_id]["params"].items():
        schema = param["schema"]
        choices = schema.get("enum") or schema.get("items", {}).get("enum") or []
        if choices and name != "format":  # csv, jsonl, ...: names that say it all
            assert set(schema["values_display"]) == set(choices) - {None}, name


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


@pytest.mark.parametrize("dag_id", CARE)
def test_what_looks_at_the_present_runs_by_the_clock_and_refuses_a_backfill(dags, dag_id):
    assert dags[dag_id]["schedule"]["expression"] == SCHEDULES[dag_id]
    assert dags[dag_id]["max_active_runs"] == 1
    assert dags[dag_id]["allowed_run_types"] == ["manual", "scheduled"]


def test_every_cause_of_a_dead_letter_has_words(dags):
    shown = dags["replay_dead_letters"]["params"]["cause"]["schema"]["values_display"]
    assert [cause for cause, words in shown.items() if words == f"{cause}: {cause}"] == []
