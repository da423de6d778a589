"""What tasks do, in a real context of Airflow and over a real warehouse."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from newswire.archive import Archive
from newswire.errors import ConfigError
from newswire.newsroom.publications import publications
from newswire.newsroom.running import running_newsroom
from newswire.newsroom.server import Newsroom
from newswire.records import SITE_REASONS, HttpResponse, Subscription
from newswire.warehouse import addresses, feeds, marts, work
from newswire.warehouse.connection import connect

DRAIN = {"linger_s": 0, "cap_s": 60}
REBUILD = {
    "from_stage": "tag",
    "topics": [],
    "publishers": [],
    "feeds": [],
    "languages": [],
    "limit": None,
    "force": False,
    "dry_run": False,
}


@pytest.fixture
def tasks(orchestration) -> Any:
    return orchestration("tasks")


@pytest.fixture
def inside(orchestration, warehouse, monkeypatch, tmp_path) -> Callable[..., Any]:
    """Stand inside a task, over a warehouse and an archive of one's own, with the params and the partition key of a run."""
    monkeypatch.setenv("AIRFLOW_CONN_NEWS_WAREHOUSE", warehouse.dsn())
    monkeypatch.setenv("NEWSWIRE_ARCHIVE", f"file://{tmp_path}")
    from airflow.sdk.execution_time.context import OutletEventAccessors, set_current_context

    outlets = [orchestration("assets").TOUCHED_DAYS]

    @contextmanager
    def enter(
        params: dict[str, Any], *, partition_key: str | None = None, run_type: str = "manual", conf: Any = None
    ) -> Iterator[Any]:
        pushed: dict[str, Any] = {}
        context = {
            "params": params,
            "dag_run": SimpleNamespace(partition_key=partition_key, run_id="by hand", run_type=run_type, conf=conf),
            "ti": SimpleNamespace(xcom_push=lambda *, key, value: pushed.update({key: value})),
            "outlets": outlets,
            "outlet_events": OutletEventAccessors(),
            "pushed": pushed,
        }
        with set_current_context(context):
            yield context

    return enter


def counts_on_events(context: Any) -> list[Any]:
    return [context["outlet_events"][asset].extra for asset in context["outlets"]]


def test_a_drain_that_found_nothing_ends_as_skipped_so_that_its_outlets_wake_nobody(tasks, inside):
    from airflow.sdk.exceptions import AirflowSkipException

    with inside(DRAIN), pytest.raises(AirflowSkipException, match="queue of group"):
        tasks.drain("group")


def test_a_drain_returns_counts_and_puts_them_on_the_events_it_causes(tasks, inside, warehouse):
    with connect(warehouse.dsn(), name="test") as conn:
        work.ask(conn, "publish", [marts.day_key(date(2026, 11, 10))])
    with inside(DRAIN) as context:
        counts = tasks.drain("publish")
    assert counts["seen"] == 1
    assert set(counts) == {"seen", "changed", "unchanged", "skipped", "failed", "outcomes"}
    assert counts_on_events(context) == [counts]


def test_a_rebuild_works_on_the_day_of_its_run_and_is_logged(tasks, inside, warehouse):
    with inside(REBUILD, partition_key="2026-11-10") as context:
        counts = tasks.rebuild("publish")
    assert (counts["seen"], counts["changed_subjects"], counts["changes"]) == (1, 0, [])
    [told] = counts_on_events(context)
    assert told.items() <= counts.items()
    with connect(warehouse.dsn(), name="test") as conn:
        assert conn.execute("SELECT day, stage, asked_by, dry_run FROM mart.rebuilds").fetchall() == [
            (date(2026, 11, 10), "publish", "by hand", False)
        ]


