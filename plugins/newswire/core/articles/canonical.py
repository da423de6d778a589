"""Which address is the article's own: the one its publisher declares, where that can be believed."""

from __future__ import annotations

from urllib.parse import urlsplit

from newswire.core.urls import normalize_url, resolve, same_site

_HOME_PATHS = frozenset({"", "index.html", "index.htm", "index.php", "home", "home.html"})
_LANGUAGE_CHARS = 2  # /fr/ is a home page too


def article_url(page_url: str, declared: str | None) -> str:
    """The canonical address of the same site if it is not a home page, else the one that answered; normalised.

    Another site's address means that the text was taken over from there (2.4 % of pages): it is not this article's own.
    """
    target = resolve(page_url, declared) if declared else None
    if target is None or not same_site(target, page_url) or _is_home(target):
        return normalize_url(page_url)
    return normalize_url(target)


def original_url(page_url: str, declared: str | None) -> str | None:
    """The address on another site that the page declares as canonical: where its text was taken over from."""
    target = resolve(page_url, declared) if declared else None
    if target is None or same_site(target, page_url) or _is_home(target):
        return None
    return normalize_url(target)


def _is_home(url: str) -> bool:
    parts = urlsplit(url)
    path = parts.path.strip("/").lower()
    return not parts.query and (path in _HOME_PATHS or len(path) == _LANGUAGE_CHARS)
