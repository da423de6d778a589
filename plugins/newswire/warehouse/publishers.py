"""Publishers: who publishes, and who says so."""

from __future__ import annotations

from collections.abc import Sequence

from newswire.core.countries import country_of_domain
from newswire.records import PublisherLine, Subscription, ValueSource
from newswire.warehouse.connection import Conn
from newswire.warehouse.queries import rows, run


def ensure(conn: Conn, domains: Sequence[str], said: Sequence[Subscription], *, said_by: ValueSource = "user") -> None:
    """A publisher for each domain, with what the subscription beside it says; the country, where nobody says it, by domain."""
    countries = [(s.country, said_by) for s in said]
    guessed = [(country_of_domain(domain), "domain") for domain in domains]
    chosen = [told if told[0] else guess for told, guess in zip(countries, guessed, strict=True)]
    run(
        conn,
        "publishers.ensure",
        domains=list(domains),
        names=[s.publisher for s in said],
        countries=[country for country, _ in chosen],
        country_froms=[source if country else None for country, source in chosen],
        languages=[s.language for s in said],
        kinds=[s.kind for s in said],
        said_by=said_by,
    )


def learn_from_feeds(conn: Conn, feed_ids: Sequence[int]) -> None:
    """Take name and languages from feeds that were read, where nobody better gave them."""
    if feed_ids:
        run(conn, "publishers.learn_from_feeds", feed_ids=list(feed_ids))


def learn_from_pages(conn: Conn, domains: Sequence[str], site_names: Sequence[str | None]) -> None:
    """Take the name from pages that were read, where neither a user nor the starter list gave one."""
    if any(site_names):
        run(conn, "publishers.learn_from_pages", domains=list(domains), site_names=list(site_names))


def say(
    conn: Conn,
    domain: str,
    *,
    name: str | None = None,
    country: str | None = None,
    languages: Sequence[str] | None = None,
    kind: str | None = None,
) -> bool:
    """Replace what is known of a publisher by what a user says; False: there is no such publisher."""
    given = None if languages is None else sorted(languages)
    return run(conn, "publishers.set", domain=domain, name=name, country=country, languages=given, kind=kind) > 0


def listed(conn: Conn) -> list[PublisherLine]:
    """Every publisher, with who says each value."""
    return rows(conn, "publishers.listed", PublisherLine)
