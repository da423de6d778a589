"""The raw archive on real files and in memory, read back by ourselves and by an independent reader."""

import gzip
import hashlib
import json
import os
import re
import subprocess
import sys
from base64 import b32encode
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from warcio.archiveiterator import ArchiveIterator

from newswire.archive import Archive
from newswire.errors import ArchiveError, ConfigError
from newswire.records import ArchiveRef, HttpResponse

NOW = datetime(2026, 5, 1, 12, 30, 15, 250_000, tzinfo=UTC)
PATH = "2026/05/01/batch-1.warc.gz"
BODIES = {
    "plain": b"<html><p>Ferry season opens</p></html>",
    "empty": b"",
    "NUL": b"\0" * 100,
    "gzip magic": gzip.compress(b"looks compressed, is not"),
    "the end of a record": b"a\r\n\r\nWARC/1.1\r\nWARC-Type: response\r\n\r\n",
    "HTTP inside": b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc",
    "5 MB": bytes(range(256)) * 20_000,
}


def response(body=b"<p>x</p>", *, url="https://paper.example/a", status=200, headers=(("Content-Type", "text/html"),)):
    return HttpResponse(url=url, status=status, headers=tuple(headers), body=body, wire_bytes=len(body), seconds=0.1)


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "archive"


@pytest.fixture
def archive(folder):
    return Archive(folder.as_uri())


def write(archive, *pages, name="batch-1"):
    return archive.write(pages, now=NOW, name=name)


# --- Round trip ------------------------------------------------------------------------------------------------------


def test_every_body_comes_back_as_it_was(archive):
    refs = write(
        archive, *(response(body, url=f"https://paper.example/{number}") for number, body in enumerate(BODIES.values()))
    )
    assert [archive.read(ref).body for ref in refs] == list(BODIES.values())


def test_a_page_comes_back_with_its_address_type_and_time(archive):
    (ref,) = write(
        archive,
        response(url="https://paper.example/a?b=1&c=%C3%A9#!x", headers=[("content-type", "text/html; charset=x")]),
    )
    page = archive.read(ref)
    assert (page.url, page.content_type, page.fetched_at) == (
        "https://paper.example/a?b=1&c=%C3%A9#!x",
        "text/html; charset=x",
        NOW,
    )


def test_references_are_in_the_order_of_the_pages_and_carry_the_digest(archive):
    refs = write(archive, response(b"one"), response(b"two"), response(b"one"))
    assert [ref.body_sha256 for ref in refs] == [hashlib.sha256(body).digest() for body in (b"one", b"two", b"one")]
    assert len({ref.offset for ref in refs}) == 3


def test_an_empty_batch_writes_no_file(archive, folder):
    assert write(archive) == []
    assert not folder.exists()


@settings(max_examples=60, deadline=None)
@given(
    st.binary(max_size=300),
    st.lists(
        st.tuples(st.sampled_from(["X-A", "Set-Cookie", "Content-Length", "Content-Encoding"]), st.text(max_size=30)),
        max_size=4,
    ),
)
def test_any_body_under_any_headers_comes_back(body, headers):
    archive = Archive("memory://any")
    name = hashlib.sha256(repr((body, headers)).encode()).hexdigest()
    try:
        (ref,) = archive.write([response(body, headers=headers)], now=NOW, name=name)
        assert archive.read(ref).body == body
    finally:
        archive.remove(f"2026/05/01/{name}.warc.gz")


# --- Read by others --------------------------------------------------------------------------------------------------


def test_an_independent_reader_finds_every_record_at_its_offset(archive, folder):
    refs = write(
        archive, *(response(body, url=f"https://paper.example/{number}") for number, body in enumerate(BODIES.values()))
    )
    with (folder / PATH).open("rb") as file:
        iterator = ArchiveIterator(file, check_digests="raise")
        records = [
            (record.content_stream().read(), record.rec_headers, iterator.get_record_offset()) for record in iterator
        ]
    found = [record for record in records if record[1]["WARC-Type"] == "response"]
    assert [offset for _, _, offset in found] == [ref.offset for ref in refs]
    assert [body for body, _, _ in found] == list(BODIES.values())
    assert all(re.fullmatch(r"sha256:[A-Z2-7]{52}={4}", headers["WARC-Payload-Digest"]) for _, headers, _ in found)


