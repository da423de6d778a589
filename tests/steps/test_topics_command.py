"""`newswire topics`, as an editor uses it: write, check, see, release, understand, overrule."""

from __future__ import annotations

from pathlib import Path

import pytest

from newswire import cli
from newswire.core.urls import address_key
from newswire.settings import CHECKOUT
from newswire.warehouse.connection import connect


@pytest.fixture
def folder(warehouse, monkeypatch, tmp_path) -> Path:
    """An empty configuration over a warehouse of one's own with one article."""
    monkeypatch.setenv("NEWSWIRE_WAREHOUSE", warehouse.dsn())
    monkeypatch.setenv("NEWSWIRE_ARCHIVE", f"file://{tmp_path}/archive")
    monkeypatch.setenv("NEWSWIRE_CONFIG", str(tmp_path))
    monkeypatch.setenv("LOGNAME", "ada")
    with connect(warehouse.dsn(), name="test") as conn:
        conn.execute(
            "INSERT INTO news.publishers (domain) VALUES ('paper.example');"
            "INSERT INTO news.addresses (address_key, url, host) VALUES ('\\x"
            + address_key("https://paper.example/1").hex()
            + "',"
            " 'https://paper.example/1', 'paper.example');"
            "INSERT INTO news.articles (address_id, url, publisher_id, first_seen_at, seen_by, at, day)"
            " SELECT address_id, url, publisher_id, now(), 'live', now(), now()::date FROM news.addresses, news.publishers;"
            "INSERT INTO news.article_versions (article_id, content_sha256, title, text, language, authors, text_source,"
            " extractor) SELECT article_id, '\\x00', 'A headline with grain deal', '', 'en', '{}', 'page', 'test'"
            " FROM news.articles;"
            "UPDATE news.articles SET current_version_id = version_id FROM news.article_versions;"
            "UPDATE news.addresses SET article_id = articles.article_id FROM news.articles;"
            "SELECT ops.ask('tag', array_agg(article_id)) FROM news.articles"
        )
    (tmp_path / "topics").mkdir()
    return tmp_path / "topics"


def newswire(capsys, *words: str) -> tuple[int, str]:
    code = cli.main(list(words))
    told = capsys.readouterr()
    return code, told.out + told.err


def test_from_a_new_file_to_a_persons_word(folder, capsys, warehouse):
    code, told = newswire(capsys, "topics", "new", "grain-deal", "--name", "The grain deal")
    assert (code, (folder / "grain-deal.yaml").exists()) == (0, True)
    assert "newswire topics check" in told
    assert newswire(capsys, "topics", "new", "grain-deal")[0] == 1
    assert newswire(capsys, "topics", "check") == (0, "good  grain-deal\n")
    newswire(capsys, "drain", "tag")
    assert newswire(capsys, "topics", "diff") == (0, "nothing: what the files say is in force\n")

    text = (folder / "grain-deal.yaml").read_text()
    (folder / "grain-deal.yaml").write_text(text.replace("grain deal", "wheat deal"))
    code, told = newswire(capsys, "topics", "release")
    assert code == 1
    assert "newswire topics release grain-deal --yes" in told
    code, told = newswire(capsys, "topics", "release", "--yes", "--note", "renamed")
    assert (code, "1 articles are tagged again" in told) == (0, True)
    newswire(capsys, "drain", "tag")

    code, told = newswire(capsys, "topics", "override", "1", "grain-deal", "yes", "--note", "it is one")
    assert code == 0
    code, told = newswire(capsys, "topics", "suggest", "grain-deal")
    assert "has it, and no rule finds it" in told
    assert "(it is one)" in told
    assert newswire(capsys, "topics", "override", "1", "grain", "yes")[0] == 1
    with connect(warehouse.dsn(), name="test") as conn:
        assert conn.execute("SELECT topic, said_by IS NOT NULL FROM mart.article_topics").fetchall() == [
            ("grain-deal", True)
        ]


def test_an_article_is_explained_by_its_address(folder, capsys):
    newswire(capsys, "topics", "new", "grain-deal")
    newswire(capsys, "drain", "tag")
    code, told = newswire(capsys, "topics", "explain", "http://paper.example/1")
    assert code == 0
    assert "grain-deal: core, score 5" in told
    assert "+5.0  'grain deal' in title 16-26: A headline with grain deal" in told
    assert newswire(capsys, "topics", "explain", "https://paper.example/2")[0] == 1
    assert newswire(capsys, "topics", "explain", "99")[0] == 1


def test_a_wrong_file_is_told_wherever_topics_are_looked_at(folder, capsys):
    (folder / "grain.yaml").write_text("id: grain\nname: [broken\n")
    code, told = newswire(capsys, "topics", "check")
    assert (code, told.startswith("wrong grain.yaml:3: ")) == (1, True)
    code, told = newswire(capsys, "topics", "diff")
    assert "wrong grain.yaml:3: " in told
    assert "the last good version stays in force" in told


def test_the_shipped_files_are_good(capsys, monkeypatch):
    monkeypatch.setenv("NEWSWIRE_CONFIG", str(CHECKOUT / "config"))
    code, told = newswire(capsys, "topics", "check")
    assert (code, {line.split()[0] for line in told.splitlines()}) == (0, {"good"})
