"""The address a request really goes to: checked as text here, and once more on the socket (`doors.py`).

The address is taken apart once and rebuilt from the parts that were checked, so that no second parser can read it
differently.
"""

from __future__ import annotations

import re
import socket
from urllib.parse import SplitResult, quote, urljoin, urlsplit

from yarl import URL

from newswire.core.urls import host_of
from newswire.web.addresses import is_internal, why_not_public
from newswire.web.refusal import Refusal

_MAX_CHARS = 8_192
_DEFAULT_PORTS = {"http": 80, "https": 443}
_PORTS = frozenset({80, 443, 8080, 8443})
_MAX_LABEL_CHARS = 63  # RFC 1035, 2.3.4
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_NUMBER = re.compile(r"0x[0-9a-f]*|\d+")
_KEPT = "!#$%&'()*+,/:;=?@[]~-._|"  # in path and query: browsers send these as they are


def checked_url(url: str, *, internal: bool = False) -> URL:
    """The address to ask, without fragment, its host in ASCII or as a plain IP address. `internal`: private ones too, at any port.

    Raises Refusal: `bad_url` for what is never asked, `blocked_address` for an IP address that is not public.
    """
    text = url.strip()
    parts = _split(text)
    if parts.scheme not in _DEFAULT_PORTS:
        raise Refusal("bad_url", f"only http and https are asked, not {_shown(parts.scheme or text)}")
    if "@" in parts.netloc:
        raise Refusal("bad_url", f"an address with user name or password is not asked: {_shown(parts.netloc)}")
    host, port = _host(parts, internal=internal), _port(parts, internal=internal)
    return _rebuilt(parts, host, port)


def redirect_target(base: URL, location: str) -> str:
    """Where a redirect leads, not checked yet. Raises Refusal."""
    try:
        return urljoin(str(base), location.strip()).partition("#")[0]
    except ValueError:
        raise Refusal("bad_redirect", f"a redirect to no address: {_shown(location)}") from None


def _split(text: str) -> SplitResult:
    if len(text) > _MAX_CHARS:
        raise Refusal("bad_url", f"an address longer than {_MAX_CHARS:,} characters: {_shown(text)}")
    if _CONTROL.search(text):
        raise Refusal("bad_url", f"control characters in the address: {_shown(text)}")
    try:
        return urlsplit(text)
    except ValueError as error:
        raise Refusal("bad_url", f"not an address ({error}): {_shown(text)}") from None


def _host(parts: SplitResult, *, internal: bool) -> str:
    """The ASCII form of a name, or the plain form of a public IP address in whatever notation."""
    host = _ascii(parts)
    if "%" in host:
        raise Refusal("bad_url", f"an IP address of one network card only: {_shown(host)}")
    if host.startswith("["):
        return f"[{_asked(host[1:-1], internal=internal)}]"
    if _NUMBER.fullmatch(host.rpartition(".")[2]):
        return _asked(_ipv4(host), internal=internal)
    if "." not in host and not internal:
        raise Refusal("bad_url", f"not a public host name: {_shown(host)}")
    if max(map(len, host.split("."))) > _MAX_LABEL_CHARS:
        raise Refusal("bad_url", f"a label of more than {_MAX_LABEL_CHARS} characters in the host name {_shown(host)}")
    return host


def _ascii(parts: SplitResult) -> str:
    if not parts.hostname or "\\" in parts.netloc:
        raise Refusal("bad_url", f"no host name in the address: {_shown(parts.netloc)}")
    try:
        return host_of(f"http://[{parts.hostname}]/" if "[" in parts.netloc else f"http://{parts.hostname}/")
    except ValueError as error:
        raise Refusal("bad_url", f"not a host name ({error})") from None


def _ipv4(host: str) -> str:
    """The address behind 2130706433, 0x7f.1 or 127.1: a host whose last label is a number is no name (URL Standard)."""
    try:
        return socket.inet_ntoa(socket.inet_aton(host))
    except OSError:
        raise Refusal("bad_url", f"neither a host name nor an IP address: {_shown(host)}") from None


def _asked(address: str, *, internal: bool) -> str:
    if not (internal and is_internal(address)) and (reason := why_not_public(address)):
        raise Refusal("blocked_address", f"{address} is not a public address: {reason}")
    return address


def _port(parts: SplitResult, *, internal: bool) -> int:
    try:
        port = parts.port or _DEFAULT_PORTS[parts.scheme]
    except ValueError:
        raise Refusal("bad_url", f"not a port: {_shown(parts.netloc)}") from None
    if port not in _PORTS and not internal:
        raise Refusal("bad_url", f"port {port} is not asked, only {', '.join(map(str, sorted(_PORTS)))}")
    return port


def _rebuilt(parts: SplitResult, host: str, port: int) -> URL:
    authority = host if port == _DEFAULT_PORTS[parts.scheme] else f"{host}:{port}"
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        # Header bytes that are not UTF-8 arrive as surrogates of their own; they are sent back as the same bytes.
        spelled = quote(target, safe=_KEPT, errors="surrogateescape")
    except UnicodeEncodeError:
        raise Refusal("bad_url", f"half a character in the address: {_shown(target)}") from None
    return URL(f"{parts.scheme}://{authority}{spelled}", encoded=True)


def _shown(text: str) -> str:
    """A part of an address as one line of a message."""
    return repr(text if len(text) <= 100 else f"{text[:100]}…")  # noqa: PLR2004 - what fits into a line