@pytest.mark.parametrize("body", ["rebuild", "import_history", "import_warc"])
@pytest.mark.parametrize("conf", [None, {}])
def test_a_backfill_whose_form_was_not_sent_does_nothing_and_says_why(tasks, inside, warehouse, body, conf):
    from airflow.sdk.exceptions import AirflowFailException

    params = REBUILD if body == "rebuild" else {**HISTORY, "everything": True}
    asked = {"partition_key": "2026-11-10", "run_type": "backfill", "conf": conf}
    with inside(params, **asked), pytest.raises(AirflowFailException, match="tick 'Override parameters"):
        getattr(tasks, body)(*["publish"][: body == "rebuild"])
    with connect(warehouse.dsn(), name="test") as conn:
        assert conn.execute("SELECT count(*) FROM mart.rebuilds").fetchone() == (0,)


def test_a_backfill_with_its_form_is_done(tasks, inside):
    with inside(REBUILD, partition_key="2026-11-10", run_type="backfill", conf={"dry_run": False}):
        assert tasks.rebuild("publish")["seen"] == 1


def test_a_rebuild_leaves_out_the_stages_before_its_first(tasks, inside):
    from airflow.sdk.exceptions import AirflowSkipException

    with inside(REBUILD, partition_key="2026-11-10"), pytest.raises(AirflowSkipException, match="extract"):
        tasks.rebuild("extract")


@pytest.mark.parametrize(
    ("stage", "from_stage", "dry_run", "runs"),
    [
        ("extract", "extract", False, True),
        ("extract", "group", False, False),
        ("group", "extract", False, True),
        ("group", "tag", False, False),
        ("tag", "tag", True, True),
        ("publish", "tag", False, True),
        ("publish", "extract", True, False),  # nothing changed, so there is nothing to publish and nobody to tell
        ("publish", "publish", True, True),
    ],
)
def test_which_stages_belong_to_a_rebuild(tasks, stage, from_stage, dry_run, runs):
    assert tasks.belongs_to_rebuild(stage, from_stage=from_stage, dry_run=dry_run) is runs


HISTORY = {
    "feeds": [],
    "publishers": [],
    "everything": False,
    "kinds": ["archived"],
    "warc": None,
    "max_documents": 10,
    "dry_run": False,
}


@pytest.mark.parametrize(
    ("task", "params", "why"),
    [
        ("import_history", {}, "no feed was chosen, and none overflowed on 2026-11-10"),
        ("import_history", {"warc": "/captures"}, "only WARC files were asked for"),
        ("import_warc", {"everything": True}, "no WARC files were asked for"),
    ],
)
def test_an_import_that_nobody_asked_for_ends_as_skipped(tasks, inside, task, params, why):
    from airflow.sdk.exceptions import AirflowSkipException

    with inside({**HISTORY, **params}, partition_key="2026-11-10"), pytest.raises(AirflowSkipException, match=why):
        getattr(tasks, task)()


def test_an_import_that_did_not_come_to_its_end_is_tried_again(tasks, inside, warehouse):
    from airflow.sdk.exceptions import AirflowException

    url = "https://paper.example/feed"
    with connect(warehouse.dsn(), name="test") as conn:
        feeds.subscribe(conn, [Subscription(url=url)], interval_s=900)
        work.block_hosts(conn, {"paper.example": 3600})
    with inside({**HISTORY, "feeds": [url]}, partition_key="2026-11-10") as context:
        with pytest.raises(AirflowException, match="the next try goes on"):
            tasks.import_history()
        assert context["pushed"]["report"]["outcomes"]["throttled"] == 1


@pytest.mark.parametrize("key", [None, "", "crawl-2026-47", "2026-13-01"])
def test_a_run_without_a_day_fails_at_once_and_says_how_to_start_it(tasks, key):
    from airflow.sdk.exceptions import AirflowFailException

    with pytest.raises(AirflowFailException, match="partition key such as"):
        tasks.day_of(key)


def test_the_day_of_a_run_is_its_partition_key(tasks):
    assert tasks.day_of("2026-11-10") == date(2026, 11, 10)


FORM = {
    "action": "add",
    "addresses": [],
    "group": None,
    "list": None,
    "replace": False,
    "dry_run": False,
    "tags": [],
    "publisher": None,
    "country": None,
    "language": None,
    "owner": None,
    "note": None,
    "connection": None,
}
FEED = "http://morning-ledger.example/rss.xml"


