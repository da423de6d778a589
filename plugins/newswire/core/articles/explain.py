"""Why a page reads as it does: what each rule found, as data. For people; the pipeline never calls this."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields

import trafilatura

from newswire.core.articles import EXTRACTOR, extract_article
from newswire.core.articles.body import read_body
from newswire.core.articles.claims import PageClaims, read_claims
from newswire.core.articles.decoding import decode_html
from newswire.core.articles.labels import CREDIT, INVITATION, PLACEHOLDER, READ_MORE
from newswire.core.articles.lines import is_byline, is_date_line, repeats_title
from newswire.core.language import prepare
from newswire.core.urls import normalize_url
from newswire.records import Article, Explanation, Finding, Page

__all__ = ["explain_article", "prepare"]

_LABELS = {
    "leads to another story": READ_MORE,
    "invites to something": INVITATION,
    "credits a picture or agency": CREDIT,
    "stands for what is not shown": PLACEHOLDER,
}
_SHOWN_CHARS = 120


def explain_article(page: Page) -> Explanation:
    """What `extract_article` makes of a page, and what it was made of, rule by rule. Call it in a child process as well."""
    result = extract_article(page)
    text = decode_html(page.body, page.content_type)
    findings = [
        Finding(rule="extractor", says=EXTRACTOR),
        Finding(rule="bytes", says=f"{len(page.body):,} bytes as {page.content_type or 'no declared type'}"),
        Finding(rule="characters", says=f"{len(text):,}, of which {text.count(chr(0xFFFD)):,} could not be read"),
    ]
    if isinstance(result, Article):
        tree = trafilatura.load_html(text)
        claims = read_claims(tree)
        body = read_body(tree, article_body=claims.article_body)
        findings += [*_claimed(claims), *_chosen(result, claims, page), *_left_out(result, claims, body)]
    return Explanation(result=result, findings=tuple(findings))


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


def _left_out(article: Article, claims: PageClaims, body: str) -> Iterator[Finding]:
    """Lines of the extracted text that are no part of the article, each with the rule that says so."""
    lines = body.split("\n")
    yield Finding(rule="text", says=f"{len(lines)} lines found, {len(article.text.splitlines())} kept")
    kept = set(article.text.split("\n"))
    for line in lines:
        plain = " ".join(line.lstrip("-| ").split()).rstrip(" |")
        if plain and plain not in kept:
            yield Finding(rule=f"left out: {_why(plain, article, claims)}", says=_shown(plain))


def _why(line: str, article: Article, claims: PageClaims) -> str:
    label = next((name for name, label in _LABELS.items() if label.match(line)), None)
    if label:
        return label
    if is_date_line(line):
        return "a date or time"
    if is_byline(line, article.authors):
        return "a byline"
    if any(repeats_title(line, title) for title in claims.titles):
        return "the headline again"
    return "a rule of the text as a whole"


def _shown(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _SHOWN_CHARS else f"{text[:_SHOWN_CHARS]}… ({len(text):,} characters)"
