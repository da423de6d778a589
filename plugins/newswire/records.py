"""Every record of Newswire, in the order of the flow: read top to bottom, this file is the pipeline on one page.

feed -> poll -> entry -> address -> fetch -> page -> extract -> article -> group -> duplicate, story
 +-> hub -> push -^                                                   +-> tag -> topic match -> marts -> alert -> send

Records are frozen and complete: a function receives what it needs and returns a new value. A record named after `->` in
`sql/queries/` is what that query returns; a test compares columns and fields. Times are aware datetimes in UTC, digests are
SHA-256 as 32 bytes, ids (`*_id`) are database numbers for joins, `*_key` are natural keys.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any, Literal

# --- Work: what links the stages -------------------------------------------------------------------------------------

Stage = Literal["poll", "push", "fetch", "extract", "group", "tag", "publish", "alert", "send"]
STAGES: tuple[Stage, ...] = ("poll", "push", "fetch", "extract", "group", "tag", "publish", "alert", "send")
DeadStage = Stage | Literal["import"]  # a record of a WARC file waits in no queue, but may fail for good
DEAD_STAGES: tuple[DeadStage, ...] = (*STAGES, "import")
LIVE, BULK = 0, 10  # priorities of work: what is new goes before imported history

Cause = Literal[
    "dns",  # the host name has no address
    "connect",  # refused, reset, unreachable
    "tls",  # certificate or handshake
    "timeout",  # total, connect or read limit of the request
    "blocked_address",  # the host leads to an address that is not public
    "bad_url",  # scheme, port or form that is never asked
    "robots",  # forbidden by robots.txt
    "credential",  # the connection of the feed is missing, says nothing usable, or would be told to whoever listens
    "bad_redirect",  # loop, too many hops, no target
    "protocol",  # not HTTP, or against its rules
    "truncated",  # fewer bytes than announced, or a compressed stream without its end
    "bad_encoding",  # undecodable content coding, or more than one layer
    "too_large",  # more bytes than the limit, on the wire or decoded
    "http_status",  # an answer that is neither content nor one of the expected refusals
    "throttled",  # 429 or 503: asked to come back later
    "bot_challenge",  # a riddle for browsers in place of the feed (Cloudflare)
    "not_a_feed",  # a complete answer without any feed in it
    "unreadable",  # the reader of the document failed
    "killed",  # the child that read the document passed its limit of time or memory, or died
    "archive_missing",  # the archived bytes are absent or do not match their digest
    "bad_row",  # the warehouse refuses this row and only this row
    "poison",  # attempts used up without an answer: the process died each time
    "refused",  # the mail server, or the service behind a channel of an alert, does not take what it was given
    "internal",  # our own error; the detail holds the exception
]


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkItem:
    """One claimed row of `ops.work`: the key to work on and the mark that was read with it."""

    key: int
    mark: int
    attempts: int
    priority: int = LIVE  # what follows from the work has the same


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Keys for one call of a step, whoever chose them.

    A claim on the work table carries its `lease`, and the step's writes check it; a rebuild or the command line brings
    its own list (`lease` None) and leaves the work table alone.
    """

    stage: Stage
    items: tuple[WorkItem, ...]
    lease: str | None = None

    @property
    def keys(self) -> list[int]:
        return [item.key for item in self.items]


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """Worked on: the row goes, or (for a feed's poll, which always stays) is due again after `due_in_s` seconds."""

    key: int
    due_in_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Again:
    """A transient failure: to be tried again, after `after_s` seconds at the earliest (None: the usual backoff)."""

    key: int
    cause: Cause
    detail: str
    after_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Dead:
    """Failed for good: becomes a dead letter, kept with its cause so that it can be replayed."""

    key: int
    cause: Cause
    detail: str


Verdict = Done | Again | Dead


@dataclass(frozen=True, slots=True, kw_only=True)
class PickedKey:
    """A row of work that is to be leased next."""

    key: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldKey:
    """A row of work that a lease still holds."""

    key: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """A dead letter that became work again."""

    key: int
    cause: Cause


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """Work that failed for good: what it was about, why it failed, and the command that shows its input."""

    stage: str
    key: int
    cause: str
    detail: str
    attempts: int
    first_at: datetime
    last_at: datetime
    subject: str | None
    look: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NextDue:
    """Seconds until a stage has due work; None: only new work can bring it."""

    seconds: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueState:
    """What a stage could claim at one moment, and when time alone may bring it more."""

    pending: int  # rows that a drain could claim now; counted up to a thousand
    oldest_s: float | None  # seconds since the first of them could be claimed; None: nothing is pending
    next_s: float | None  # seconds until a waiting row may be claimed; None: something is pending, or no row waits


@dataclass(frozen=True, slots=True, kw_only=True)
class StepReport:
    """What one call of a step did, in counts: the only thing besides ids that travels between tasks."""

    seen: int = 0
    changed: int = 0
    unchanged: int = 0
    skipped: int = 0
    failed: int = 0
    outcomes: dict[str, int] = field(default_factory=dict)  # how often each outcome or cause came up

    def __add__(self, other: StepReport) -> StepReport:
        outcomes = {
            name: self.outcomes.get(name, 0) + other.outcomes.get(name, 0)
            for name in sorted(self.outcomes.keys() | other.outcomes.keys())
        }
        return StepReport(
            seen=self.seen + other.seen,
            changed=self.changed + other.changed,
            unchanged=self.unchanged + other.unchanged,
            skipped=self.skipped + other.skipped,
            failed=self.failed + other.failed,
            outcomes=outcomes,
        )

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


# --- The web: one answer to one request ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """What proves to one origin that we may ask: headers that are shown to nobody else, and in no log."""

    headers: tuple[tuple[str, str], ...] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpResponse:
    """A complete, decoded answer, whatever its status."""

    url: str  # the address that answered, after redirects
    status: int
    headers: tuple[tuple[str, str], ...]  # as received, order kept
    body: bytes  # decoded: no content coding left
    wire_bytes: int
    seconds: float
    redirects: tuple[tuple[int, str], ...] = ()  # (status, target) of each hop
    sent: tuple[tuple[str, str], ...] = ()  # the headers of the request that this answers
    crawl_delay_s: float = 0.0  # what the host's robots.txt asks for between two requests, where it was read

    def header(self, name: str) -> str | None:
        """The first value of a header, case-insensitive; None when absent."""
        return next(iter(self.headers_named(name)), None)

    def headers_named(self, name: str) -> list[str]:
        """All values of a header, case-insensitive, in the order in which they came."""
        return [value for key, value in self.headers if key.lower() == name.lower()]


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpFailure:
    """No complete answer: why, in one word of the closed list and one sentence."""

    url: str
    cause: Cause
    detail: str
    seconds: float


