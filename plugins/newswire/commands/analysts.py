"""`newswire analysts`: logins for people and tools that ask the warehouse, and what they asked."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager

from newswire.commands.shared import Arguments, Verbs, add_command, at_least_one, running_home, shown
from newswire.warehouse.connection import Conn

SERVER = "NEWSWIRE_SERVER"
_SHOWN_CHARACTERS = 100


def add(commands: Verbs) -> None:
    """The family of commands."""
    help_ = f"logins that may read the warehouse (of another server than the embedded one: ${SERVER}, its superuser's address)"
    parser = commands.add_parser("analysts", help=help_, description=help_)
    verbs = parser.add_subparsers(title="verbs", required=True, metavar="VERB")
    login = add_command(verbs, "add", _add, "a login of its own, read-only; again: a new password")
    login.add_argument("name", help="letters, digits and _")
    add_command(verbs, "list", _list, "every login")
    remove = add_command(verbs, "remove", _remove, "take a login away; its sessions end")
    remove.add_argument("name")
    log = add_command(verbs, "log", _log, "what readers have asked: who, how often, how many rows, how long")
    log.add_argument("--limit", type=at_least_one, default=20, metavar="N")


def _add(arguments: Arguments) -> None:
    from newswire.runtime.databases import READER, ROLES, WAREHOUSE, address
    from newswire.warehouse import analysts

    password = secrets.token_urlsafe(24)
    with _server() as conn:
        role = analysts.add(conn, arguments.name, group=READER, password=password, settings=ROLES[READER])
        at = f"{conn.info.host}:{conn.info.port}"
    print(f"{role} may read the warehouse. The password is shown only now:")
    print(f"  {address(role, password=password, at=at, database=WAREHOUSE)}")


def _list(_: Arguments) -> None:
    from newswire.warehouse import analysts

    with _server() as conn:
        names = analysts.listed(conn)
    print("\n".join(names) if names else "none yet; `newswire analysts add NAME` makes one")


def _remove(arguments: Arguments) -> None:
    from newswire.warehouse import analysts

    with _server() as conn:
        analysts.remove(conn, arguments.name)
    print(f"{arguments.name} may not read the warehouse any more")


def _log(arguments: Arguments) -> None:
    from newswire.runtime.databases import READER, WAREHOUSE
    from newswire.warehouse import analysts

    with _server() as conn:
        asked = analysts.asked(conn, group=READER, database=WAREHOUSE, limit=arguments.limit)
    print(f"{'who':<24}{'times':>7}{'rows':>10}{'seconds':>9}  question")
    shown(
        f"{one.role:<24}{one.calls:>7}{one.rows:>10}{one.total_s:>9.2f}  {' '.join(one.query.split())[:_SHOWN_CHARACTERS]}"
        for one in asked
    )


@contextmanager
def _server() -> Iterator[Conn]:
    """The server, as its superuser: only that may make roles."""
    from newswire.runtime.postgres import SUPERUSER
    from newswire.warehouse import admin

    url = os.environ.get(SERVER)
    if url is None:
        home, port = running_home()
        url = f"postgresql://{SUPERUSER}:{home.secret(SUPERUSER)}@127.0.0.1:{port}/postgres"
    with admin.superuser(url) as conn:
        yield conn