@pytest.fixture
def newsroom(monkeypatch):
    with running_newsroom(Newsroom(publications())) as room:
        monkeypatch.setenv("NEWSWIRE_MODE", "test")
        monkeypatch.setenv("NEWSWIRE_NEWSROOM", f"127.0.0.1:{room.port}")
        monkeypatch.setenv("NEWSWIRE_HOST_GAP_S", "0")
        yield room


def test_the_form_does_what_the_command_line_does(tasks, inside, newsroom):
    def act(action: str, *addresses: str, **fields: Any) -> list[str]:
        with inside(FORM | {"action": action, "addresses": list(addresses)} | fields):
            return tasks.manage_feeds()

    assert act("discover", "http://morning-ledger.example/")[0] == FEED
    assert "8 entries would be read of 8 items" in "\n".join(act("preview", FEED))
    assert act("add", FEED, group="metals", tags=["daily"]) == [f"subscribed to {FEED}"]
    assert act("import", list=f"url\n{FEED}\nhttps://b.example/feed\n")[0].startswith("1 feeds subscribed to, 1 known")
    assert act("pause", group="metals") == ["1 feeds paused"]
    assert act("resume", FEED) == ["1 feeds resumed"]
    assert act("poll_now", FEED) == [f"due now: {FEED}"]
    assert act("remove", FEED)[0] == f"removed: {FEED}"


NONE = "None of them"
SEARCH = {"sites": ["http://prairie-courier.example/"], "reasons": ["without"], "most_sites": 10, "again": False}


@pytest.mark.usefixtures("newsroom")
def test_feeds_are_proposed_as_one_question_a_site_and_what_is_chosen_is_subscribed_to(tasks, inside, warehouse):
    with inside(SEARCH) as context:
        [question] = tasks.propose_feeds(none_of_them=NONE)
    feed = "http://prairie-courier.example/feed.atom"
    assert context["pushed"]["told"] == [
        "prairie-courier.example (somebody named it): 1 feeds to decide about",
        f"  {feed}",
    ]
    assert question["options"] == [feed, NONE]
    assert question["subject"] == "Subscribe to feeds of prairie-courier.example? 1 found"
    assert f"**The Prairie Courier** · `{feed}`" in question["body"]
    answer = {
        "chosen_options": [NONE, feed],
        "params_input": {"group": "papers", "note": None},
        "responded_by_user": {"id": "1", "name": "ada"},
    }
    with inside({}):
        assert tasks.decide_proposals(question["proposal_ids"], answer, none_of_them=NONE)["outcomes"] == {
            "rejected": 0,
            "subscribed": 1,
        }
    with connect(warehouse.dsn(), name="test") as conn:
        assert conn.execute("SELECT url, groups FROM news.feeds").fetchall() == [(feed, ["papers"])]
        assert conn.execute("SELECT decided_by FROM mart.feed_proposals").fetchall() == [("ada",)]


@pytest.mark.usefixtures("newsroom")
def test_a_question_that_nobody_answers_subscribes_to_nothing_and_lapses(tasks, inside, warehouse):
    with inside(SEARCH):
        [question] = tasks.propose_feeds(none_of_them=NONE)
    answer = {"chosen_options": [NONE], "params_input": {}, "responded_by_user": None}
    with inside({}):
        assert tasks.decide_proposals(question["proposal_ids"], answer, none_of_them=NONE)["outcomes"] == {
            "lapsed": 1,
            "subscribed": 0,
        }
    with connect(warehouse.dsn(), name="test") as conn:
        assert conn.execute("SELECT outcome FROM mart.feed_proposals").fetchall() == [("lapsed",)]


def test_the_form_of_a_search_offers_every_reason(dags):
    assert dags["propose_feeds"]["params"].keys() == SEARCH.keys()
    assert tuple(dags["propose_feeds"]["params"]["reasons"]["schema"]["items"]["enum"]) == SITE_REASONS


