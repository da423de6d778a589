"""What an Airflow connection says about asking a feed: its login, a token, or headers of its own, as headers of a request."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from newswire.records import Access, Credential

_NOT_OURS = frozenset({"host", "content-length", "transfer-encoding", "connection", "cookie", "accept-encoding"})


def credential(login: str | None, password: str | None, extra: Mapping[str, Any]) -> Credential:
    """The headers that a connection means. Raises ValueError, `problem; mend`, in which nothing of a secret stands.

    Login and password are basic auth (RFC 7617); a password alone, or `token` in the extra, is a bearer token (RFC 6750);
    `headers` in the extra are sent as they are.
    """
    headers = _own(extra.get("headers", {}))
    token = extra.get("token") or (None if login else password)
    if login:
        headers["Authorization"] = "Basic " + b64encode(f"{login}:{password or ''}".encode()).decode()
    elif token:
        headers["Authorization"] = f"Bearer {token}"
    if not headers:
        raise ValueError(
            'it says nothing; give it a login and password, or {"token": ...} or {"headers": {...}} as extra'
        )
    for name, value in headers.items():
        _check(name, value)
    return Credential(headers=tuple(headers.items()))


def _own(headers: Any) -> dict[str, str]:
    if not isinstance(headers, Mapping):
        raise ValueError(  # noqa: TRY004  what a user wrote, not what a program passed
            '`headers` of its extra is no object; write it as {"X-Key": "..."}'
        )
    return {str(name): str(value) for name, value in headers.items()}


def _check(name: str, value: str) -> None:
    """A line break would begin another header; some headers are the client's own business."""
    if not name.replace("-", "").isalnum() or not name.isascii() or name.lower() in _NOT_OURS:
        raise ValueError(f"{name[:50]!r} in its extra is no header that it may set; take another one")
    if not (value.isascii() and value.isprintable()):
        raise ValueError(f"its value for {name} has characters that no header may have; mend it")


def read_connection(text: str) -> Credential:
    """The same from the text of an environment variable `AIRFLOW_CONN_*`: JSON or an address. Raises ValueError."""
    said = _said(text)
    return credential(said.get("login"), said.get("password"), said["extra"])


def read_access(text: str) -> Access:
    """What such a variable says about a channel. Raises ValueError."""
    said = _said(text)
    return Access(
        host=said.get("host") or None,
        port=int(said["port"]) if str(said.get("port")).isdigit() else None,
        login=said.get("login") or None,
        password=said.get("password") or None,
        extra=said["extra"],
    )


def _said(text: str) -> dict[str, Any]:
    try:
        said: dict[str, Any] = json.loads(text) if text.lstrip().startswith("{") else _from_uri(text)
        extra = said.get("extra") or {}
        extra = json.loads(extra) if isinstance(extra, str) else extra
    except ValueError:  # its message would show the text
        raise ValueError("it is neither JSON nor an address; write it as `airflow connections get` shows it") from None
    return said | {"extra": extra}


def _from_uri(text: str) -> dict[str, Any]:
    parts = urlsplit(text)
    if not parts.scheme:
        raise ValueError
    query = dict(parse_qsl(parts.query))
    extra = json.loads(query["__extra__"]) if "__extra__" in query else query
    return {
        "login": unquote(parts.username) if parts.username else None,
        "password": unquote(parts.password) if parts.password else None,
        "host": parts.hostname,
        "port": parts.port,
        "extra": extra,
    }
