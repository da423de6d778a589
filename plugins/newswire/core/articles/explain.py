"""Why a page reads as it does: what each rule found, as data. For people; the pipeline never calls this."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields

import trafilatura

from newswire.core.articles import EXTRACTOR, Reading, read_page
from newswire.core.articles.claims import PageClaims, read_claims
from newswire.core.articles.decoding import decode_html
from newswire.core.language import prepare
from newswire.core.urls import normalize_url
from newswire.records import Article, Explanation, Finding, Page

__all__ = ["explain_article", "prepare"]

_SHOWN_CHARS = 120


def explain_article(page: Page) -> Explanation:
    """What `extract_article` makes of a page, and what it was made of, rule by rule. Call it in a child process as well."""
    reading = read_page(page)
    text = decode_html(page.body, page.content_type)
    findings = [
        Finding(rule="extractor", says=EXTRACTOR),
        Finding(rule="bytes", says=f"{len(page.body):,} bytes as {page.content_type or 'no declared type'}"),
        Finding(rule="characters", says=f"{len(text):,}, of which {text.count(chr(0xFFFD)):,} could not be read"),
    ]
    if reading.body is not None:
        claims = read_claims(trafilatura.load_html(text))
        findings += _claimed(claims)
        if isinstance(reading.result, Article):
            findings += _chosen(reading.result, claims, page)
        findings += _left_out(reading)
    return Explanation(result=reading.result, findings=tuple(findings))


def _claimed(claims: PageClaims) -> Iterator[Finding]:
    """What the page says of itself, best source first; nothing of it is believed yet."""
    for field in fields(claims):
        value = getattr(claims, field.name)
        said = " | ".join(value) if isinstance(value, tuple) else value
        if said:
            yield Finding(rule=f"the page claims: {field.name.replace('_', ' ')}", says=_shown(str(said)))


def _chosen(article: Article, claims: PageClaims, page: Page) -> Iterator[Finding]:
    where = "as claimed" if article.title in claims.titles else "as the page shows it"
    yield Finding(rule="title", says=f"{article.title} ({where})")
    own = "the address that answered" if article.url == normalize_url(page.url) else "the canonical address it declares"
    yield Finding(rule="address", says=f"{article.url} ({own})")
    people = ", ".join(article.authors) or "nobody is named"
    yield Finding(rule="authors", says=people)
    when = f"{article.published_at:%Y-%m-%d %H:%M} UTC" if article.published_at else "no date that can be used"
    yield Finding(rule="published", says=when)
    claimed = f"the page claims {claims.language}" if claims.language else "the page claims none"
    yield Finding(rule="language", says=f"{article.language} by the text; {claimed}")
    yield Finding(rule="kind", says=f"{article.kind}, score {article.score}{_flagged(article)}")


def _flagged(article: Article) -> str:
    return f", flags: {', '.join(article.flags)}" if article.flags else ""


def _left_out(reading: Reading) -> Iterator[Finding]:
    """Lines of the extracted text that are no part of the article, each with the rule that says so."""
    kept = len(reading.text.splitlines())
    yield Finding(
        rule="text",
        says=f"{kept + len(reading.dropped)} lines found by {reading.body.method if reading.body else 'nobody'}, {kept} kept",
    )
    yield from (Finding(rule=f"left out: {rule}", says=_shown(line)) for rule, line in reading.dropped)


def _shown(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _SHOWN_CHARS else f"{text[:_SHOWN_CHARS]}… ({len(text):,} characters)"
