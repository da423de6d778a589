"""The newcomer's path, through the command line: from the address of a site to rows in the warehouse."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from newswire import cli, commands
from newswire.newsroom.publications import publications
from newswire.newsroom.running import running_newsroom
from newswire.newsroom.server import Newsroom
from newswire.settings import CHECKOUT
from newswire.warehouse.connection import Conn, connect

SITE = "http://morning-ledger.example/"
FEED = "http://morning-ledger.example/rss.xml"


@pytest.fixture
def conn(warehouse, tmp_path, monkeypatch) -> Iterator[Conn]:
    """A warehouse and a newsroom that the command line finds in its environment."""
    with running_newsroom(Newsroom(publications())) as newsroom, connect(warehouse.dsn(), name="test") as connection:
        for name, value in {
            "WAREHOUSE": warehouse.dsn(),
            "ARCHIVE": str(tmp_path / "archive"),
            "CONFIG": str(CHECKOUT / "config"),
            "MODE": "test",
            "NEWSROOM": f"127.0.0.1:{newsroom.port}",
            "HOST_GAP_S": "0",
            "PUBLISH_DELAY_S": "0",
        }.items():
            monkeypatch.setenv(f"NEWSWIRE_{name}", value)
        yield connection


def newswire(capsys, *arguments: object) -> tuple[int, str, str]:
    code = cli.main([str(argument) for argument in arguments])
    out, err = capsys.readouterr()
    return code, out, err


def count(conn: Conn, of: str) -> int:
    return conn.execute(f"SELECT count(*) FROM {of}").fetchone()[0]


def test_from_a_site_to_rows(conn, capsys):
    code, out, _ = newswire(capsys, "feeds", "discover", SITE)
    assert code == 0
    lines = out.splitlines()
    assert lines[0] == FEED
    assert "rss The Morning Ledger" in lines[1]
    assert "100% of the links lead to the site" in lines[1]
    assert lines[2].startswith("  found: the page names it")
    assert lines[3] == f"  next:  newswire feeds preview {FEED}"

    code, out, _ = newswire(capsys, "feeds", "preview", FEED)
    assert code == 0
    assert "rss The Morning Ledger, language en" in out
    assert "8 entries would be read of 8 items" in out
    assert re.search(r"    \d{4}-\d\d-\d\d \d\d:\d\d  \S.*  http://morning-ledger\.example/\w+/", out)
    assert "it would be asked every 15 min at first" in out
    assert count(conn, "news.feeds") == 0  # so far nothing is written

    assert newswire(capsys, "feeds", "add", FEED, "--group", "raw materials", "--country", "GB")[0] == 0
    for stage in ("poll", "fetch", "extract", "group", "tag"):
        assert newswire(capsys, "drain", stage)[0] == 0
    titles = conn.execute(
        "SELECT title FROM mart.articles JOIN mart.article_topics USING (article_id, title)"
        " WHERE topic = 'rare-earths' AND articles.country = 'GB'"
    ).fetchall()
    assert ("Carmakers ration motors as rare-earth prices double in a quarter",) in titles

    code, out, _ = newswire(capsys, "feeds", "check", FEED)
    assert code == 0
    assert "  good\n" in out
    assert "now: it answers with" in out


def test_what_cannot_be_used_is_said_with_its_mend(conn, capsys):
    code, out, _ = newswire(capsys, "feeds", "preview", SITE)
    assert (code, "no feed can be read: what is there is not a feed" in out) == (1, True)
    assert "`newswire feeds discover` finds the feeds of a site" in out
    code, out, _ = newswire(capsys, "feeds", "check", f"{SITE}nothing.xml")
    assert (code, "not subscribed" in out) == (1, True)
    assert "now: no feed can be read: nothing is at this address any more: HTTP 404; `newswire feeds discover`" in out
    code, _, err = newswire(capsys, "feeds", "discover", "http://nobody.example/")
    assert (code, err.startswith("newswire: http://nobody.example/ cannot be read: nothing is at this address")) == (
        1,
        True,
    )


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["add", "ftp://a.example/x"], "'ftp://a.example/x' is not a web address; give the whole address of the feed"),
        (["add", FEED, "--country", "Atlantis"], "'Atlantis' is no country; write its two letters"),
        (["preview", "rss.xml"], "not a web address: 'rss.xml'; give the whole address of the feed"),
        (["import", "/nowhere/list.opml"], "/nowhere/list.opml: No such file or directory; give the path of an OPML"),
        (["import"], "give the file of a list, or --starter"),
        (
            ["import", "--starter", "--group", "gardening"],
            "no feed of the list is in the group 'gardening'; its groups are",
        ),
        (["pause", FEED], f"not subscribed: {FEED}; `newswire feeds list` shows all"),
        (["pause", "--group", "none"], "no feed is in the group 'none'"),
        (["pause"], "give addresses, or --group"),
    ],
)
def test_a_wrong_argument_names_the_mend(conn, capsys, arguments, says):
    code, _, err = newswire(capsys, "feeds", *arguments)
    assert (code, err.startswith(f"newswire: {says}")) == (1, True), err


def test_what_is_exported_is_imported_again_and_changes_nothing(conn, capsys, tmp_path: Path):
    newswire(capsys, "feeds", "add", FEED, "--group", "world/europe", "--tag", "daily", "--publisher", "Ledger")
    newswire(capsys, "feeds", "add", "https://fanal.example/feed", "--note", "=1+1", "--connection", "my_wire")
    for name in ("all.opml", "all.csv"):
        assert newswire(capsys, "feeds", "export", tmp_path / name)[0] == 0
        code, out, _ = newswire(capsys, "feeds", "import", tmp_path / name)
        assert (code, out) == (0, "0 feeds subscribed to, 2 known and brought up to date\n")
    first = (tmp_path / "all.csv").read_bytes()
    assert b"my_wire" in first
    assert b'newswire:connection="my_wire"' in (tmp_path / "all.opml").read_bytes()
    newswire(capsys, "feeds", "export", tmp_path / "all.csv")
    assert (tmp_path / "all.csv").read_bytes() == first
    assert newswire(capsys, "feeds", "export", "--format", "csv")[1].encode() == first


def test_the_good_lines_of_a_list_are_imported_and_the_wrong_ones_told(conn, capsys, tmp_path: Path):
    path = tmp_path / "mine.csv"
    path.write_text(f"url,groups\n{FEED},a\nnonsense,a\n")
    code, out, err = newswire(capsys, "feeds", "import", path, "--dry-run")
    assert (code, out.startswith("1 feeds would be subscribed to"), count(conn, "news.feeds")) == (1, True, 0)
    code, out, err = newswire(capsys, "feeds", "import", path)
    assert (code, out.startswith("1 feeds subscribed to"), count(conn, "news.feeds")) == (1, True, 1)
    assert err.startswith("left out: mine.csv:3: 'nonsense' is not a web address; give")


def test_groups_are_paused_resumed_and_made_due_as_one(conn, capsys):
    newswire(capsys, "feeds", "add", FEED, "--group", "world/europe")
    assert newswire(capsys, "feeds", "pause", "--group", "world")[1] == "1 feeds paused\n"
    assert newswire(capsys, "feeds", "list", "--state", "paused")[1].startswith(
        "paused        0  http://morning-ledger"
    )
    assert (
        newswire(capsys, "feeds", "poll-now", FEED)[1]
        == "1 left as they are: paused, or asked within the last minute\n"
    )
    assert newswire(capsys, "feeds", "resume", FEED)[1] == "1 feeds resumed\n"
    assert newswire(capsys, "feeds", "poll-now", "--group", "world")[1] == f"due now: {FEED}\n"
    assert newswire(capsys, "feeds", "list", "--group", "sport")[1] == ""


def test_a_removed_feed_is_gone_until_it_is_added_again(conn, capsys, tmp_path, monkeypatch):
    newswire(capsys, "feeds", "add", FEED)
    newswire(capsys, "drain", "poll")
    code, out, _ = newswire(capsys, "feeds", "remove", FEED)
    assert (code, out.splitlines()[0]) == (0, f"removed: {FEED}")
    assert newswire(capsys, "feeds", "list")[1] == ""
    assert newswire(capsys, "feeds", "pause", FEED)[2].startswith(f"newswire: not subscribed: {FEED}")
    monkeypatch.setenv("NEWSWIRE_CONFIG", str(tmp_path))  # the file of each start does not bring it back
    (tmp_path / "feeds.opml").write_text(f'<opml version="2.0"><body><outline xmlUrl="{FEED}"/></body></opml>')
    assert (commands.feeds.subscribe_new(), capsys.readouterr().out) == (0, "")
    assert count(conn, "news.entries") == 8
    assert newswire(capsys, "feeds", "add", FEED)[1] == f"subscribed to {FEED}\n"
    newswire(capsys, "drain", "poll")
    assert count(conn, "news.entries") == 8
    assert newswire(capsys, "feeds", "list")[1].startswith("good          8  ")


def test_a_feed_behind_a_login_is_asked_with_its_connection_or_says_what_is_missing(conn, capsys, monkeypatch):
    mend = "the connection 'my_wire' is not known here; define it in Airflow, or set AIRFLOW_CONN_MY_WIRE"
    code, out, _ = newswire(capsys, "feeds", "preview", FEED, "--connection", "my_wire")
    assert (code, f"no feed can be read: its credential cannot be used: {mend}" in out) == (1, True)
    _, out, err = newswire(capsys, "feeds", "add", FEED, "--connection", "my_wire")
    assert "a credential is sent over https only; give the https address of the feed" in out + err
    newswire(capsys, "feeds", "add", FEED.replace("http:", "https:"), "--connection", "my_wire")
    newswire(capsys, "drain", "poll")
    assert f"its credential cannot be used: {mend}" in newswire(capsys, "feeds", "list", "--state", "failing")[1]
    monkeypatch.setenv("AIRFLOW_CONN_MY_WIRE", '{"login": "ann", "password": "s3cret"}')
    conn.execute("UPDATE ops.work SET due_at = now()")
    newswire(capsys, "drain", "poll")
    code, out, _ = newswire(capsys, "feeds", "check", FEED.replace("http:", "https:"))
    assert (code, "  good\n" in out, "credential of the connection my_wire" in out) == (0, True, True)
    out = newswire(capsys, "feeds", "check", FEED)[1]
    assert "not subscribed" not in out  # http and https are one feed, as `feeds add` has it


def test_publishers_are_listed_and_corrected(conn, capsys):
    newswire(capsys, "feeds", "add", FEED, "--country", "uk")
    code, out, _ = newswire(
        capsys, "publishers", "set", "morning-ledger.example", "--name", "Ledger", "--kind", "newspaper"
    )
    assert code == 0
    code, out, _ = newswire(capsys, "publishers", "list")
    assert out == "morning-ledger.example: Ledger (user), GB (user), newspaper (user); 1 feeds\n"
    code, _, err = newswire(capsys, "publishers", "set", "nobody.example", "--name", "x")
    assert (code, "no publisher has the domain nobody.example" in err) == (1, True)


def test_a_start_tells_what_it_subscribed_and_which_line_is_wrong(conn, capsys, tmp_path, monkeypatch):
    monkeypatch.setenv("NEWSWIRE_CONFIG", str(tmp_path))
    outlines = f'<outline xmlUrl="{FEED}"/>\n<outline xmlUrl="nonsense"/>'
    (tmp_path / "feeds.opml").write_text(f'<opml version="2.0"><body>{outlines}</body></opml>')
    assert commands.feeds.subscribe_new() == 1
    out, err = capsys.readouterr()
    assert out == f"  subscribed to {FEED}, which is new in config/feeds.opml\n"
    assert err.startswith("left out: feeds.opml:2: 'nonsense' is not a web address")