HttpReply = HttpResponse | HttpFailure


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptRobots:
    """A site's robots.txt as some worker read it."""

    site: str  # scheme, host and port
    status: int
    body: bytes
    age_s: float


# --- Subscriptions ---------------------------------------------------------------------------------------------------

PublisherKind = Literal[
    "agency",  # news for others to print: wire services
    "newspaper",
    "broadcaster",
    "magazine",
    "trade",  # news of one trade, for the trade
    "government",
    "organisation",  # between or beside states
    "research",  # institutes, universities, think tanks
    "blog",
]
ValueSource = Literal["user", "starter", "feed", "page", "domain"]  # who says a value of a publisher


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """A feed that a user wants, with what the user says of it and of its publisher (None: not said)."""

    url: str
    title: str | None = None
    publisher: str | None = None  # name
    domain: str | None = None  # of the publisher; None: the registrable domain of the feed's address
    country: str | None = None  # of the publisher, ISO 3166-1 alpha-2
    language: str | None = None  # of the feed, BCP 47; the publisher's languages are those of its feeds
    kind: PublisherKind | None = None
    groups: tuple[str, ...] = ()  # a group within another is `outer/inner`
    tags: tuple[str, ...] = ()
    owner: str | None = None
    note: str | None = None
    connection: str | None = None  # id of the Airflow connection whose credential the feed is asked with


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadList:
    """A list of feeds as somebody keeps it in a file, and what is wrong with single lines of it, each `line N: problem; mend`."""

    subscriptions: tuple[Subscription, ...]
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownFeed:
    """A feed that is or was subscribed to, and its publisher's domain."""

    feed_key: bytes
    domain: str
    is_removed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedUrl:
    """The address of a feed that is subscribed to."""

    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PublisherLine:
    """A publisher, with who says each value."""

    domain: str
    name: str | None
    name_from: str | None
    country: str | None
    country_from: str | None
    languages: tuple[str, ...]
    languages_from: str | None
    kind: str | None
    kind_from: str | None
    feeds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedHealth:
    """How a feed is: whether it answers, whether what is usual comes, and why not."""

    url: str
    title: str | None
    publisher: str | None
    groups: tuple[str, ...]
    tags: tuple[str, ...]
    state: Literal["good", "failing", "silent", "paused", "new"]
    why: str | None  # in words
    failing_since: datetime | None
    last_success_at: datetime | None
    next_poll_at: datetime | None
    entries: int
    entries_7d: int
    expected_7d: float | None  # None: not known yet
    retries: str | None  # how often a failing feed is still tried
    overflows_28d: int  # documents of which nearly all was new
    hidden_304s: int  # times that a 304 hid news
    discovery_delay_s: float | None  # None: no entry with an exact date came since it was subscribed to
    bytes_saved_28d: int
    connection: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscribedFeed:
    """A feed as the warehouse knows it."""

    feed_id: int
    url: str
    is_new: bool


# --- Poll: feed -> entries -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """How often a feed brings something, as learnt so far (`core/polling/rates.py`)."""

    items: float  # seen, fading
    days: float  # over which they were seen, fading alike
    hours: tuple[float, ...]  # items by hour in UTC, fading: 24 of working days, 24 of weekends
    squares: float  # of the differences between what came and what was expected, fading alike
    at: datetime  # of the last poll that taught it


@dataclass(frozen=True, slots=True, kw_only=True)
class Hints:
    """What the publisher says about being polled."""

    max_age_s: int | None = None  # Cache-Control or Expires of the last answer
    ttl_s: int | None = None  # of the document
    skip_hours: int = 0  # bit 0 to 23: not in this hour (GMT)
    skip_days: int = 0  # bit 0 to 6: not on this day, Monday first (GMT)


@dataclass(frozen=True, slots=True, kw_only=True)
class DueFeed:
    """A feed whose time has come, with what a conditional request and the next decision need."""

    feed_id: int
    url: str
    host: str
    etag: str | None
    last_modified: str | None
    body_sha256: bytes | None
    interval_s: int
    failures: int  # in a row
    failure_score: float = 0.0  # the same, weighed by cause
    rate_items: float | None = None
    rate_days: float | None = None
    rate_hours: tuple[float, ...] | None = None
    rate_squares: float | None = None
    rate_at: datetime | None = None  # None: no document was read yet
    window_items: int | None = None  # in the last document
    max_age_s: int | None = None
    ttl_s: int | None = None
    skip_hours: int = 0
    skip_days: int = 0
    last_polled_at: datetime | None = None
    last_whole_at: datetime | None = None  # when it last answered with a document
    ask_whole: bool = False  # ask without condition: its 304s are doubted
    validator_trust: int = 0  # falls with every 304 that hid news
    connection: str | None = None  # id of the Airflow connection whose credential it is asked with
    moved_to: str | None = None  # where it redirects for good, not yet adopted
    moved_since: datetime | None = None
    moved_sightings: int = 0
    hub_url: str | None = None
    topic_url: str | None = None
    push_since: datetime | None = None  # a hub pushes it since then; None: none does
    push_until: datetime | None = None  # as long as the lease
    push_seen: int = 0  # entries that pushes brought first, of the last 14 days
    push_missed: int = 0  # entries that they should have brought, and a poll did

    @property
    def rate(self) -> Rate | None:
        items, days, hours, squares = self.rate_items, self.rate_days, self.rate_hours, self.rate_squares
        if self.rate_at is None or items is None or days is None or hours is None or squares is None:
            return None
        return Rate(items=items, days=days, hours=tuple(hours), squares=squares, at=self.rate_at)

    @property
    def hints(self) -> Hints:
        return Hints(max_age_s=self.max_age_s, ttl_s=self.ttl_s, skip_hours=self.skip_hours, skip_days=self.skip_days)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unchanged:
    """304, or the same bytes as last time."""

    status: int
    etag: str | None
    last_modified: str | None
    body_bytes: int = 0
    max_age_s: int | None = None
    moved_to: str | None = None  # where every redirect on the way was permanent


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """A complete new document."""

    status: int
    url: str  # the address that answered: links are resolved against it
    body: bytes
    content_type: str | None
    etag: str | None
    last_modified: str | None
    max_age_s: int | None = None
    moved_to: str | None = None  # where every redirect on the way was permanent
    hub_url: str | None = None  # of the header Link, as given
    topic_url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Throttled:
    """429 or 503: the host asks for patience."""

    status: int
    retry_after_s: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """404 or 410: nothing is there (any more)."""

    status: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """No usable answer."""

    cause: Cause
    detail: str
    status: int | None = None


