"""Signed webhooks, as Standard Webhooks 1.0.0 writes them (standardwebhooks.com, "Signature scheme")."""

from __future__ import annotations

import hashlib
import hmac
from base64 import b64decode, b64encode
from binascii import Error

_PREFIX = "whsec_"
_BYTES = range(24, 65)  # 192 to 512 bits


def webhook_headers(secrets: str | None, *, webhook_id: str, at_s: int, body: str) -> tuple[tuple[str, str], ...]:
    """The three headers. Several secrets, with a space between, make a signature each: so that one can follow the other.

    Raises ValueError, `problem; mend`, in which nothing of a secret stands.
    """
    keys = [_key(secret) for secret in (secrets or "").split()]
    if not keys:
        raise ValueError("it has no password to sign with; give it whsec_ and 24 to 64 random bytes in base64")
    signatures = " ".join(signature(key, webhook_id=webhook_id, at_s=at_s, body=body) for key in keys)
    return ("webhook-id", webhook_id), ("webhook-timestamp", str(at_s)), ("webhook-signature", signatures)


def signature(key: bytes, *, webhook_id: str, at_s: int, body: str) -> str:
    """What proves that whoever has the key has sent this body under this id at this time."""
    signed = f"{webhook_id}.{at_s}.{body}".encode()
    return "v1," + b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()


def _key(secret: str) -> bytes:
    try:
        key = b64decode(secret.removeprefix(_PREFIX), validate=True)
    except Error:
        key = b""
    if not secret.startswith(_PREFIX) or len(key) not in _BYTES:
        raise ValueError("its password is no signing secret; write whsec_ and 24 to 64 random bytes in base64")
    return key
