"""A paper with one article, for tests that need its page to change, vanish or come back."""

from __future__ import annotations

from newswire.app import App
from newswire.records import StepReport
from newswire.warehouse import addresses
from newswire.warehouse.connection import Conn
from web.faultserver import Faults, whole

URL = "https://paper.example/ferry"
LEAD = "The ferry between the islands starts on the first of May, a month earlier than in the years before, its owner says. "
BODY = (
    "Tickets are sold at the harbour and in the shops of both villages, and cost what they have cost for eleven years. "
)
NEWS = "On Friday the owner said that the second boat would follow in June, once its engine has been looked at by the yard. "


def page(title, *paragraphs, headers=('ETag: "1"',), head=""):
    text = "".join(f"<p>{paragraph * 3}</p>" for paragraph in paragraphs)
    html = f"<html lang=en><head><title>{title}</title>{head}</head><body><article><h1>{title}</h1>{text}</article></body></html>"
    return whole(html.encode(), "Content-Type: text/html; charset=utf-8", *headers)


FIRST = page("Ferry season opens early", LEAD, BODY)
SECOND = page("Ferry season opens early, and a second boat follows", LEAD, NEWS, headers=('ETag: "2"',))
NOT_MODIFIED = b'HTTP/1.1 304 Not Modified\r\nETag: "1"\r\n\r\n'
GONE = whole(b"no", status="404 Not Found")


def come(app: App) -> tuple[StepReport, StepReport]:
    """What is asked for is fetched and read."""
    return app.drain("fetch", linger_s=0), app.drain("extract", linger_s=0)


def bring(app: App, conn: Conn, *urls: str) -> None:
    """These addresses are asked for, fetched and read."""
    addresses.ensure(conn, urls)
    unknown = "FROM news.addresses WHERE fetched_at IS NULL"
    conn.execute(f"SELECT ops.ask('fetch', array_agg(address_id), array_agg(host)) {unknown}")
    come(app)


def look_again(app: App, conn: Conn, server: Faults, answer: bytes) -> int:
    """The time of the next look comes, and the server answers so."""
    server.answers["/ferry"] = answer
    conn.execute("UPDATE news.addresses SET recheck_at = now() WHERE recheck_at IS NOT NULL")
    asked = app.recheck().seen
    come(app)
    return asked
