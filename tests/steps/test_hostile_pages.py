"""Pages that are made to hurt, each read by the child as extract calls it: bounded, with an outcome, and the child lives on.

The limits are those of the pipeline. Sizes are those at which extractors were seen to take 4 to 20 seconds or to lose the text.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from newswire.errors import ChildKilled
from newswire.records import Article, NoArticle, Page
from newswire.steps.child import Child, ChildLimits

LIMITS = ChildLimits()
PROSE = "The harbour board voted on Tuesday to dredge the northern channel before the winter storms arrive. "
STORY = f"<article><h1>Dredging</h1><p>{PROSE * 6}</p></article>"


def page(body: str) -> Page:
    html = f"<html><head><title>Dredging of the channel</title></head><body>{body}</body></html>"
    return Page(
        url="https://a.example/x",
        content_type="text/html; charset=utf-8",
        body=html.encode(),
        fetched_at=datetime(2026, 6, 1, tzinfo=UTC),
    )


@pytest.fixture(scope="module")
def child() -> Iterator[Child]:
    with Child(LIMITS) as running:
        running.warm("newswire.core.articles")
        yield running


HOSTILE = {
    "26,000 paragraphs": "".join(f"<p>{number}. {PROSE[:60]}</p>" for number in range(26_000)),
    "a farm of 20,000 links": "".join(
        f"<a href='/{number}'>Another page of this farm {number}</a> " for number in range(20_000)
    ),
    "100,000 line breaks": f"<p>{PROSE}" + "word<br>" * 100_000,
    "a table of 2,000 rows": "<table>" + ("<tr>" + "<td>1</td>" * 50 + "</tr>") * 2_000 + "</table>",
    "a layout table of 3,000 rows": "<table>" + f"<tr><td>{PROSE}<p>{PROSE}</p></td></tr>" * 3_000 + "</table>",
    "a script of 4 MB": f"{STORY}<script>{'x=1;' * 1_000_000}</script>",
    "4 MB of JSON-LD": f'{STORY}<script type="application/ld+json">[{"[1]," * 999_000}1]</script>',
    "one paragraph of 4 MB": f"<p>{PROSE * 40_000}</p>",
    "divs, 50,000 deep": "<div>" * 50_000 + PROSE * 6,
    "lists, 20,000 deep": "<ul><li>" * 20_000 + PROSE * 6,
    "tables, 10,000 deep": "<table><tr><td>" * 10_000 + PROSE * 6,
    "NUL and control characters": f"{STORY}\x00\x01\x02<p>\x00{PROSE}\x1f</p>",
    "6,000 comments": STORY + "<!-- a comment -->" * 6_000,
    "a heading of 1 MB": f"<h1>{PROSE * 10_000}</h1>{STORY}",
    "60,000 attributes": f"<p {' '.join(f'a{number}=1' for number in range(60_000))}>{PROSE * 3}</p>",
}


@pytest.mark.slow
@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_page_has_an_outcome_in_bounded_time_and_the_child_lives_on(child: Child, body: str):
    """An outcome is an article, a reason, or a death with its cause; never a hang, never an exception of a library."""
    started = time.monotonic()
    try:
        outcome = child.call("newswire.core.articles:extract_article", page(body))
        assert isinstance(outcome, Article | NoArticle)
    except ChildKilled as error:
        assert str(error).startswith(("cpu:", "wall:", "memory:"))  # noqa: PT017 - the cause is the claim
    assert time.monotonic() - started < LIMITS.wall_s + 5
    after = child.call("newswire.core.articles:extract_article", page(STORY))
    assert isinstance(after, Article)


@pytest.mark.parametrize(
    "name", ["a script of 4 MB", "4 MB of JSON-LD", "NUL and control characters", "6,000 comments"]
)
def test_what_is_only_ballast_does_not_cost_the_story(child: Child, name: str):
    article = child.call("newswire.core.articles:extract_article", page(HOSTILE[name]))
    assert isinstance(article, Article)
    assert PROSE.strip() in article.text
