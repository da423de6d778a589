"""Proposing feeds: where one is missing, what was decided stays decided, and a run that died begins anew."""

from __future__ import annotations

import pytest

from newswire import managing
from newswire.errors import ConfigError
from newswire.records import SITE_REASONS, Subscription
from newswire.warehouse import feeds, proposals, publishers
from steps.test_bad_input import html, item, xml
from web.faultserver import whole

SITE = "http://paper.example/"
FEED = f"{SITE}all.rss"
PAGE = html(
    b'<html><head><link rel="alternate" type="application/rss+xml" href="/all.rss"></head><body>Paper</body></html>'
)


def rss(title: str, *headlines: str) -> bytes:
    items = "".join(item("paper.example", f"/{number}", headline) for number, headline in enumerate(headlines))
    return xml(f"<rss version='2.0'><channel><title>{title}</title>{items}</channel></rss>".encode())


@pytest.fixture
def paper(server):
    """A paper whose page names one feed."""
    server.answers |= {
        ("paper.example", "/"): PAGE,
        ("paper.example", "/all.rss"): rss("Paper", "Rare earths refinery gets its loan", "Ferry sails again"),
    }
    return server


def propose(app, *sites: str, run_id: str = "run 1", again: bool = False):
    return managing.propose(app, sites, reasons=SITE_REASONS, most=10, run_id=run_id, again=again)


def decide(app, proposed, *chosen: str, by: str | None = "ann"):
    return app.decide_proposals(proposed.ids, chosen=chosen, groups=["papers"], decided_by=by, note="good paper")


def outcomes(committed) -> list[tuple[str, str | None]]:
    return committed.execute("SELECT outcome, decided_by FROM mart.feed_proposals ORDER BY proposal_id").fetchall()


# --- What is proposed and decided ------------------------------------------------------------------------------------


@pytest.mark.usefixtures("paper")
def test_what_is_chosen_is_subscribed_to_and_due_at_once(app, committed):
    app.propose_releases()  # a new system puts its topics in force
    [one] = propose(app, SITE)
    assert [(feed.url, feed.title, feed.topics) for feed in one.feeds] == [(FEED, "Paper", ("rare-earths 1",))]
    report = decide(app, one, FEED)
    assert report.outcomes == {"subscribed": 1, "rejected": 0}
    assert outcomes(committed) == [("subscribed", "ann")]
    [health] = feeds.health(committed)
    assert (health.url, health.groups, health.state) == (FEED, ["papers"], "new")
    assert committed.execute("SELECT count(*) FROM ops.work WHERE stage = 'poll' AND due_at <= now()").fetchone() == (
        1,
    )


@pytest.mark.usefixtures("paper")
def test_what_waits_is_subscribed_to_or_was_removed_is_not_proposed(app, committed):
    [one] = propose(app, SITE)
    assert propose(app, SITE, run_id="run 2")[0].feeds == ()
    decide(app, one, FEED)
    assert propose(app, SITE, run_id="run 3")[0].feeds == ()
    feeds.remove(committed, [FEED])
    assert propose(app, SITE, run_id="run 4")[0].feeds == ()


def test_what_was_rejected_is_proposed_again_only_when_it_changes_or_is_asked_for(app, committed, paper):
    [one] = propose(app, SITE)
    decide(app, one)
    paper.answers[("paper.example", "/all.rss")] = rss("Paper", "Other headlines", "Every day")
    assert propose(app, SITE, run_id="run 2")[0].feeds == ()
    [asked] = propose(app, SITE, run_id="run 3", again=True)
    decide(app, asked)
    paper.answers[("paper.example", "/all.rss")] = rss("Paper, now with minerals", "Every day")
    [changed] = propose(app, SITE, run_id="run 4")
    assert [feed.url for feed in changed.feeds] == [FEED]
    assert [outcome for outcome, _ in outcomes(committed)] == ["rejected", "rejected", "waiting"]


@pytest.mark.usefixtures("paper")
def test_a_question_that_nobody_answered_lapses_and_may_be_asked_anew(app, committed):
    [one] = propose(app, SITE)
    assert decide(app, one, by=None).outcomes == {"subscribed": 0, "lapsed": 1}
    [anew] = propose(app, SITE, run_id="run 2")
    assert anew.ids
    committed.execute("UPDATE news.feed_proposals SET proposed_at = now() - interval '16 days'")
    [again] = propose(app, SITE, run_id="run 3")
    assert again.ids
    assert outcomes(committed) == [("lapsed", None), ("lapsed", None), ("waiting", None)]


