"""What kind of page was read, how much it is like an article, and what is to be known of its text.

A kind is a label: a live blog, a video or a teaser stays an article with its kind beside it, and so does what stands at the
address of a front page (old sites showed articles there). Only what is provably none is refused, the kinds in `NO_ARTICLE`:
a wall that asks for consent, and an error that was sent as a page.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from newswire.core.articles.body import Body, is_menu
from newswire.core.articles.claims import PageClaims
from newswire.core.articles.headline import squeezed
from newswire.core.articles.labels import CONSENT, ERROR_TITLE, PAYWALL
from newswire.core.articles.substance import is_dense
from newswire.records import ArticleKind

NO_ARTICLE: frozenset[ArticleKind] = frozenset({"consent_wall", "error_page"})

_FRONT_TYPES = frozenset({"website", "collectionpage", "itemlist"})
_SHORT_CHARS = 400
_TEASER_CHARS = 1_500  # the median story has 4,000; longer texts are more than a teaser even where the rest is sold


@dataclass(frozen=True, slots=True, kw_only=True)
class PageFacts:
    """What kinds and scores are decided by."""

    url: str
    title: str
    text: str  # what became of the body
    body: Body
    claims: PageClaims

    @property
    def says_article(self) -> bool:
        """Whether the page claims to be an article: by its type, or by the moment of its publication."""
        return self.is_typed or bool(self.claims.published or self.claims.published_meta)

    @property
    def is_typed(self) -> bool:
        """Whether the page gives an article's type."""
        return self.claims.is_typed

    @property
    def path(self) -> str:
        """The path of its address, lower case."""
        return urlsplit(self.url).path.lower()

    @property
    def is_short(self) -> bool:
        """Whether its text is hardly more than a teaser."""
        return len(self.text) < _TEASER_CHARS


# --- Kind ------------------------------------------------------------------------------------------------------------


def kind_of(page: PageFacts) -> ArticleKind:
    """The kind of a page: the first that its signs prove, else an article."""
    return next((kind for kind, is_it in _KINDS.items() if is_it(page)), "article")


def _is_error_page(page: PageFacts) -> bool:
    """It says so in its title, and claims nothing else."""
    return not page.says_article and page.is_short and ERROR_TITLE.match(page.title) is not None


_CONSENT_PHRASES = 2  # one stands in the banner of every other page


def _is_consent_wall(page: PageFacts) -> bool:
    """What it says is about consent, not about its headline."""
    if page.is_typed or not page.is_short:
        return False
    lines = page.body.text.split("\n")
    spoken = sum(CONSENT.search(line) is not None for line in lines)
    return spoken >= _CONSENT_PHRASES and 2 * spoken >= len(lines)


_LANGUAGE_PATH = re.compile(r"/?(?:[a-z]{2}(?:-[a-z]{2})?/?)?(?:index\.\w+|home)?/?")


def _is_home_page(page: PageFacts) -> bool:
    """The address of a front page, and a page that calls itself a site: not one that only stands there."""
    is_front = not urlsplit(page.url).query and _LANGUAGE_PATH.fullmatch(page.path) is not None
    return is_front and not page.says_article and bool(_FRONT_TYPES & page.claims.kinds)


_LIVE_PATH = re.compile(
    r"/(?:live|live-?(?:blog|ticker|updates?)|newsblog|en-direct|en-vivo|ao-vivo)(?:[/-]|$)|liveblog|liveticker"
)
_LIVE_TITLE = re.compile(
    r"live[ -]?(?:blog|ticker|updates?)\b|\bas it happened\b|^(?:live|en direct|en vivo|ao vivo|diretta)\s?[:|–-]",
    re.IGNORECASE,
)


def _is_live_blog(page: PageFacts) -> bool:
    is_named = _LIVE_PATH.search(page.path) is not None or _LIVE_TITLE.search(page.title) is not None
    return "liveblogposting" in page.claims.kinds or (is_named and len(page.body.prose) > _POSTS)


_POSTS = 3  # a live blog of fewer is an announcement of one
_VIDEO_PATH = re.compile(r"/(?:videos?|watch|mediathek)(?:/|$)")


