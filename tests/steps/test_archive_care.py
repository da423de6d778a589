"""The archive is held against its rows, and swept of files that belong to none."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from newswire import cli
from newswire.errors import ArchiveError
from newswire.records import HttpResponse
from newswire.steps import archive_care
from steps.paper import FIRST, SECOND, URL, bring, look_again

DAY_S = 86_400


@pytest.fixture
def folder(tmp_path) -> Path:
    return tmp_path


@pytest.fixture
def pages(app, committed, server):
    """Two pages of one address, in two files."""
    server.answers["/ferry"] = FIRST
    bring(app, committed, URL)
    look_again(app, committed, server, SECOND)


def lose_a_file(app, folder: Path, *, age_s: float) -> Path:
    """What a crash between file and row leaves."""
    page = HttpResponse(url=URL, status=200, headers=(), body=b"x", wire_bytes=1, seconds=0.1)
    [ref] = app.archive.write([page], now=datetime.now(UTC), name=f"lost-{age_s:.0f}")
    then = time.time() - age_s
    os.utime(folder / ref.path, (then, then))
    return folder / ref.path


# --- Verify -----------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("pages")
def test_every_page_is_what_its_row_says(app):
    assert app.verify_archive() == archive_care.Verified(pages=2, problems=())
    assert app.verify_archive(sample=1).pages == 1


@pytest.mark.usefixtures("pages")
def test_a_page_whose_bytes_changed_or_vanished_is_named(app, committed, folder):
    paths = [path for (path,) in committed.execute("SELECT archive_path FROM news.pages ORDER BY page_id")]
    (folder / paths[0]).unlink()
    committed.execute(
        "UPDATE news.pages SET body_sha256 = sha256('x') WHERE page_id = (SELECT max(page_id) FROM news.pages)"
    )
    missing, other = app.verify_archive().problems
    assert "No such file" in missing
    assert "does not match its digest" in other
    assert all(URL in problem for problem in (missing, other))


def test_more_pages_than_one_batch_of_rows_are_all_read(app, committed, server, monkeypatch):
    monkeypatch.setattr("newswire.warehouse.pages._ROWS", 1)
    server.answers |= {"/ferry": FIRST, "/other": SECOND}
    bring(app, committed, URL, "https://paper.example/other")
    assert app.verify_archive().pages == 2


@pytest.mark.usefixtures("pages")
def test_the_command_says_what_it_read_and_fails_where_something_is_wrong(app, committed, monkeypatch, capsys):
    as_the_app(monkeypatch, app)
    assert cli.main(["archive", "verify"]) == 0
    assert capsys.readouterr().out == "2 pages read, 0 are not what their rows say\n"
    committed.execute("UPDATE news.pages SET body_sha256 = sha256(page_id::text::bytea)")
    assert cli.main(["archive", "verify", "--sample", "1"]) == 1
    assert "1 pages read, 1 are not what their rows say" in capsys.readouterr().out


# --- Sweep ------------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("pages")
def test_an_old_file_without_rows_is_named_first_and_removed_when_asked(app, folder):
    lost = lose_a_file(app, folder, age_s=2 * DAY_S)
    swept = app.sweep_archive(dry_run=True)
    assert (swept.files, len(swept.orphans), swept.removed) == (3, 1, False)
    assert lost.exists()
    assert app.sweep_archive(dry_run=False).orphans == swept.orphans
    assert not lost.exists()
    assert app.verify_archive() == archive_care.Verified(pages=2, problems=())


@pytest.mark.usefixtures("pages")
def test_a_young_file_without_rows_is_never_touched(app, folder):
    lost = lose_a_file(app, folder, age_s=DAY_S - 600)
    assert app.sweep_archive(dry_run=False).orphans == ()
    assert lost.exists()


@pytest.mark.usefixtures("pages")
def test_what_others_keep_beside_the_files_is_not_ours(app, folder):
    (folder / "index.cdxj").write_text("somebody's index")
    os.utime(folder / "index.cdxj", (0, 0))
    assert app.sweep_archive(dry_run=False).orphans == ()
    assert (folder / "index.cdxj").exists()


def test_the_archive_of_another_warehouse_is_left_alone(app, folder):
    lost = lose_a_file(app, folder, age_s=2 * DAY_S)
    with pytest.raises(ArchiveError, match="is this the archive of this warehouse"):
        app.sweep_archive(dry_run=False)
    assert lost.exists()


@pytest.mark.usefixtures("pages")
def test_an_object_store_is_swept_the_same_way(app, committed):
    from newswire.archive import Archive

    store = Archive(f"memory://sweep-{id(app)}")
    page = HttpResponse(url=URL, status=200, headers=(), body=b"x", wire_bytes=1, seconds=0.1)
    for name in ("kept", "lost"):
        store.write([page], now=datetime.now(UTC), name=name)
    committed.execute("UPDATE news.pages SET archive_path = %s", [f"{datetime.now(UTC):%Y/%m/%d}/kept.warc.gz"])
    soon = datetime.now(UTC) + timedelta(days=2)
    swept = archive_care.sweep(committed, store, now=soon, dry_run=False)
    assert [path.rpartition("/")[2] for path in swept.orphans] == ["lost.warc.gz"]
    assert [path.rpartition("/")[2] for path in store.files()] == ["kept.warc.gz"]


@pytest.mark.usefixtures("pages")
def test_the_command_only_names_unless_it_is_told_to_remove(app, folder, monkeypatch, capsys):
    as_the_app(monkeypatch, app)
    lost = lose_a_file(app, folder, age_s=2 * DAY_S)
    assert cli.main(["archive", "sweep"]) == 0
    assert lost.exists()
    assert "1 of 3 files" in capsys.readouterr().out
    assert cli.main(["archive", "sweep", "--remove"]) == 0
    assert not lost.exists()


def as_the_app(monkeypatch, app) -> None:
    """The command line works in the same place."""
    monkeypatch.setenv("NEWSWIRE_WAREHOUSE", app.settings.warehouse)
    monkeypatch.setenv("NEWSWIRE_ARCHIVE", app.settings.archive)