@pytest.mark.usefixtures("paper")
def test_deciding_twice_decides_once(app, committed):
    [one] = propose(app, SITE)
    decide(app, one)
    assert decide(app, one, by="bob").changed == 0
    assert outcomes(committed) == [("rejected", "ann")]


@pytest.mark.usefixtures("paper")
def test_a_run_that_died_before_anybody_was_asked_begins_anew(app, committed):
    propose(app, SITE)
    [one] = propose(app, SITE)  # the next try of the same run
    assert len(one.ids) == 1
    assert outcomes(committed) == [("waiting", None)]


def test_a_site_that_cannot_be_read_says_so_and_stops_nobody(app, committed, paper):
    paper.answers[("gone.example", "/")] = whole(b"no", status="404 Not Found")
    gone, one = propose(app, "http://gone.example/", SITE)
    assert gone.problem is not None
    assert "cannot be read" in gone.problem
    assert one.ids
    looks = committed.execute(
        "SELECT domain, feeds, proposed, problem IS NULL FROM mart.site_looks ORDER BY 1"
    ).fetchall()
    assert looks == [("gone.example", 0, 0, False), ("paper.example", 1, 1, True)]


def test_a_site_that_is_no_address_is_told_before_anything_is_asked(app):
    with pytest.raises(ConfigError, match="give the whole address of the site"):
        propose(app, SITE, "http://")


# --- Where it is looked ----------------------------------------------------------------------------------------------


def sites(conn, *reasons: str) -> list[tuple[str, str, str]]:
    return [
        (one.domain, one.url, one.reason) for one in proposals.sites(conn, reasons=reasons or SITE_REASONS, most=10)
    ]


def bring_article(conn, number: int, url: str, domain: str) -> None:
    """An article of a publisher, as extraction stores it."""
    conn.execute(
        """
        WITH address AS (
            INSERT INTO news.addresses (address_key, url, host) VALUES (sha256(%(url)s::text::bytea), %(url)s::text, 'x') RETURNING address_id)
        INSERT INTO news.articles (address_id, url, publisher_id, first_seen_at, seen_by, at, day)
        SELECT address_id, %(url)s::text, publisher_id, now(), 'live', now(), current_date
        FROM address CROSS JOIN news.publishers WHERE domain = %(domain)s
        """,
        {"url": f"{url}{number}", "domain": domain},
    )


def test_publishers_who_come_only_through_the_feeds_of_others_are_looked_at(committed):
    for domain, count in (("small.example", 4), ("large.example", 6)):
        publishers.ensure(committed, [domain], [Subscription(url=f"http://{domain}/")], said_by="page")
        for number in range(count):
            bring_article(committed, number, f"https://www.{domain}/a/", domain)
    words = "6 of its articles of the last 30 days came through feeds of others"
    assert sites(committed) == [("large.example", "https://www.large.example/", words)]
    feeds.subscribe(committed, [Subscription(url="https://large.example/rss")], interval_s=900)
    assert sites(committed) == []


def test_publishers_with_a_feed_in_trouble_are_looked_at_first_and_left_alone_for_a_month(app, committed, paper):
    feeds.subscribe(
        committed,
        [Subscription(url=f"http://{host}/rss") for host in ("paper.example", "well.example")],
        interval_s=900,
    )
    assert sites(committed) == []
    committed.execute(
        """
        UPDATE news.feeds SET last_polled_at = now(), failures = 3, last_outcome = 'gone', failing_since = '2026-11-01'
        WHERE host = 'paper.example'
        """
    )
    assert sites(committed) == [
        ("paper.example", SITE, "its feed http://paper.example/rss has failed since 2026-11-01")
    ]
    assert sites(committed, "without", "moved") == []
    [one] = propose(app)
    assert [feed.url for feed in one.feeds] == [FEED]
    assert sites(committed) == []
    committed.execute("UPDATE news.site_looks SET looked_at = now() - interval '31 days'")
    assert len(sites(committed)) == 1


def test_publishers_with_a_feed_that_moved_are_looked_at(committed):
    feeds.subscribe(committed, [Subscription(url="http://old.example/rss")], interval_s=900)
    committed.execute(
        """
        INSERT INTO news.feed_url_history (feed_id, address_key, url, adopted_at)
        SELECT feed_id, 'x', 'http://new.example/rss', now() FROM news.feeds
        """
    )
    committed.execute("UPDATE news.feeds SET url = 'http://new.example/rss'")
    assert sites(committed) == [("old.example", "http://old.example/", "its feed moved to http://new.example/rss")]
