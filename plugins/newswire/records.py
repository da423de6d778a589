"""Every record of Newswire, in the order of the flow: read top to bottom, this file is the pipeline on one page.

feed -> poll -> entry -> address -> fetch -> page -> extract -> article -> group -> duplicate, story
                                                                      +-> tag -> topic match -> marts

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

Stage = Literal["poll", "fetch", "extract", "group", "tag", "publish"]
STAGES: tuple[Stage, ...] = ("poll", "fetch", "extract", "group", "tag", "publish")

Cause = Literal[
    "dns",  # the host name has no address
    "connect",  # refused, reset, unreachable
    "tls",  # certificate or handshake
    "timeout",  # total, connect or read limit of the request
    "blocked_address",  # the host leads to an address that is not public
    "bad_url",  # scheme, port or form that is never asked
    "robots",  # forbidden by robots.txt
    "bad_redirect",  # loop, too many hops, no target
    "protocol",  # not HTTP, or against its rules
    "truncated",  # fewer bytes than announced, or a compressed stream without its end
    "bad_encoding",  # undecodable content coding, or more than one layer
    "too_large",  # more bytes than the limit, on the wire or decoded
    "http_status",  # an answer that is neither content nor one of the expected refusals
    "throttled",  # 429 or 503: asked to come back later
    "not_a_feed",  # a complete answer without any feed in it
    "unreadable",  # the reader of the document failed
    "killed",  # the child that read the document passed its limit of time or memory, or died
    "archive_missing",  # the archived bytes are absent or do not match their digest
    "bad_row",  # the warehouse refuses this row and only this row
    "poison",  # attempts used up without an answer: the process died each time
    "internal",  # our own error; the detail holds the exception
]


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkItem:
    """One claimed row of `ops.work`: the key to work on and the mark that was read with it."""

    key: int
    mark: int
    attempts: int


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
class HeldKey:
    """A row of work that a lease still holds."""

    key: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayedKey:
    """A dead letter that became work again."""

    key: int


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
class HttpResponse:
    """A complete, decoded answer, whatever its status."""

    url: str  # the address that answered, after redirects
    status: int
    headers: tuple[tuple[str, str], ...]  # as received, order kept
    body: bytes  # decoded: no content coding left
    wire_bytes: int
    seconds: float
    redirects: tuple[tuple[int, str], ...] = ()  # (status, target) of each hop

    def header(self, name: str) -> str | None:
        """The first value of a header, case-insensitive; None when absent."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpFailure:
    """No complete answer: why, in one word of the closed list and one sentence."""

    url: str
    cause: Cause
    detail: str
    seconds: float


HttpReply = HttpResponse | HttpFailure

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


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadList:
    """A list of feeds as somebody keeps it in a file, and what is wrong with single lines of it, each `line N: problem; mend`."""

    subscriptions: tuple[Subscription, ...]
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownFeed:
    """A feed that is subscribed to, and its publisher's domain."""

    feed_key: bytes
    domain: str


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
    moved_to: str | None = None  # where it redirects for good, not yet adopted
    moved_since: datetime | None = None
    moved_sightings: int = 0

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


# --- Fetch: address -> page ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class PageRequest:
    """An address to fetch."""

    address_id: int
    url: str
    host: str


FetchOutcome = Literal[
    "stored",  # new bytes, archived
    "unchanged",  # the bytes we have
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
class ArchivePath:
    """A file of the archive that some page points to."""

    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeMonths:
    """How many partitions were made ahead."""

    made: int


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


# --- Extract: page -> article ----------------------------------------------------------------------------------------


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
    first_seen_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedArticle:
    """What storing an article came to: a new version, or the text that was there."""

    address_id: int  # the address that was asked for
    article_id: int
    version_id: int
    changed: bool
    day: date


@dataclass(frozen=True, slots=True, kw_only=True)
class NoArticle:
    """A page that holds no article: an everyday outcome, with its reason."""

    reason: str


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
class ChangedText:
    """A digest of normalised text that some article gained or lost."""

    text_sha256: bytes


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
class Candidate:
    """An article with the fingerprint that grouping compares, and what orders it among its copies."""

    article_id: int
    url: str
    text_sha256: bytes
    published_at: datetime | None
    first_seen_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Duplicate:
    """An article that repeats another: kept, linked, never deleted."""

    article_id: int
    original_id: int
    kind: Literal["exact"]
    reason: str  # what proves it, in words


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


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryCandidate:
    """Two articles that share enough key terms to be compared."""

    article_id: int
    other_id: int
    shared: int
    capped: bool  # there were more than are compared


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


# --- Reports: what people are shown ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far everything has come, in rows."""

    entries: int
    pages: int
    articles: int
    copies: int
    tags: int
    in_work: int  # rows of all stages but poll
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