def test_the_file_passes_the_check_of_warcio(archive, folder):
    write(archive, *map(response, BODIES.values()))
    checked = subprocess.run(
        [sys.executable, "-m", "warcio.cli", "check", "-v", folder / PATH], capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stdout
    assert checked.stdout.count("digest pass") == 2 * len(BODIES) + 1


def test_headers_are_kept_as_received_and_those_of_the_wire_are_renamed(archive, folder):
    headers = [
        ("Server", "caché\udcff"),  # bytes that are no UTF-8, as the client hands them on
        ("Content-Encoding", "gzip"),
        ("Transfer-Encoding", "chunked"),
        ("Content-Length", "17"),
        ("X-Evil", "a\r\nInjected: yes"),
    ]
    write(archive, response(b"decoded", status=404, headers=headers))
    raw = (folder / PATH).read_bytes()
    head = gzip.decompress(raw).split(b"\r\n\r\nHTTP/1.1", 1)[1].split(b"\r\n\r\n")[0]
    assert head.split(b"\r\n") == [
        b" 404 Not Found",
        "Server: caché".encode() + b"\xff",
        b"X-Archive-Orig-Content-Encoding: gzip",
        b"X-Archive-Orig-Transfer-Encoding: chunked",
        b"X-Archive-Orig-Content-Length: 17",
        b"X-Evil: a  Injected: yes",
        b"Content-Length: 7",
    ]


def test_the_request_is_kept_beside_its_answer_as_it_was_sent(archive, folder):
    page = replace(
        response(url="https://paper.example/a?b=1#c"), sent=(("Host", "paper.example"), ("X-Evil", "a\r\nb"))
    )
    write(archive, page)
    with (folder / PATH).open("rb") as file:
        answer, asked = [record.rec_headers for record in ArchiveIterator(file) if record.rec_type != "warcinfo"]
    assert (answer["WARC-Type"], asked["WARC-Type"]) == ("response", "request")
    assert (answer["WARC-Concurrent-To"], asked["WARC-Concurrent-To"]) == (
        asked["WARC-Record-ID"],
        answer["WARC-Record-ID"],
    )
    assert asked["WARC-Target-URI"] == answer["WARC-Target-URI"] == "https://paper.example/a?b=1#c"
    assert b"GET /a?b=1 HTTP/1.1\r\nHost: paper.example\r\nX-Evil: a  b\r\n\r\n" in gzip.decompress(
        (folder / PATH).read_bytes()
    )


def test_an_index_of_the_file_names_what_replay_tools_look_for(archive, folder):
    [ref] = write(archive, response())
    fields = "offset,warc-type,warc-target-uri,http:status,http:content-type,warc-payload-digest"
    index = subprocess.run(
        [sys.executable, "-m", "warcio.cli", "index", "-f", fields, folder / PATH],
        capture_output=True,
        text=True,
        check=True,
    )
    lines = [json.loads(line) for line in index.stdout.splitlines()]
    [found] = [line for line in lines if line["warc-type"] == "response"]
    assert found["offset"] == str(ref.offset)
    assert found["warc-target-uri"] == "https://paper.example/a"
    assert (found["http:status"], found["http:content-type"]) == ("200", "text/html")
    assert found["warc-payload-digest"] == f"sha256:{b32encode(ref.body_sha256).decode()}"


def test_the_same_batch_makes_the_same_bytes(tmp_path):
    for place in ("one", "two"):
        write(Archive(f"{tmp_path}/{place}"), response(b"a"), response(b"b"))
    assert (tmp_path / "one" / PATH).read_bytes() == (tmp_path / "two" / PATH).read_bytes()


# --- Damage ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "damage",
    [
        lambda content, ref: content[: ref.offset + ref.length - 10],
        lambda content, ref: content[: ref.offset + 5],
        lambda content, ref: content[: ref.offset],
        lambda content, ref: content[: ref.offset + 60] + b"\xff\xff\xff" + content[ref.offset + 63 :],
        lambda content, _ref: b"x" * len(content),
        lambda _content, _ref: b"",
    ],
)
def test_a_damaged_file_is_noticed(archive, folder, damage):
    (ref,) = write(archive, response(os.urandom(500)))
    path = folder / PATH
    path.write_bytes(damage(path.read_bytes(), ref))
    with pytest.raises(ArchiveError, match=re.escape(PATH)):
        archive.read(ref)


def test_a_record_with_another_body_is_noticed(archive):
    one, two = write(archive, response(b"one"), response(b"two"))
    with pytest.raises(ArchiveError, match="digest"):
        archive.read(replace(one, offset=two.offset, length=two.length))


