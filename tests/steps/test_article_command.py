"""`newswire article`: what is known of an article, what changed, and why a page reads as it does."""

from __future__ import annotations

from pathlib import Path

import pytest

from newswire import cli
from steps.paper import FIRST, GONE, SECOND, URL, bring, look_again

PAGES = Path(__file__).resolve().parents[1] / "corpus" / "pages"


@pytest.fixture
def ask(app, monkeypatch, capsys, server):
    """The command's exit code and what it printed."""
    monkeypatch.setenv("NEWSWIRE_WAREHOUSE", app.settings.warehouse)
    monkeypatch.setenv("NEWSWIRE_ARCHIVE", app.settings.archive)
    monkeypatch.setenv("NEWSWIRE_MODE", "test")
    monkeypatch.setenv("NEWSWIRE_NEWSROOM", f"127.0.0.1:{server.port}")

    def asked(*arguments):
        code = cli.main(["article", *arguments])
        return code, capsys.readouterr()

    return asked


@pytest.fixture
def known(app, committed, server):
    server.answers["/ferry"] = FIRST
    bring(app, committed, URL)
    look_again(app, committed, server, SECOND)


@pytest.mark.usefixtures("known")
def test_an_article_of_the_warehouse_is_told_with_its_versions_and_how_its_page_was_read(ask, server):
    asked_before = len(server.seen)
    code, said = ask("http://paper.example/ferry?utm_source=feed")
    assert code == 0
    for line in (
        "Ferry season opens early, and a second boat follows\n",
        f"  {URL}\n",
        "no tags\n",
        "  revised, 50% of the text in paragraphs that changed  (newswire-",
        "  title: Ferry season opens early, and a second boat follows (",
    ):
        assert line in said.out
    assert len(server.seen) == asked_before  # its page comes from the archive


@pytest.mark.usefixtures("known")
def test_a_difference_can_be_read(ask):
    code, said = ask(URL, "--diff")
    assert code == 0
    assert "from version 1 to 2 (revised)" in said.out
    assert "- Ferry season opens early\n+ Ferry season opens early, and a second boat follows\n" in said.out
    assert "- Tickets are sold at the harbour" in said.out
    assert "+ On Friday the owner said" in said.out


def test_an_article_that_never_changed_says_so(ask, app, committed, server):
    server.answers["/ferry"] = FIRST
    bring(app, committed, URL)
    assert "it never changed" in ask(URL, "--diff")[1].out


@pytest.mark.usefixtures("known")
def test_an_article_that_is_gone_says_since_when(ask, app, committed, server):
    committed.execute("UPDATE news.addresses SET gone_answers = 2, gone_first_at = '2026-05-01 06:00Z'")
    look_again(app, committed, server, GONE)
    assert "  gone since 2026-05-01 06:00 UTC" in ask(URL)[1].out


def test_an_unknown_address_is_asked_for_and_explained_and_nothing_is_written(ask, committed, server):
    server.answers["/ferry"] = FIRST
    code, said = ask(URL, "--text")
    assert code == 0
    assert said.out.startswith("not in the warehouse")
    assert "an article of " in said.out
    assert "The ferry between the islands" in said.out
    assert committed.execute("SELECT count(*) FROM news.addresses").fetchone() == (0,)


def test_an_address_that_gives_no_page_says_why(ask, server):
    server.answers["/ferry"] = GONE
    code, said = ask(URL)
    assert code == 1
    assert said.err == f"newswire: {URL} gives no page: gone, HTTP 404\n"


def test_a_file_is_explained_rule_by_rule_without_any_warehouse(capsys):
    assert cli.main(["article", str(PAGES / "fr_terres_rares.html"), "--url", "https://journal.example/x"]) == 0
    said = capsys.readouterr().out
    own = "https://journal.example/monde/terres-rares-moscou-propose-de-cooperer"
    assert "  the page claims: authors: Hélène Maurier | Oleg Danine\n" in said
    assert f"  address: {own} (the canonical address it declares)\n" in said
    left_out = [line for line in said.splitlines() if line.startswith("  left out")]
    for line in ("Par Hélène Maurier et Oleg Danine", "Publié le 4 mars 2025 à 07h40", "Photo : Agence du Levant"):
        assert any(said.endswith(f": {line}") for said in left_out)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (
            b"<html><head><title>Ferry season</title></head><body><p>Soon.</p></body></html>",
            "it holds less text than a story",
        ),
        (b"\0" * 100, "it is no HTML page"),
    ],
)
def test_a_file_that_holds_no_article_says_why(capsys, tmp_path, body, reason):
    file = tmp_path / "page.html"
    file.write_bytes(body)
    assert cli.main(["article", str(file)]) == 1
    assert capsys.readouterr().out.endswith(f"no article: {reason}\n")


def test_neither_file_nor_address_is_said_with_the_mend(capsys):
    assert cli.main(["article", "nowhere.html"]) == 1
    assert "give a file, or an address with http:// or https://" in capsys.readouterr().err