def test_every_action_of_the_form_can_be_done(dags):
    from newswire.managing import ACTIONS

    assert set(dags["manage_feeds"]["params"]["action"]["schema"]["enum"]) == set(ACTIONS)
    assert dags["manage_feeds"]["params"].keys() == FORM.keys()


def test_a_form_that_cannot_be_meant_fails_with_the_mend(tasks, inside):
    with inside(FORM), pytest.raises(ConfigError, match="no address is given; write one a line"):
        tasks.manage_feeds()
    with inside(FORM | {"addresses": ["https://a.example/x"], "country": "Atlantis"}), pytest.raises(ConfigError):
        tasks.manage_feeds()


def test_a_list_with_a_wrong_line_fails_after_the_good_ones_were_taken(tasks, inside, warehouse):
    from airflow.sdk.exceptions import AirflowFailException

    form = FORM | {"action": "import", "list": "url\nhttps://b.example/feed\nnonsense\n"}
    with inside(form) as context, pytest.raises(AirflowFailException, match="left out: list:3: 'nonsense'"):
        tasks.manage_feeds()
    assert context["pushed"]["told"][0].startswith("1 feeds subscribed to")


def test_feeds_are_reported_in_words_and_too_much_trouble_fails(tasks, inside, warehouse):
    from airflow.sdk.exceptions import AirflowFailException

    with connect(warehouse.dsn(), name="test") as conn:
        feeds.subscribe(conn, [Subscription(url=f"https://{name}.example/feed") for name in "abcd"], interval_s=900)
        conn.execute("UPDATE news.feeds SET last_polled_at = now(), last_success_at = now()")
        conn.execute("UPDATE ops.work SET due_at = now() + interval '1 hour'")
        limits = {"most_percent": 30, "quiet_min": 30}
        with inside(limits):
            assert tasks.check_feeds() == ["4 feeds are polled: 4 good"]
        failing = "UPDATE news.feeds SET failures = 9, failure_score = 9, last_outcome = 'tls', failing_since = now() - interval '%s'"
        conn.execute(failing % "2 days" + " WHERE url LIKE '%a.example%'")
        with inside(limits):
            assert tasks.check_feeds()[1:] == [
                "1 in trouble:",
                "  https://a.example/feed: the server's certificate is not accepted",
            ]
        conn.execute(failing % "2 days")
        with inside(limits) as context, pytest.raises(AirflowFailException, match="4 of 4 feeds are in trouble"):
            tasks.check_feeds()
        assert context["pushed"]["told"][1] == "4 feeds are polled: 4 failing"
        conn.execute("UPDATE news.feeds SET failing_since = now(), last_success_at = now() - interval '1 hour'")
        conn.execute("UPDATE ops.work SET due_at = now() - interval '1 hour'")
        with inside(limits), pytest.raises(AirflowFailException, match="no feed has answered since"):
            tasks.check_feeds()


def test_a_healthy_warehouse_passes_its_checks(tasks, inside):
    with inside({}):
        assert tasks.run_checks()["failed"] == 0


def test_a_wrong_answer_fails_the_check_at_once_after_it_was_reported(tasks, inside, warehouse):
    from airflow.sdk.exceptions import AirflowFailException

    with connect(warehouse.dsn(), name="test") as conn:  # a feed that nobody will ever poll
        feeds.subscribe(conn, [Subscription(url="https://forgotten.example/feed")], interval_s=900)
        conn.execute("DELETE FROM ops.work")
    with inside({}) as context, pytest.raises(AirflowFailException, match=r"feeds_have_their_poll \(1 rows\)"):
        tasks.run_checks()
    assert context["pushed"]["report"]["failed"] == 1