def test_a_reference_into_the_middle_of_the_file_is_noticed(archive):
    one, two = write(archive, response(b"one"), response(b"two"))
    for wrong in (
        replace(one, offset=one.offset + 1),
        replace(one, length=one.length + two.length),
        replace(one, offset=0),
    ):
        with pytest.raises(ArchiveError):
            archive.read(wrong)


def test_an_absent_file_is_an_archive_error(archive):
    with pytest.raises(ArchiveError, match="batch-9"):
        archive.read(ArchiveRef(path="2026/05/01/batch-9.warc.gz", offset=0, length=9, body_sha256=b""))


@pytest.mark.parametrize("path", ["../../etc/passwd", "/etc/passwd", "2026/05/01/../../x.warc.gz", ""])
def test_a_path_out_of_the_archive_is_refused(archive, path):
    with pytest.raises(ArchiveError, match="no path"):
        archive.read(ArchiveRef(path=path, offset=0, length=9, body_sha256=b""))


@pytest.mark.parametrize("name", ["", "../x", "a/b", "a.b", "x" * 81, "é"])
def test_a_file_is_never_named_by_anything_but_plain_letters(archive, name):
    with pytest.raises(ValueError, match="not a name"):
        write(archive, name=name)


# --- Durability ------------------------------------------------------------------------------------------------------


def test_a_file_is_never_written_twice(archive):
    (ref,) = write(archive, response(b"first"))
    with pytest.raises(ArchiveError, match="never written twice"):
        write(archive, response(b"second"))
    assert archive.read(ref).body == b"first"


KILLED_BEFORE_RENAME = """
import os, sys
from datetime import UTC, datetime
from pathlib import Path
from newswire.archive import Archive
from newswire.records import HttpResponse

Path.rename = lambda *_: os._exit(9)
page = HttpResponse(url="https://paper.example/", status=200, headers=(), body=b"x", wire_bytes=1, seconds=0.1)
Archive(sys.argv[1]).write([page], now=datetime(2026, 5, 1, tzinfo=UTC), name="batch-1")
"""


def test_a_crash_before_the_rename_leaves_only_an_unfinished_file(archive, folder):
    died = subprocess.run(
        [sys.executable, "-c", KILLED_BEFORE_RENAME, folder.as_uri()],
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[1] / "plugins")},
        check=False,
    )
    assert died.returncode == 9
    assert [path.name for path in folder.rglob("*") if path.is_file()] == ["batch-1.warc.gz.tmp"]
    assert archive.orphans(set(), older_than=datetime.now(UTC) + timedelta(hours=1)) == [f"{PATH}.tmp"]


def test_a_write_that_fails_leaves_nothing_behind(archive, folder):
    (folder / "2026").mkdir(parents=True)
    (folder / "2026" / "05").write_text("a file where a folder should be")
    with pytest.raises(OSError, match="05"):
        write(archive, response())
    assert [path.name for path in folder.rglob("*") if path.is_file()] == ["05"]


# --- Orphans ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("place", ["file", "memory"])
def test_files_that_no_row_points_to_are_found_and_removed(place, folder):
    archive = Archive(folder.as_uri() if place == "file" else f"memory://{folder.name}")
    (kept,) = write(archive, response(), name="kept")
    (lost,) = write(archive, response(), name="lost")
    soon = datetime.now(UTC) + timedelta(minutes=1)
    assert archive.orphans({kept.path}, older_than=soon) == [lost.path]
    assert archive.orphans({kept.path, lost.path}, older_than=soon) == []
    archive.remove(lost.path)
    assert archive.orphans({kept.path}, older_than=soon) == []
    assert archive.read(kept).body == b"<p>x</p>"


def test_a_young_file_may_still_get_its_rows(archive):
    write(archive, response())
    assert archive.orphans(set(), older_than=datetime.now(UTC) - timedelta(minutes=1)) == []


def test_an_archive_that_was_never_written_to_has_no_orphans(archive):
    assert archive.orphans(set(), older_than=datetime.now(UTC)) == []


def test_an_object_store_gets_each_file_whole(tmp_path):
    archive = Archive("memory://bucket/prefix")
    refs = write(archive, response(b"one"), response(b"two"), name=f"b{tmp_path.name}")
    assert [archive.read(ref).body for ref in refs] == [b"one", b"two"]
    whole = archive._fs.cat_file(f"/bucket/prefix/{refs[0].path}")
    assert [record.rec_type for record in ArchiveIterator(BytesIO(whole))] == ["warcinfo", *["response", "request"] * 2]


def test_a_place_that_needs_another_package_says_which():
    with pytest.raises(ConfigError, match=r"gopher"):
        Archive("gopher://bucket/prefix")
