"""WARC files of other archives are read record by record, whatever is wrong with some of them."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
import zlib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from newswire import warc_files
from newswire.errors import ConfigError
from warc_writing import Captured, record, write_warc

PAGE = b"<html><p>News</p></html>"
URL = "https://paper.example/a"
ROOT = Path(__file__).resolve().parents[1]


def outcomes(path: Path, start: int = 0) -> list[str]:
    return [one.cause or one.outcome for one in warc_files.read(str(path), start=start)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "CC-NEWS-20261111080000-00001.warc.gz"


@pytest.mark.parametrize("with_requests", [True, False])
def test_responses_are_read_with_and_without_their_requests(path, with_requests):
    write_warc(path, [Captured(URL, PAGE)] * 2, with_requests=with_requests)
    assert outcomes(path) == ["warcinfo", *(["request"] * with_requests + ["page"]) * 2]


def test_a_page_comes_with_its_address_time_headers_and_decoded_body(path):
    headers = (("Content-Type", "text/html"), ("Content-Encoding", "gzip"), ("X-Odd", "ä"))
    write_warc(path, [Captured(URL, gzip.compress(PAGE), headers=headers)], with_requests=False)
    [_, found] = warc_files.read(str(path))
    assert found.response
    assert (found.response.url, found.response.status, found.response.body) == (URL, 200, PAGE)
    assert found.response.header("content-type") == "text/html"
    assert found.captured_at == datetime(2026, 11, 11, 8, tzinfo=UTC)


def test_reading_goes_on_at_any_record(path):
    places = write_warc(path, [Captured(URL, PAGE)] * 3, with_requests=False)
    whole = list(warc_files.read(str(path)))
    assert [one.offset for one in whole[1:]] == places
    assert list(warc_files.read(str(path), start=places[1])) == whole[2:]
    assert list(warc_files.read(str(path), start=whole[-1].end)) == []


def test_damage_costs_one_record(path):
    places = write_warc(path, [Captured(URL, os.urandom(5000)), *[Captured(URL, PAGE)] * 2], with_requests=False)
    content = bytearray(path.read_bytes())
    content[places[0] + 2000 : places[0] + 2100] = b"\x1f\x8b\x08" + bytes(97)  # with a false beginning
    path.write_bytes(content)
    records = list(warc_files.read(str(path)))
    assert [one.cause or one.outcome for one in records] == ["warcinfo", "unreadable", "page", "page"]
    assert (records[1].offset, records[1].end) == (places[0], places[1])
    assert "gzip" in (records[1].detail or "")


def test_a_file_that_ends_too_early_says_so(path):
    write_warc(path, [Captured(URL, PAGE)] * 2, with_requests=False)
    path.write_bytes(path.read_bytes()[:-20])
    records = list(warc_files.read(str(path)))
    assert [one.cause or one.outcome for one in records] == ["warcinfo", "page", "truncated"]
    assert records[-1].end == path.stat().st_size


@pytest.mark.parametrize(
    "content",
    [
        record("response", b"abc", kind="application/http"),
        record(
            "response",
            b"HTTP/1.1 200 OK\r\n\r\n",
            {"WARC-Target-URI": URL, "WARC-Date": "soon"},
            kind="application/http",
        ),
        record("response", b"nothing of HTTP", {"WARC-Target-URI": URL}, kind="application/http"),
        gzip.compress(b"GARBAGE\r\n\r\n"),
        gzip.compress(b""),
    ],
    ids=["no address", "no date", "no status", "no record", "nothing"],
)
def test_a_record_without_what_every_response_has_is_broken(path, content):
    write_warc(path, [Captured(URL, PAGE)], with_requests=False)
    path.write_bytes(content + path.read_bytes())
    assert outcomes(path) == ["unreadable", "warcinfo", "page"]


def test_what_is_too_large_is_passed_by(path):
    write_warc(path, [Captured(URL, bytes(6 * 1024**2)), Captured(URL, PAGE)], with_requests=False)
    assert outcomes(path) == ["warcinfo", "too_large", "page"]


MEASURE = """
import json, resource, sys
from newswire import warc_files
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
count = sum(1 for _ in warc_files.read(sys.argv[1]))
print(json.dumps({"records": count, "grown_mb": (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024}))
"""


def test_a_large_file_and_a_bomb_in_it_take_constant_memory(path):
    write_warc(path, [Captured(URL, os.urandom(1024**2))], with_requests=False)
    member = path.read_bytes()
    bomb = zlib.compressobj(9, wbits=zlib.MAX_WBITS + 16)
    with path.open("wb") as file:
        for _ in range(150):
            file.write(member)
        for _ in range(300):
            file.write(bomb.compress(bytes(1024**2)))
        file.write(bomb.flush())
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "plugins")}
    argv = [sys.executable, "-c", MEASURE, str(path)]
    measured = json.loads(subprocess.run(argv, env=environment, check=True, capture_output=True).stdout)
    assert measured["records"] == 301
    assert measured["grown_mb"] < 100


def test_files_are_found_in_a_folder_by_name_or_at_an_address(tmp_path):
    for name in ("2026/11/b.warc.gz", "2026/11/a.warc.gz", "notes.txt"):
        write_warc(tmp_path / name, [])
    found = warc_files.find(str(tmp_path))
    assert found == [f"file://{tmp_path}/2026/11/{name}.warc.gz" for name in "ab"]
    assert warc_files.find(f"file://{tmp_path}") == found
    assert warc_files.find(found[0]) == found[:1]


@pytest.mark.parametrize("address", ["nowhere", "notes.txt", "plain.warc", "gopher://a.example/"])
def test_an_address_without_warc_files_is_refused_with_the_mend(tmp_path, address):
    (tmp_path / "notes.txt").touch()
    (tmp_path / "plain.warc").touch()
    with pytest.raises(ConfigError, match=r"\.warc\.gz|fsspec"):
        warc_files.find(address if ":" in address else str(tmp_path / address))
