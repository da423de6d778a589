"""The past through the command line, as a person asks for it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from newswire import cli
from newswire.newsroom.annals import Annals
from newswire.newsroom.running import running_newsroom
from newswire.newsroom.server import Newsroom
from warc_writing import Captured, write_warc

TODAY = datetime.now(UTC).date()
FEED = "http://annals-map.example/rss.xml"
SINCE, UNTIL = str(TODAY - timedelta(days=12)), str(TODAY - timedelta(days=10))


@pytest.fixture(autouse=True)
def _environment(warehouse, tmp_path, monkeypatch):
    """A warehouse and a newsroom that the command line finds in its environment."""
    with running_newsroom(Newsroom((), annals=Annals(TODAY))) as newsroom:
        for name, value in {
            "WAREHOUSE": warehouse.dsn(),
            "ARCHIVE": str(tmp_path / "archive"),
            "MODE": "test",
            "NEWSROOM": f"127.0.0.1:{newsroom.port}",
            "HOST_GAP_S": "0",
            "HISTORY_GAP_S": "0",
        }.items():
            monkeypatch.setenv(f"NEWSWIRE_{name}", value)
        yield


def newswire(capsys, *arguments: object) -> tuple[int, str, str]:
    code = cli.main([str(argument) for argument in arguments])
    return code, *capsys.readouterr()


def test_a_feed_is_looked_at_then_imported(capsys):
    newswire(capsys, "feeds", "add", FEED)
    asked = ("history", FEED, "--since", SINCE, "--until", UNTIL)
    code, out, _ = newswire(capsys, *asked, "--dry-run")
    assert (code, out.splitlines()[-1]) == (0, "3 entries of these days, 3 of them new; nothing is written")
    code, out, _ = newswire(capsys, *asked)
    assert (code, out.splitlines()[-1]) == (0, "3 entries of these days, 3 of them new; the pages follow as bulk work")
    assert "  remembered: " in newswire(capsys, *asked)[1]


def test_an_import_that_is_not_finished_says_so(capsys):
    newswire(capsys, "feeds", "add", FEED)
    _, _, err = newswire(capsys, "history", "--everything", "--since", SINCE, "--max-pages", "1")
    assert err == "not finished: run it again, and it goes on where it is\n"


def test_captures_are_imported(capsys, tmp_path):
    write_warc(tmp_path / "a.warc.gz", [Captured("https://paper.example/a", b"<html><p>News</p></html>")])
    code, out, _ = newswire(capsys, "import-warc", tmp_path)
    assert (code, out.splitlines()[-1]) == (0, "1 pages, 1 of them new; the pages follow as bulk work")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["history", "--since", SINCE], "give addresses of feeds, --publisher DOMAIN, or --everything"),
        (
            ["history", FEED, "--since", SINCE],
            f"no feed is subscribed to at {FEED}; `newswire feeds list` shows those that are",
        ),
        (["history", "--everything", "--since", str(TODAY), "--until", str(TODAY)], f"{TODAY} is not over yet"),
        (["history", "nonsense", "--since", SINCE], "'nonsense' is not a web address"),
        (["import-warc", "/nowhere"], "no WARC file at /nowhere"),
        (["import-warc", "/nowhere", "--until", UNTIL], "--until needs --since"),
    ],
)
def test_a_wrong_argument_names_the_mend(capsys, arguments, says):
    code, _, err = newswire(capsys, *arguments)
    assert (code, err.startswith(f"newswire: {says}")) == (1, True), err


def test_what_an_import_could_not_read_is_listed_and_replayed(capsys, tmp_path):
    path = tmp_path / "a.warc.gz"
    write_warc(path, [Captured("https://paper.example/a", b"<html><p>News</p></html>")])
    good = path.read_bytes()
    path.write_bytes(good[:-40])
    code, _, err = newswire(capsys, "import-warc", tmp_path)
    told = "1 records cannot be read; `newswire dead import` lists them, `newswire replay import` reads them again\n"
    assert (code, err) == (1, told)
    assert f"file://{path} at " in newswire(capsys, "dead", "import")[1]
    path.write_bytes(good)
    code, out, _ = newswire(capsys, "replay", "import")
    assert (code, "import truncated: 1" in out) == (0, True), out
    assert newswire(capsys, "dead", "import")[1] == "0 dead letters\n"
