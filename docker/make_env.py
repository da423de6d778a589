"""Writes the secrets of the containers into a file: `python3 docker/make_env.py .env`, as `make env` does.

Each is random. The file is readable by its owner only. What stands there stays; only names that are missing are added, so
it may be run again after an upgrade. Standard library only: a machine for containers needs nothing else.
"""

# ruff: noqa: INP001 - a script, no package

from __future__ import annotations

import base64
import os
import re
import secrets
import sys
from pathlib import Path

KEY_BYTES = 64  # RFC 7518, 3.2: as long as the output of SHA-512


def password() -> str:
    return secrets.token_urlsafe(32)


def short_password() -> str:
    """Typed by people."""
    return secrets.token_urlsafe(12)


def key() -> str:
    return secrets.token_urlsafe(KEY_BYTES)


def fernet_key() -> str:
    """As the Fernet specification wants it: 32 bytes, base64url."""
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()


SECRETS = {
    "NEWSWIRE_ADMIN_PASSWORD": short_password,  # of the user admin in the Airflow UI
    "NEWSWIRE_POSTGRES_PASSWORD": password,  # of PostgreSQL's superuser: only the service init has it
    "NEWSWIRE_AIRFLOW_PASSWORD": password,
    "NEWSWIRE_OWNER_PASSWORD": password,
    "NEWSWIRE_WRITER_PASSWORD": password,
    "NEWSWIRE_READER_PASSWORD": password,
    "NEWSWIRE_REDIS_PASSWORD": password,
    "NEWSWIRE_FERNET_KEY": fernet_key,
    "NEWSWIRE_SECRET_KEY": key,
    "NEWSWIRE_JWT_SECRET": key,
}


def complete(file: Path) -> list[str]:
    """Adds what is missing; the names that were added."""
    there = file.read_text() if file.exists() else ""
    missing = [name for name in SECRETS if not re.search(f"^{name}=", there, re.MULTILINE)]
    lines = [f"{name}={SECRETS[name]()}\n" for name in missing]
    if there and not there.endswith("\n"):
        lines.insert(0, "\n")
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "a") as opened:
        opened.writelines(lines)
    file.chmod(0o600)
    return missing


def main() -> None:
    file = Path(sys.argv[1])
    added = complete(file)
    print(f"{file}: {len(added)} secrets added" if added else f"{file} is complete; nothing was changed")


if __name__ == "__main__":
    main()