def archived(warehouse, tmp_path, body: bytes) -> None:
    """A page whose row says that its body is `kept`."""
    page = HttpResponse(url="https://a.example/x", status=200, headers=(), body=body, wire_bytes=1, seconds=0.1)
    [ref] = Archive(str(tmp_path)).write([page], now=datetime.now(UTC), name="batch")
    with connect(warehouse.dsn(), name="test") as conn:
        addresses.ensure(conn, ["https://a.example/x"])
        conn.execute(
            "INSERT INTO news.pages (address_id, body_sha256, final_url, status, archive_path, archive_offset,"
            " archive_length, fetched_at) SELECT address_id, sha256('kept'), url, 200, %s, %s, %s, now() FROM news.addresses",
            [ref.path, ref.offset, ref.length],
        )


def test_the_archive_is_verified_and_swept(tasks, inside, warehouse, tmp_path):
    archived(warehouse, tmp_path, b"kept")
    with inside({"sample": None, "dry_run": False}):
        assert tasks.verify_archive() == {"pages": 1}
        assert tasks.sweep_archive() == {"files": 1, "orphans": 0, "removed": True}


def test_a_page_that_is_not_what_its_row_says_fails_the_task_at_once(tasks, inside, warehouse, tmp_path):
    from airflow.sdk.exceptions import AirflowFailException

    archived(warehouse, tmp_path, b"another")
    with (
        inside({"sample": 10}),
        pytest.raises(AirflowFailException, match=r"1 of 1 pages: page 1, https://a\.example/x"),
    ):
        tasks.verify_archive()


@pytest.mark.parametrize("dry_run", [True, False])
def test_what_is_not_kept_is_told_and_goes_unless_it_is_only_counted(tasks, inside, dry_run):
    with inside({"dry_run": dry_run}):
        assert tasks.apply_retention() == {"months": [], "pages": 0, "texts": 0, "entries": 0, "dry_run": dry_run}


def test_young_articles_are_asked_for_again(tasks, inside):
    with inside({}):
        assert tasks.recheck()["seen"] == 0


GRAIN = """\
id: grain
name: {en: Grain}
description: Grain.
groups: {terms: {en: [wheat*]}}
rules: [{count: terms}]
examples: {match: [{lang: en, title: Wheat}]}
"""


@pytest.fixture
def grain(monkeypatch, tmp_path):
    folder = tmp_path / "config" / "topics"
    folder.mkdir(parents=True)
    monkeypatch.setenv("NEWSWIRE_CONFIG", str(tmp_path / "config"))
    (folder / "grain.yaml").write_text(GRAIN)
    return folder / "grain.yaml"


@pytest.fixture
def waiting(tasks, inside, warehouse, grain) -> dict[str, Any]:
    """A change of all tags of a topic, shown and not decided."""
    with inside({}):
        assert tasks.show_topic_changes() == []  # an empty system begins with its files
    with connect(warehouse.dsn(), name="test") as conn:
        conn.execute(
            "INSERT INTO news.publishers (domain) VALUES ('paper.example');"
            "INSERT INTO news.addresses (address_key, url, host) VALUES ('\\x00', 'https://paper.example/1', 'paper.example');"
            "INSERT INTO news.articles (address_id, url, publisher_id, first_seen_at, seen_by, at, day)"
            " SELECT address_id, url, publisher_id, now(), 'live', now(), now()::date FROM news.addresses, news.publishers;"
            "INSERT INTO news.article_versions (article_id, content_sha256, title, text, language, authors, text_source,"
            " extractor) SELECT article_id, '\\x00', 'Wheat', '', 'en', '{}', 'page', 'test' FROM news.articles;"
            "UPDATE news.articles SET current_version_id = version_id FROM news.article_versions;"
            "SELECT ops.ask('tag', array_agg(article_id)) FROM news.articles"
        )
    with inside(DRAIN):
        assert tasks.drain("tag")["changed"] == 1
    grain.write_text(GRAIN.replace("wheat*", "barley*").replace("title: Wheat", "title: Barley"))
    with inside({}):
        [shown] = tasks.show_topic_changes()
    return shown


def test_a_large_change_is_returned_with_what_a_person_needs_to_decide(waiting):
    assert waiting["subject"] == "Release grain: 1 removed of 1 tags (100%)?"
    assert "| en |  | 1 |" in waiting["body"]
    assert waiting.keys() == {"release_id", "subject", "body"}