FeedReply = Unchanged | Changed | Throttled | Gone | Failed

FeedFormat = Literal["rss", "atom", "rdf", "json", "sitemap", "sitemap_index"]
DateQuality = Literal["exact", "date_only", "tz_assumed", "future_clamped", "missing", "bad"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One item of a feed, as the publisher wrote it. Not yet an article."""

    entry_key: bytes  # SHA-256 of guid, else link, else title, date and summary; unique within its feed
    guid: str | None
    link: str | None  # absolute; None: the item leads nowhere
    title: str | None  # plain text
    summary: str | None  # plain text
    content: str | None  # plain text of the full content, where the feed carries it
    authors: tuple[str, ...]
    language: str | None  # BCP 47, as the feed or item declares it
    published_raw: str | None
    published_at: datetime | None  # None: the feed gives no usable date
    date_quality: DateQuality
    content_sha256: bytes  # title, summary and content: another digest is a revision


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownEntry:
    """An entry that the warehouse has, and the digest of what it says there."""

    feed_id: int
    entry_key: bytes
    content_sha256: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedMemory:
    """What a document gave, item by item, so that the next one need not be read whole."""

    context: bytes  # digest of what all items share: another one, and nothing is known
    item_digests: bytes  # of the items' text, 16 bytes each
    entry_keys: bytes  # of the entries they became, 32 bytes each, in the same order


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedFeed:
    """A feed document, read. `problems` says in words what had to be repaired or left out."""

    format: FeedFormat
    title: str | None
    site_url: str | None
    language: str | None
    ttl_s: int | None
    items: int  # in the document, with those that are empty or repeat another and so are no entries
    entries: tuple[Entry, ...]
    problems: tuple[str, ...] = ()
    period_s: int | None = None  # how often it says that it is updated: a first guess, no more
    skip_hours: int = 0  # bit 0 to 23: not to be polled in this hour (GMT)
    skip_days: int = 0  # bit 0 to 6: not on this day, Monday first (GMT)
    known: int = 0  # items that a memory knew: unchanged, and not among the entries
    memory: FeedMemory | None = None  # for reading the next document; None: it is to be read whole
    hub_url: str | None = None  # who pushes it (WebSub), as given
    topic_url: str | None = None  # what to ask the hub for, as given


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedLook:
    """What an address gives as a feed right now, before anything is written: a document, or why there is none."""

    url: str  # as asked
    answered_by: str  # after redirects
    parsed: ParsedFeed | None
    problem: str | None = None  # why no feed could be read, with the mend; None: one was
    interval_s: int | None = None  # how often it would be asked at first
    moved_to: str | None = None  # where every redirect on the way was permanent


CandidateOrigin = Literal["address", "link", "anchor", "robots", "usual"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedCandidate:
    """An address that may be a feed of a site, and where it was found."""

    url: str
    origin: CandidateOrigin
    why: str  # in words


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundFeed:
    """A feed of a site: asked and read."""

    candidate: FeedCandidate
    look: FeedLook
    items_a_day: float | None  # None: too few dates to tell
    own_links: float  # share of its links that lead to the site


@dataclass(frozen=True, slots=True, kw_only=True)
class Discovered:
    """The feeds of a site, best first, and what was tried in vain, in words."""

    site: str
    feeds: tuple[FoundFeed, ...]
    tried: tuple[str, ...]


SiteReason = Literal[
    "without",  # its articles come only through the feeds of others
    "trouble",  # a feed of it fails, is gone, or has fallen silent
    "moved",  # a feed of it moved to another address
]
SITE_REASONS: tuple[SiteReason, ...] = ("without", "trouble", "moved")


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteToLook:
    """A site where discovery looks for feeds that nobody subscribed to, and why there, in words."""

    domain: str  # of the publisher
    url: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedProposal:
    """A feed that discovery found, with what a person decides by."""

    url: str
    found: str  # how, in words
    format: FeedFormat
    title: str | None
    language: str | None
    items: int
    newest_at: datetime | None  # None: no item has a usable date
    items_a_day: float | None  # None: too few dates to tell
    own_links: float  # share of its links that lead to the site
    topics: tuple[str, ...]  # those in force that apply to its items, with the number of these: `rare-earths 3`
    samples: tuple[str, ...]  # its newest headlines
    offer_sha256: bytes  # of what makes it another offer: once rejected, it is proposed again only when this changes


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedProposal:
    """A proposal that somebody has to decide about now."""

    proposal_id: int
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposed:
    """The feeds that are proposed of one site; none where there is nothing new, with `problem` where it cannot be read."""

    site: SiteToLook
    feeds: tuple[FeedProposal, ...] = ()
    ids: tuple[int, ...] = ()  # of the feeds, in their order
    problem: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedEntry:
    """An entry that was new (revision 0) or revised."""

    entry_id: int
    feed_id: int
    address_id: int | None
    revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A sighting of the address that a feed redirects to for good."""

    url: str
    adopt: bool  # the evidence is enough: it is the feed's address from now on


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedHub:
    """Who pushes a feed (WebSub), and what to ask them for."""

    hub_url: str
    topic_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PollPlan:
    """What one poll decides: the state the feed has from now on, and when it is asked again."""

    outcome: str  # a word for the log: unchanged, changed, throttled, gone, or the cause of the failure
    etag: str | None
    last_modified: str | None
    body_sha256: bytes | None
    failures: int
    failure_score: float
    interval_s: int
    next_due_s: int  # seconds from now
    rate: Rate | None
    hints: Hints
    window_items: int | None
    last_whole_at: datetime | None
    ask_whole: bool
    validator_trust: int
    hub: FeedHub | None = None
    push_missed: int = 0  # new entries that a push should have brought
    overflowed: bool = False  # everything in the document was new: something may have come and gone unseen
    move: Move | None = None
    detail: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """What a poll may cost in minutes of delay, as last set."""

    price: float
    age_s: float
    polls: int  # in the last hour


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """Whether this machine seems to be cut off."""

    is_down: bool


# --- Push: feed -> hub -> entries, without being asked (WebSub) -------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class HubWish:
    """A feed that is to be asked of its hub, for the first time or anew before a lease ends."""

    feed_id: int
    hub_url: str
    topic_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HubRequest:
    """What a hub is asked for: to begin or to end a subscription. Holds its secrets: never to be logged or shown."""

    hub_subscription_id: int
    mode: Literal["subscribe", "unsubscribe"]
    hub_url: str
    topic_url: str
    token: str = field(repr=False)  # the last part of the callback's address
    secret: str = field(repr=False)  # what its pushes are signed with
    failures: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackUrl:
    """Where hubs reach us; None: nowhere, WebSub is off."""

    url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Callback:
    """What the address that a hub calls stands for."""

    hub_subscription_id: int
    feed_id: int
    hub_url: str
    secret: str = field(repr=False)
    is_live: bool  # pushes are wanted


DropReason = Literal[
    "unsigned",
    "forged",  # signed by somebody who does not know the secret
    "repeated",  # the same bytes were taken before
    "too_large",
    "encoded",  # compressed: hubs send bodies as they are
    "no_room",  # more than is kept of one feed, or of all
]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptPush:
    """What became of a push: kept under a number, or not."""

    push_id: int | None
    had_room: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class HubSubscriptionId:
    """A subscription at a hub that was changed."""

    hub_subscription_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingPush:
    """A push that was kept and not read yet."""

    push_id: int
    feed_id: int
    content_type: str | None
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class PushPlan:
    """What one push decides: what the feed has learnt from it."""

    outcome: str  # changed, unchanged, paused, or the cause why it cannot be read
    rate: Rate | None = None
    detail: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PushHealth:
    """How the pushes of a feed are."""

    url: str
    hub_url: str
    state: Literal["off", "waiting", "asked", "pushed", "relied on", "unreliable", "denied", "paused"]
    why: str  # in words
    lease_until: datetime | None
    last_push_at: datetime | None
    pushes_14d: int
    seen_14d: int
    missed_14d: int
    hit_rate: float | None
    drops_14d: int


# --- Fetch: address -> page ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class PageRequest:
    """An address to fetch, with what a conditional request and the next decision need."""

    address_id: int
    url: str
    host: str
    priority: int = LIVE
    page_id: int | None  # the newest page; None: it was never had
    etag: str | None
    last_modified: str | None
    born_at: datetime  # first seen, or before it when the feed says so
    fetched_at: datetime | None  # last
    revised_at: datetime | None  # when its article last changed; None: never
    gone_answers: int
    gone_first_at: datetime | None
    gone_since: datetime | None
    site_rechecks: int  # of its publisher's articles, fading
    site_revisions: int  # of those looks, how many found another text

    @property
    def absence(self) -> Absence | None:
        if self.gone_first_at is None:
            return None
        return Absence(answers=self.gone_answers, first_at=self.gone_first_at, since=self.gone_since)


@dataclass(frozen=True, slots=True, kw_only=True)
class Absence:
    """Answers in a row that say that a page is not there any more."""

    answers: int  # 410 counts twice
    first_at: datetime
    since: datetime | None  # None: not yet believed


@dataclass(frozen=True, slots=True, kw_only=True)
class PagePlan:
    """What one fetch decides of the next one."""

    etag: str | None
    last_modified: str | None
    recheck_in_s: float | None  # None: not by itself
    absence: Absence | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecheckedAddress:
    """An address whose page is to be asked for again."""

    address_id: int


FetchOutcome = Literal[
    "stored",  # new bytes, archived
    "unchanged",  # the bytes of the last look, or 304
    "returned",  # bytes that we have, though not those of the last look: a page that was put back
    "gone",  # 404, 410
    "robots",  # forbidden by robots.txt
    "refused",  # 401, 402, 403, 451
    "not_html",  # an answer of another kind: PDF, image, feed
    "too_large",  # over the limit of decoded bytes
    "bad_url",  # an address that is never asked
    "failed",  # no usable answer; the cause says why
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetch:
    """What one request for a page came to. `response` is there when bytes are worth keeping."""

    outcome: FetchOutcome
    response: HttpResponse | None = None
    status: int | None = None
    cause: Cause | None = None
    detail: str | None = None
    retry_after_s: int | None = None  # not None: a transient answer, ask again after this many seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveRef:
    """Where a page's bytes lie: one compressed WARC record. The digest is the identity."""

    path: str
    offset: int
    length: int
    body_sha256: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownPage:
    """A body that the archive has already."""

    page_id: int
    address_id: int
    body_sha256: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedPage:
    """A page that was added to the index of the archive."""

    page_id: int
    address_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredPage:
    """A page and where its bytes should lie."""

    page_id: int
    url: str
    archive_path: str
    archive_offset: int
    archive_length: int
    body_sha256: bytes

    @property
    def ref(self) -> ArchiveRef:
        return ArchiveRef(
            path=self.archive_path,
            offset=self.archive_offset,
            length=self.archive_length,
            body_sha256=bytes(self.body_sha256),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressKey:
    """An address to work on."""

    address_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Bytes and headers that an address gave, kept for replay."""

    url: str  # the address that answered
    content_type: str | None
    body: bytes
    fetched_at: datetime


# Who vouches for the time at which something was first seen: we did; the archive that captured it; its publisher says so.
SeenBy = Literal["live", "archive", "claim"]


# --- Extract: page -> article ----------------------------------------------------------------------------------------


DateSource = Literal["structured_data", "meta", "marked_time", "address", "text", "feed"]
DatePrecision = Literal["instant", "local", "day"]  # local: a time without its zone, taken for UTC


@dataclass(frozen=True, slots=True, kw_only=True)
class Dated:
    """A moment in UTC, where it was read, and how much of it was written down."""

    at: datetime
    source: DateSource
    precision: DatePrecision


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryWitness:
    """What the feed says of the article that a page holds."""

    title: str | None
    content: str | None
    published: Dated | None


ArticleKind = Literal[
    "article", "live_blog", "video", "gallery", "paywall_teaser", "consent_wall", "error_page", "home_page"
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """Text and metadata of one publication, as read from its page (or, where no page can be had, from its entry)."""

    url: str  # its own address: the canonical one of the same site if plausible, else the one that answered
    title: str
    text: str  # paragraphs separated by one newline; NFC; offsets of evidence refer to it
    language: str  # BCP 47; 'und' when undetermined
    authors: tuple[str, ...]
    published_at: datetime | None
    site_name: str | None
    text_source: Literal["page", "entry"]
    extractor: str  # name and version of what made it
    content_sha256: bytes  # of title and text: another digest is another version
    kind: ArticleKind = "article"
    score: float | None = None  # 0 to 1: how much the page is like an article; None: there was no page
    flags: tuple[str, ...] = ()  # what is to be known of its quality: short, menu, truncated, ...
    method: Literal["fast", "thorough", "structured_data", "entry"] = "entry"  # what its text comes from
    language_confidence: float = 0.0
    published_source: DateSource | None = None
    published_precision: DatePrecision | None = None
    modified_at: datetime | None = None
    standfirst: str | None = None  # the publisher's own summary of it
    section: str | None = None
    image_url: str | None = None
    is_free: bool | None = None  # None: the publisher does not say
    syndicated_from: str | None = None  # the address on another site that the page calls the original


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What an address has to make an article of: its newest page in the archive, and the entry that led to it."""

    address_id: int
    url: str
    fetch_outcome: str | None  # None: never fetched
    page_id: int | None
    final_url: str | None
    content_type: str | None
    fetched_at: datetime | None
    archive_path: str | None
    archive_offset: int | None
    archive_length: int | None
    body_sha256: bytes | None
    entry_title: str | None
    entry_summary: str | None
    entry_content: str | None
    entry_language: str | None
    entry_authors: tuple[str, ...]
    entry_published_at: datetime | None
    entry_date_quality: str | None
    first_seen_at: datetime
    seen_by: SeenBy = "live"


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedArticle:
    """What storing an article came to: a new version, or the text that was there."""

    address_id: int  # the address that was asked for
    article_id: int
    version_id: int
    changed: bool
    revised: bool  # changed, and it had another text before
    day: date


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteBlock:
    """What a site's articles have in common, or may have: a paragraph and the last stories that carried it."""

    site: str
    block_key: int
    stories: tuple[int, ...]  # addresses of at most three articles, oldest first: versions count once
    days: tuple[date, ...]  # of these stories
    is_repeated: bool  # three distinct stories within the time carried it: it is none of theirs
    sample: str | None  # the paragraph, once it is known to be repeated


@dataclass(frozen=True, slots=True, kw_only=True)
class NoArticle:
    """A page that holds no article: an everyday outcome, with its reason."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one rule found on a page, in words."""

    rule: str
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """What a page reads as, and why."""

    result: Article | NoArticle
    findings: tuple[Finding, ...]  # in the order of the reading


# --- Group: article -> duplicate -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleText:
    """The current version of an article, as grouping and tagging read it."""

    article_id: int
    version_id: int
    url: str
    title: str
    text: str
    summary: str | None
    language: str
    day: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleKey:
    """An article to work on."""

    article_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Fingerprint:
    """What comparing needs of one version of an article. Numbers are hashes, in ascending order where nothing else is said."""

    source_id: int | None  # who published it; None: not known
    at: datetime | None
    words: int  # of the text
    text_key: (
        bytes | None
    )  # equal keys: the same text (of a short one: title and text); None: too short to prove anything
    anchors: tuple[int, ...]  # two articles that share two of them are compared
    sketch: tuple[int, ...]  # the lowest runs of three words
    cut: int  # the highest of the sketch; the largest number where the sketch holds every run
    title: tuple[int, ...]  # its words
    numbers: tuple[int, ...]  # in the text, each occurrence
    opening: tuple[int, ...]  # runs of its first words, in their order, by half their hashes


CopyKind = Literal[
    "exact",  # the same text
    "near",  # most of both texts is the same
    "contained",  # the shorter text is part of the longer one
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Likeness:
    """Two articles that are one piece of writing, and the shares that prove it."""

    kind: CopyKind
    containment: float  # share of the shorter text that stands in the other
    jaccard: float  # share of both texts together
    title_share: float  # of the shorter title
    numbers: int  # of the article that has fewer
    numbers_alike: int  # of them


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedArticle:
    """An article about which something was decided anew."""

    article_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleDay:
    """The day that an article counts for."""

    article_id: int
    day: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleVersion:
    """One version of an article, to be fingerprinted."""

    article_id: int
    version_id: int
    title: str
    text: str
    authors: tuple[str, ...]
    source_id: int
    at: datetime
    day: date


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedWeek:
    """A week of fingerprints that was not there, by its Monday."""

    week: date


@dataclass(frozen=True, slots=True, kw_only=True)
class DroppedWeeks:
    """How many weeks of fingerprints were dropped."""

    dropped: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HotAnchor:
    """An anchor that so many articles of a day carry that it proves nothing: a form, a frame, a house style."""

    day: date
    anchor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PairKey:
    """Two articles, the lower number first."""

    article_a: int
    article_b: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DuplicatePair:
    """Two articles that are one piece of writing, and the shares that prove it. Equal texts need no pair: their key is one."""

    article_a: int
    article_b: int
    kind: CopyKind
    containment: float
    jaccard: float
    title_share: float
    numbers: int
    numbers_alike: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupMember:
    """An article that may be one of a group of copies, and what orders it among them."""

    article_id: int
    url: str
    address_key: bytes
    published_at: datetime | None
    at: datetime
    text_key: bytes | None
    words: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Duplicate:
    """An article that repeats another: kept, linked, never deleted. The shares are those of the pair that joined it."""

    article_id: int
    original_id: int
    via_id: int  # the article it was compared with: the original, or another copy of it
    kind: CopyKind
    containment: float
    jaccard: float
    title_share: float | None  # None: the texts are equal, nothing more was compared
    numbers: int | None
    numbers_alike: int | None
    reason: str  # what proves it, in words
    first_reason: str  # why the original counts as the first


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleVersion:
    """A version of the rule for copies, and what it has grouped."""

    signature: str
    articles: int
    copies: int
    in_force: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleChange:
    """A copy by one version of the rule that is none by another."""

    url: str
    kind: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SwitchedRule:
    """The version of the rule that is in force now, and whether rollups were asked for."""

    in_force: str
    asked: bool


# --- Stories: articles that report one event --------------------------------------------------------------------------

StoryRank = tuple[datetime, str]  # the canonical order of articles: when, then the address


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryArticle:
    """An article as stories read it; a copy takes no part, it inherits the story of its original."""

    article_id: int
    version_id: int
    url: str
    title: str
    text: str
    language: str
    at: datetime
    is_copy: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryFeatures:
    """What is kept of an article to compare it with others (`core/stories/`)."""

    url: str
    at: datetime
    language: str
    body: Mapping[str, float]  # TF-IDF, length 1
    lead: Mapping[str, float]  # the same of its first words
    title: Mapping[str, float]  # what part of the title each term is; they sum up to 1
    names: Mapping[str, float]  # with their rarity
    numbers: frozenset[str]
    written: Mapping[str, str]  # how the terms that tell most are written in full
    key_terms: tuple[int, ...]  # articles that share some of these numbers are compared
    rare_terms: tuple[int, ...]  # of them those that few articles have: one must be shared


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryEvidence:
    """What proves that two articles report one event."""

    score: float
    days: float  # between them
    names: tuple[str, ...]  # the shared ones that weigh most
    terms: tuple[str, ...]
    numbers: tuple[str, ...]
    features: Mapping[str, float]  # each between 0 and 1


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryLink:
    """Two articles of one event; which is earlier is decided by their rank."""

    earlier_id: int
    later_id: int
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryMember:
    """The story that an article belongs to: the id of its representative."""

    article_id: int
    story_id: int
    score: float | None  # None: it is the representative


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFeatures:
    """Features as the warehouse keeps them."""

    article_id: int
    url: str
    language: str
    at: datetime
    features: str  # JSON
    key_terms: tuple[int, ...]
    rare_terms: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryTerms:
    """What of an article is needed to see whom it is near."""

    article_id: int
    url: str
    language: str
    at: datetime
    key_terms: tuple[int, ...]
    rare_terms: tuple[int, ...]  # of them
    earlier: int | None  # at most so many are before it; None: not counted since its features were made
    enough: int | None  # terms that one must share with it to be listed before it


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryNeighbour:
    """An article near another that shares enough key terms with it to be compared."""

    article_id: int
    other_id: int
    is_earlier: bool  # than the article: these are ranked by what they share, and so many are listed
    shared: int  # key terms
    earlier: int  # how many are before the article
    other_earlier: int | None  # at most so many are before the other; None: not counted since its features were made
    other_enough: int | None  # terms that one must share with the other to be listed before it


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryPlace:
    """Where an article stands in the canonical order, and whether it represents a story now (None: undecided)."""

    article_id: int
    at: datetime
    url: str
    represents: bool | None

    @property
    def rank(self) -> StoryRank:
        return self.at, self.url


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryVersion:
    """A rule with its table of frequencies: the stories that it makes stand beside those of others."""

    story_version: str
    rule: str
    frequencies: str
    state: Literal["current", "next", "old"]
    features_from: datetime | None  # features of earlier articles are not kept; None: all are


@dataclass(frozen=True, slots=True, kw_only=True)
class FrequencyTable:
    """The frozen frequencies of one language."""

    terms: tuple[str, ...]
    shares: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryLine:
    """One article of a story for a list, with what proves that it belongs there."""

    article_id: int
    url: str
    title: str
    publisher: str | None
    at: datetime
    is_representative: bool
    is_copy: bool
    score: float | None
    evidence: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryChange:
    """How many pairs of articles two versions of stories agree on, and what each joins alone."""

    articles: int
    stories_before: int
    stories_after: int
    kept: int
    lost: int
    won: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryMove:
    """An article that two versions put into different stories, named by their representatives."""

    url: str
    before_url: str
    after_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguageText:
    """A text in a known language."""

    language: str
    text: str


# --- Tag: article x topic -> topic match -----------------------------------------------------------------------------

Level = Literal["core", "mention"]
Zone = Literal["title", "lead", "body", "summary", "tail"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One span that proves a tag. `start` and `end` are character offsets into the title or the text of the article."""

    group: str
    pattern: str
    zone: Zone
    start: int
    end: int
    weight: float
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicMatch:
    """An article that a topic applies to, how strongly, and why."""

    topic: str  # slug
    level: Level
    score: float
    evidence: tuple[Evidence, ...]  # strongest first


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicInForce:
    """The version of a topic that tags articles now."""

    topic_id: int
    slug: str
    topic_version_id: int
    definition: str  # the YAML text
    sha256: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicProblem:
    """A topic file that cannot be used, in words; the last good version stays in force."""

    slug: str
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicFile:
    """A topic file as it was last read, good or bad."""

    slug: str
    file_sha256: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferedVersion:
    """The version of a topic that its file offers."""

    topic_id: int
    topic_version_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DefinitionsDigest:
    """One digest of all definitions in force."""

    sha256: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicRelease:
    """A change of what is in force that was proposed and is not decided: from one version of a topic to another."""

    release_id: int
    topic_id: int
    slug: str
    from_version_id: int | None  # None: a new topic
    to_version_id: int | None  # None: its file is gone
    definition: str | None  # of the version that it leads to
    approve_above: float
    looked_to: int  # the article up to which the difference is known
    tags_before: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseOutcome:
    """What came of deciding one release."""

    release_id: int
    outcome: Literal["released", "rejected", "overtaken"]
    touched: int = 0  # articles that are tagged again


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeCount:
    """How many articles of one language a release changes in one way."""

    language: str
    kind: str  # added, removed, to core, to mention; proof: the same level by other evidence
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeSample:
    """One article whose tag a release changes."""

    kind: str
    language: str
    level_before: str | None
    level_after: str | None
    title: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedCount:
    """How many articles were asked to be tagged again."""

    asked: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OverrideLine:
    """What a person said of an article and a topic, and what the rules say."""

    article_id: int
    applies: bool
    said_by: str
    note: str | None
    valid_from: datetime
    level: str | None  # None: the rules give no tag
    language: str
    title: str
    text: str


# --- History: the past of a feed, of a site, of an archive -----------------------------------------------------------

HistoryKind = Literal[
    "archived",  # archive documents of a feed: RFC 5005, section 4, prev-archive
    "paged",  # further pages of a feed: RFC 5005, section 3, next; next_url of JSON Feed
    "wordpress",  # further pages of a feed of WordPress: ?paged=2
    "sitemap",  # the sitemaps of the publisher, with their indexes
]
HISTORY_KINDS: tuple[HistoryKind, ...] = ("archived", "paged", "wordpress", "sitemap")
DocumentKind = Literal["feed", "archived", "paged", "wordpress", "robots", "sitemap"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Days:
    """A range of days in UTC, both included."""

    since: date
    until: date

    def __contains__(self, day: date) -> bool:
        return self.since <= day <= self.until

    def __str__(self) -> str:
        return str(self.since) if self.since == self.until else f"{self.since} to {self.until}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PastFeed:
    """A feed whose past is asked for."""

    feed_id: int
    url: str
    domain: str  # of its publisher
    for_publisher: bool  # the sitemaps of its publisher are walked for it


@dataclass(frozen=True, slots=True, kw_only=True)
class PastLink:
    """An address at which a walk through the past may go on."""

    url: str
    kind: DocumentKind
    changed: date | None = None  # the last change, as the index of sitemaps says


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed:
    """What a walk has to know of a document that it passes, whether read now or remembered."""

    links: tuple[PastLink, ...] = ()  # further into the past
    oldest: date | None = None  # the first day that an item claims; None: none has a date
    newest: date | None = None
    fingerprint: bytes | None = None  # of what it lists; None: nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class PastEntry:
    """An entry of the past, and the latest instant at which it was published if its source is right."""

    entry: Entry
    claimed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PastDocument:
    """A document of the past, read for the entries of some days."""

    passed: Passed
    entries: tuple[PastEntry, ...] = ()  # those of the days
    items: int = 0  # of all days
    undated: int = 0  # items that no day can claim


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownDocument:
    """A document that an earlier import read."""

    address_key: bytes
    oldest: date | None
    newest: date | None
    fingerprint: bytes | None
    next_urls: tuple[str, ...]
    next_kinds: tuple[str, ...]
    next_changed: tuple[date | None, ...]
    taken_since: date | None  # the days whose entries were taken from it
    taken_until: date | None
    read_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """A turn of bulk work at a host."""

    wait_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class WarcRecord:
    """One record of a WARC file. A page has its response; of everything else there is the outcome, a broken one with its detail."""

    offset: int
    end: int  # where the next one begins
    outcome: str  # page, the type of another record, or why a response is no page
    cause: Cause | None = None  # why it cannot be read; None: it can
    detail: str | None = None
    response: HttpResponse | None = None
    captured_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadRecord:
    """A record of a WARC file that is a dead letter."""

    url: str  # of the file
    record_offset: int
    cause: Cause
    parts: tuple[str, ...]  # what was asked for of the file


@dataclass(frozen=True, slots=True, kw_only=True)
class WarcProgress:
    """How far the import of a WARC file has come."""

    next_offset: int
    is_finished: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownAddress:
    """An address and its natural key."""

    address_id: int
    address_key: bytes


# --- Publish: facts -> marts -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """One stage at a glance: rows due, leased, waiting for their time, and dead."""

    stage: str
    due: int
    leased: int
    waiting: int
    oldest_due_s: float
    dead: int


# --- Alerts: what people want to be told -> notice -> message -> delivery ---------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """What an Airflow connection says about a channel: where it is and what proves that we may use it. Shown to nobody."""

    host: str | None = field(default=None, repr=False)
    port: int | None = None
    login: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)
    extra: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertFile:
    """An alert file as it was last read, good or bad."""

    name: str
    file_sha256: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertLine:
    """An alert for a list: its last good definition, and what is wrong with its file now."""

    name: str
    definition: str | None
    problem: str | None
    looks_at: str | None  # articles, clock; None: switched off
    since: datetime | None
    told: int
    last_told_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertInForce:
    """An alert that is to be looked after, and what it has looked at."""

    alert_id: int
    name: str
    definition: str
    since: datetime  # what was published before is no news to it
    looked_to: datetime
    last_found_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One thing that an alert found: told once, known by what it is about."""

    subject: str  # natural key within the alert: an address, a day, a check and since when it is wrong
    title: str
    why: str  # the reason, in words
    url: str | None = None
    sentence: str | None = None  # the proof
    article_id: int | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)  # for programs

    def told(self) -> dict[str, Any]:
        """What receivers are given."""
        said = {
            "subject": self.subject,
            "title": self.title,
            "why": self.why,
            "url": self.url,
            "sentence": self.sentence,
        }
        return {name: value for name, value in (said | dict(self.facts)).items() if value is not None}


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingNotice:
    """A notice that no message has told yet."""

    notice_key: bytes
    found_at: datetime
    told: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeKey:
    """A notice that is known."""

    notice_key: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageTime:
    """When a message was made."""

    made_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What is sent, the same to every channel and at every try. Its id is the receiver's key against doubles."""

    webhook_id: str
    title: str
    plain: str
    body: str  # JSON, signed and sent as these very characters
    notice_keys: tuple[bytes, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A message on its way to one channel."""

    delivery_id: int
    webhook_id: str
    title: str
    plain: str
    body: str
    channel: dict[str, Any]
    place: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryKey:
    """A delivery that was made, and the channel whose turn it takes."""

    delivery_id: int
    place: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundArticle:
    """An article that an alert may be about, with what proves it."""

    article_id: int
    url: str
    title: str
    language: str
    publisher: str | None
    country: str | None
    at: datetime
    is_copy: bool
    topic: str | None  # None: found by words
    level: str | None
    score: float
    evidence: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DayCount:
    """Original articles of a day."""

    day: date
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TroubledFeed:
    """A feed in trouble, since when and why."""

    url: str
    title: str | None
    publisher: str | None
    state: str
    why: str | None
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LateCount:
    """How many of the articles that came in lately came late."""

    articles: int
    late: int
    median_s: float | None
    worst_s: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertLogLine:
    """What became of one message at one channel."""

    made_at: datetime
    alert: str
    webhook_id: str
    title: str
    notices: int
    channel: str
    state: str
    attempts: int
    answer: str | None
    sent_at: datetime | None


# --- Rebuild: a day, once more ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebuild:
    """One stage of one day to run again, and how far: an empty tuple narrows nothing."""

    stage: Stage
    day: date
    topics: tuple[str, ...] = ()  # slugs; for the stage tag
    publishers: tuple[str, ...] = ()  # domains
    feeds: tuple[str, ...] = ()  # addresses as subscribed
    languages: tuple[str, ...] = ()  # BCP 47
    limit: int | None = None  # at most so many articles
    force: bool = True  # False: only what another version of code or rules made
    dry_run: bool = False

    def scope_dict(self) -> dict[str, Any]:
        """What narrows it, for the log."""
        every = asdict(self)
        return {
            name: every[name]
            for name in ("topics", "publishers", "feeds", "languages", "limit", "force")
            if every[name]
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """What a result says about a subject, in words: two of them can be compared by people."""

    subject: str
    fact: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A subject about which a rebuild says something else than before."""

    subject: str
    before: tuple[str, ...]
    after: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebuilt:
    """What a rebuild came to: the counts of its step, and the first of what it changed."""

    report: StepReport = field(default_factory=StepReport)
    changes: tuple[Change, ...] = ()
    changed_subjects: int = 0

    def __add__(self, other: Rebuilt) -> Rebuilt:
        return Rebuilt(
            report=self.report + other.report,
            changes=(self.changes + other.changes)[: max(len(self.changes), len(other.changes), 20)],
            changed_subjects=self.changed_subjects + other.changed_subjects,
        )


# --- Care: check, verify, keep, erase ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedCheck:
    """A check of `sql/checks` and how long ago it was asked."""

    name: str
    ago_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongCheck:
    """A check that found something when it was last asked."""

    name: str
    severity: str
    why: str
    rows: int
    wrong_since: datetime
    sample: str | None = None  # the first of its rows, in words

    def __str__(self) -> str:
        since = f"{self.severity} since {self.wrong_since:%Y-%m-%d %H:%M} UTC, {self.name}: {self.why}"
        return f"{since} ({self.rows} rows, such as: {self.sample})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What a reading of archived pages came to: how many, and which are not what their rows say, in words."""

    pages: int
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    """Files of the archive that belong to no page, and whether they were removed."""

    files: int
    orphans: tuple[str, ...]
    removed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """What is to be erased for good, who wants it and why: an article by its address, or a publisher, a range of days, or both."""

    asked_by: str
    why: str
    article: str | None = None
    publisher: str | None = None
    since: date | None = None
    until: date | None = None

    def scope(self) -> dict[str, str]:
        """What it covers, as it is logged: never the address, whose words are to go."""
        days = {name: str(day) for name, day in (("since", self.since), ("until", self.until)) if day}
        return (
            ({"article": "by its address"} if self.article else {})
            | ({"publisher": self.publisher} if self.publisher else {})
            | days
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """What an erasure came to."""

    articles: int = 0
    addresses: int = 0
    entries: int = 0
    pages: int = 0

    def __add__(self, other: Erased) -> Erased:
        return Erased(
            articles=self.articles + other.articles,
            addresses=self.addresses + other.addresses,
            entries=self.entries + other.entries,
            pages=self.pages + other.pages,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasureKey:
    """An erasure in the log."""

    erasure_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryKey:
    """An entry of a feed."""

    entry_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """How logs name a thing."""

    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepingRule:
    """How many days archived pages and texts are kept; None: for ever."""

    pages_days: int | None = None
    text_days: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """How long things are kept: logs, and by group of feeds pages and texts."""

    logs_months: int | None = 13  # None: for ever
    otherwise: KeepingRule = KeepingRule()
    groups: Mapping[str, KeepingRule] = field(default_factory=dict)

    def days(self, what: Literal["pages_days", "text_days"]) -> dict[str | None, int | None]:
        """The days of each group, and under None those of all others."""
        rules: list[tuple[str | None, KeepingRule]] = [(None, self.otherwise), *self.groups.items()]
        return {name: getattr(rule, what) for name, rule in rules}

    def least(self, what: Literal["pages_days", "text_days"]) -> int | None:
        """What is younger is kept by every rule; None: all is kept for ever."""
        return min((days for days in self.days(what).values() if days is not None), default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Retained:
    """What was let go, or would be."""

    months: tuple[str, ...] = ()  # partitions of the logs
    pages: int = 0
    texts: int = 0
    entries: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class LogMonth:
    """A month of a log."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchivePath:
    """A file of the archive that some page points to."""

    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeMonths:
    """How many partitions were made ahead."""

    made: int


# --- Search ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """An article that a query found, and the words around the hit, the hit in «»."""

    url: str
    title: str
    language: str
    publisher: str | None
    country: str | None
    at: datetime
    is_copy: bool
    score: float
    headline: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Refreshed:
    """How many search documents were made again; None: there was nothing to do."""

    made: int | None


# --- Reports: what people are shown ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far everything has come, in rows."""

    entries: int
    pages: int
    articles: int
    copies: int
    tags: int
    in_work: int  # rows of all stages but poll, and but alerts that wait for their hour
    dead: int
    feeds_polled: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleLine:
    """One article for a list, with its tags and the strongest proof."""

    url: str
    title: str
    language: str
    publisher: str | None
    versions: int
    original_url: str | None
    topics: str  # "rare-earths core, ukraine-negotiations mention"; empty: none
    evidence: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownArticle:
    """One article as the warehouse has it."""

    article_id: int
    url: str
    title: str
    language: str
    publisher: str | None
    published_at: datetime | None
    first_seen_at: datetime
    gone_since: datetime | None
    original_url: str | None
    copies: int
    characters: int
    text_source: str
    looks_again_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionText:
    """One version of an article, whole."""

    version: int
    seen_at: datetime
    why: str  # published, revised, read anew
    is_current: bool
    changed_share: float | None
    extractor: str
    title: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TagLine:
    """A tag of an article, with its proof."""

    topic: str
    level: str
    score: float
    evidence: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RelatedUrl:
    """An address that has to do with an article: another of its own, or one of its copies."""

    relation: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedArticle:
    """An article to be held against another, for people."""

    title: str
    text: str
    source_id: int
    at: datetime
    syndication: str | None  # what says that the text came from elsewhere


@dataclass(frozen=True, slots=True, kw_only=True)
class DuplicateLine:
    """One copy beside its original, with what proves it."""

    url: str
    title: str
    original_url: str
    original_title: str
    kind: str
    syndication: str | None  # what says that the text came from elsewhere
    hours_after: float
    reason: str
    first_reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SightingLine:
    """What became of one entry."""

    link: str | None
    outcome: str
    detail: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedLine:
    """One feed and the outcome of its last poll."""

    url: str
    format: str | None
    last_outcome: str | None
    last_detail: str | None
    items: int | None  # of its largest document; None: none was read


@dataclass(frozen=True, slots=True, kw_only=True)
class DelaySummary:
    """Publication to row in seconds: median, 95th percentile, worst, and the median of each stage."""

    articles: int
    median_s: float | None
    p95_s: float | None
    worst_s: float | None
    poll_s: float | None
    fetch_s: float | None
    extract_s: float | None
    tag_s: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedCount:
    """How often something came up."""

    name: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LastError:
    """One failure, for a list of the latest."""

    at: datetime
    stage: str
    subject: str
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """A day that has articles."""

    day: date


# --- The doctor: how an installation is ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerClock:
    """The database's clock, and which PostgreSQL it is."""

    now: datetime
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingGrant:
    """What a role may not do but must; without a relation: it does not exist."""

    role: str
    relation: str | None
    privilege: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckState:
    """A check of the warehouse as it was last asked; no rows is healthy."""

    name: str
    severity: str
    why: str
    rows: int
    ago_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Freshness:
    """How old the newest is; None: there is none yet."""

    article_ago_s: float | None
    poll_ago_s: float | None
    feeds: int