def _is_video(page: PageFacts) -> bool:
    """A video with some words to it; a story with a video in it is none."""
    named = _VIDEO_PATH.search(page.path) is not None or any(kind.startswith("video") for kind in page.claims.kinds)
    return page.is_short and named and (not page.is_typed or _VIDEO_PATH.search(page.path) is not None)


_GALLERY_PATH = re.compile(
    r"/(?:galler(?:y|ies)|galer(?:ie|ia|ía)s?|galleria|photos?|pictures|slideshows?|fotos?|fotostrecken?|bildergalerien?|diaporamas?|fotogaler\w+)(?:[/-]|$)"
)
_GALLERY_TYPES = frozenset({"imagegallery", "mediagallery"})


def _is_gallery(page: PageFacts) -> bool:
    return bool(_GALLERY_TYPES & page.claims.kinds) or (page.is_short and _GALLERY_PATH.search(page.path) is not None)


def _is_paywall_teaser(page: PageFacts) -> bool:
    """Short, not free, and the page asks to pay: that it is not free alone says nothing about how much is there."""
    return page.is_short and page.claims.is_free is not True and PAYWALL.search(page.body.text) is not None


_KINDS: dict[ArticleKind, Callable[[PageFacts], bool]] = {
    "error_page": _is_error_page,
    "consent_wall": _is_consent_wall,
    "home_page": _is_home_page,
    "live_blog": _is_live_blog,
    "video": _is_video,
    "gallery": _is_gallery,
    "paywall_teaser": _is_paywall_teaser,
}

# --- Score -----------------------------------------------------------------------------------------------------------

_LONG_SLUG = re.compile(r"/[^/]*(?:-[^/-]+){3,}[^/]*/?$")
_DATE_OR_NUMBER = re.compile(r"/(?:19|20)\d\d[/-]?[01]?\d|\d{5,}")
_PARAGRAPHS = 4
_PROSE_SHARE = 0.3


def score_of(page: PageFacts) -> float:
    """How much a page is like an article, 0 to 1: the share of signs for it, weighed. A label, never a filter."""
    points = (
        2 * page.is_typed
        + 2 * bool(page.claims.published or page.claims.published_meta)
        + bool(_LONG_SLUG.search(page.path) or _DATE_OR_NUMBER.search(page.path))
        + (len(page.body.prose) >= _PARAGRAPHS)
        + (sum(page.body.prose) >= _PROSE_SHARE * page.body.page_chars)
        + (len(page.text) >= _SHORT_CHARS)
        - 2 * (page.path.strip("/") == "")
        - 2 * any(kind.startswith("product") for kind in page.claims.kinds)
        - (not page.says_article and bool(_FRONT_TYPES & page.claims.kinds))
    )
    return round(max(0, points) / _MOST_POINTS, 2)


_MOST_POINTS = 8

# --- Flags -----------------------------------------------------------------------------------------------------------

_ENDS_OPEN = re.compile(r"(?:\.\.\.|…|\[(?:\.\.\.|…|&hellip;)\])$")


def flags_of(page: PageFacts, *, has_headline: bool, dates_differ: bool) -> tuple[str, ...]:
    """What is to be known of an article's text and metadata, in words of one column."""
    flags = {
        "short": len(page.text) < _SHORT_CHARS,
        "menu": is_menu(page.text),
        "truncated": page.is_short and (_ENDS_OPEN.search(page.text) is not None or _is_paywall_teaser(page)),
        "no_headline": not has_headline,
        "off_topic": not _is_on_topic(page),
        "dates_differ": dates_differ,
    }
    return tuple(flag for flag, is_raised in flags.items() if is_raised)


_LONG_WORD = re.compile(r"[^\W\d_]{5,}")
_STEM = 5  # endings change with the case
_CHECKED_CHARS = 3_000


def _is_on_topic(page: PageFacts) -> bool:
    """Whether the text has the stem of a long word of its headline; one without any, or without spaces, says nothing."""
    stems = [squeezed(word)[:_STEM] for word in _LONG_WORD.findall(page.title)]
    said = squeezed(page.text[:_CHECKED_CHARS])
    return not stems or is_dense(page.title) or any(stem in said for stem in stems)