@pytest.mark.parametrize(("chosen", "outcome"), [("Approve", "released"), ("Reject", "rejected")])
def test_what_a_person_decides_is_done_and_kept(tasks, inside, waiting, chosen, outcome):
    answer = {
        "chosen_options": [chosen],
        "params_input": {"note": "because"},
        "responded_by_user": {"id": "1", "name": "ada"},
    }
    with inside({}) as context:
        counts = tasks.decide_topic_release(waiting["release_id"], answer, approve="Approve")
    assert counts["outcomes"] == {outcome: 1}
    assert counts_on_events(context) == [counts]
    with connect(os.environ["AIRFLOW_CONN_NEWS_WAREHOUSE"], name="test") as conn:
        decided = conn.execute("SELECT outcome, decided_by, note FROM mart.topic_releases").fetchall()
    assert decided == [(outcome, "ada", "because")]


@pytest.mark.usefixtures("waiting")
def test_a_person_overrules_a_tag_from_a_form(tasks, inside, warehouse):
    with connect(warehouse.dsn(), name="test") as conn:
        [[number]] = conn.execute("SELECT article_id FROM news.articles").fetchall()
        with inside({"article": str(number), "topic": "grain", "verdict": "no", "note": None}):
            assert tasks.overrule_tag()["changed"] == 1
        assert conn.execute("SELECT said_by FROM news.topic_overrides").fetchall() == [("somebody",)]
        assert conn.execute("SELECT FROM mart.article_topics").fetchall() == []


def test_dead_letters_that_the_form_names_are_work_again(tasks, inside, warehouse):
    bury = "INSERT INTO ops.dead_letters (stage, key, cause, detail, attempts) VALUES (%s, 1, %s, '', 5)"
    form = {"stages": ["fetch"], "cause": "dns", "since": "2026-01-01T00:00:00Z", "dry_run": True}
    with connect(warehouse.dsn(), name="test") as conn:
        for stage, cause in (("fetch", "dns"), ("extract", "killed"), ("poll", "dns")):
            conn.execute(bury, [stage, cause])
        with inside(form):
            assert tasks.replay_dead_letters()["outcomes"] == {"fetch dns": 1}
        assert conn.execute("SELECT count(*) FROM ops.dead_letters").fetchone() == (3,)
        with inside({**form, "dry_run": False}):
            tasks.replay_dead_letters()
        assert conn.execute("SELECT stage, key FROM ops.work").fetchall() == [("fetch", 1)]
        assert conn.execute("SELECT count(*) FROM ops.dead_letters").fetchone() == (2,)


def test_a_time_of_the_form_is_utc_where_nothing_is_said_or_is_refused_with_one_that_can_be_meant(tasks, inside):
    form = {"stages": [], "cause": "any", "since": "2026-01-01T00:00", "dry_run": True}
    with inside(form):
        assert tasks.replay_dead_letters()["seen"] == 0
    with (
        inside({**form, "since": "yesterday"}),
        pytest.raises(ConfigError, match="Since: 'yesterday' is no time; give one such as 2026-11-25T08:00:00Z"),
    ):
        tasks.replay_dead_letters()


def test_records_of_warc_files_are_replayed_by_the_same_form(tasks, inside, warehouse, tmp_path):
    bury = """
        WITH record AS (
            INSERT INTO ops.warc_records (file_url, record_offset) VALUES (%s, 0) RETURNING record_id
        )
        INSERT INTO ops.dead_letters (stage, key, cause, detail, attempts)
        SELECT 'import', record_id, 'truncated', '', 1 FROM record
    """
    with connect(warehouse.dsn(), name="test") as conn:
        conn.execute(bury, [f"file://{tmp_path}/a.warc.gz"])
    with inside({"stages": ["import"], "cause": "any", "since": None, "dry_run": False}):
        assert tasks.replay_dead_letters()["outcomes"] == {"file_missing": 1, "import truncated": 1}
